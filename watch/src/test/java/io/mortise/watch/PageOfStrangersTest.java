package io.mortise.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Reading;
import io.mortise.watch.read.Report;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser: names made to break out of it, another site that asks, and a browser that is too old. */
@Timeout(240)
final class PageOfStrangersTest extends InBrowser {
    private static final String EVIL = "</script><img src=x onerror=window.hacked=1>";
    private static final String UPDATE = "UPDATE \"" + EVIL + "\" SET V = V + 1 /* " + EVIL + " */ WHERE ID = ";

    private static final String WHEN_SHOWN = """
            const done = arguments[0];
            const old = document.getElementById('old');
            Promise.all(old.getAnimations().map((one) => one.finished)).then(() => done(getComputedStyle(old).opacity));
            """;

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void assertHarmless(String where) {
        assertThat(browser.script("return document.images.length + ' ' + window.hacked"))
                .as(where)
                .isEqualTo("0 undefined");
        assertThat(browser.text("body")).as(where).contains(EVIL);
    }

    /** Two threads that are called evil, each with a connection that says so too. */
    private List<Connection> evil() throws SQLException {
        try (Connection admin = shop.open("sa", "")) {
            run(admin, "CREATE USER \"" + EVIL + "\" PASSWORD 'x' ADMIN");
            run(admin, "CREATE TABLE \"" + EVIL + "\"(ID VARCHAR PRIMARY KEY, V INT)");
            run(admin, "INSERT INTO \"" + EVIL + "\" VALUES('" + EVIL + "', 0), ('b', 0)");
        }
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Connection connection = shop.open(EVIL, "x");
            connection.setClientInfo("ApplicationName", EVIL);
            connection.setAutoCommit(false);
            run(connection, "SET LOCK_TIMEOUT 600000");
            connections.add(connection);
        }
        return connections;
    }

    /** Each takes its row, then wants the other's. */
    private void deadlock(ExecutorService threads, List<Connection> two) throws Exception {
        run(two.get(0), UPDATE + "'" + EVIL + "'");
        run(two.get(1), UPDATE + "'b'");
        Future<?> first = threads.submit(() -> {
            run(two.get(0), UPDATE + "'b'");
            return null;
        });
        shop.awaitWaiting(1);
        Future<?> second = threads.submit(() -> {
            run(two.get(1), UPDATE + "'" + EVIL + "'");
            return null;
        });
        int refused = 0;
        for (Future<?> one : List.of(first, second)) {
            try {
                one.get();
            } catch (ExecutionException gaveWay) {
                refused++;
            }
        }
        assertThat(refused).isEqualTo(1);
        two.get(0).rollback();
        two.get(1).rollback();
    }

    @Test
    void whatOthersHaveChosenIsTextInEveryViewAndInTheReport(@TempDir Path folder) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool(task -> new Thread(task, EVIL));
        List<Connection> two = evil();
        try {
            deadlock(threads, two);
            run(two.get(0), UPDATE + "'" + EVIL + "'");
            Future<?> waits = threads.submit(() -> {
                run(two.get(1), UPDATE + "'" + EVIL + "'");
                return null;
            });
            shop.awaitWaiting(1);
            browser.enter(server.url(), EVIL, "x");
            browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");
            assertThat(browser.text("#now .card.waits .thread")).contains(EVIL);
            browser.click("#now .card.waits");
            browser.awaits("document.querySelector('#details [data-act]') !== null");
            assertThat(browser.text("#details dl")).contains("Thread" + EVIL, "Application" + EVIL);
            turn("the page");
            browser.click("[data-act='disconnect']");
            assertHarmless("the question");

            Path file = folder.resolve("evil.html");
            try (Database database = Database.open(shop.connections(), "sa", "")) {
                Files.writeString(file, Report.of(new Reading(database, Reading.Detail.ALL)));
            }
            browser.open(file.toUri().toString());
            browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");
            turn("the report");
            assertThat(browser.complaints()).isEmpty();
            two.get(0).rollback();
            waits.get();
        } finally {
            for (Connection connection : two) {
                connection.close();
            }
            threads.shutdown();
        }
    }

    private void turn(String of) {
        for (String view : List.of("past", "deadlocks", "tables", "now")) {
            browser.click("#tab-" + view);
            if (view.equals("past")) {
                browser.awaits("document.querySelector('.lanes .waited') !== null");
            }
            assertHarmless(of + ": " + view);
            assertThat(browser.text("#" + view)).as(of + ": " + view).contains(EVIL);
        }
    }

    @Test
    void aNameThatSomebodyHasPointedHereIsRefused() {
        browser.open("http://" + Browser.POINTED_HERE + ":" + server.port() + "/");
        assertThat(browser.text("body")).contains("This server is not called that");
    }

    @Test
    void anotherSiteCanNeitherActNorFrameThePage() throws IOException {
        enter(); // The browser has the cookie now, and sends it to any port of this host.
        shop.update(shop.ada, 1).expectUpdated(1);
        String html = "<!doctype html><title>Win!</title><form method='post' action='" + server.url()
                + "api/act'><input name='kind' value='disconnect'><input name='session' value='" + shop.ada.id()
                + "'><button>Win!</button></form><iframe src='" + server.url() + "'></iframe>";
        HttpServer foreign = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        foreign.createContext("/", exchange -> {
            byte[] bytes = html.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        });
        foreign.start();
        try {
            browser.open("http://localhost:" + foreign.getAddress().getPort() + "/");
            assertThat(browser.complaints()).anyMatch(message -> message.contains("frame"));
            browser.find("button").click(); // Returns once the answer is there.
            assertThat(browser.text("body")).contains("Only the page itself may ask this.");
            shop.ada.rollback().expectFinished();
        } finally {
            foreign.stop(0);
        }
    }

    @Test
    void aBrowserThatIsTooOldIsTold() {
        browser.block("*/base.js"); // As a script that it cannot read.
        try {
            browser.open(server.url());
            assertThat(browser.answer(WHEN_SHOWN)).isEqualTo("1");
            assertThat(browser.find("#old").getText()).contains("too old", "mortise-watch.jar top");
            assertThat(browser.find("#login").isDisplayed()).isFalse();
        } finally {
            browser.block();
            browser.complaints(); // Are of this test.
        }
    }
}
