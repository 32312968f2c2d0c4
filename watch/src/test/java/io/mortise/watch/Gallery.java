package io.mortise.watch;

import io.mortise.watch.web.Place;
import io.mortise.watch.web.WatchServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * Pictures of all views for somebody with taste to look at: with 0, 3, 40 and 300 sessions, 400 and 1400 pixels wide,
 * light and dark. {@code -Dwatch.pictures} names the folder. A program and no test: whether it is beautiful, nobody can
 * assert.
 */
public final class Gallery {
    private static final List<Integer> WIDTHS = List.of(400, 1400);

    private Gallery() {}

    public static void main(String[] counts) throws IOException, SQLException {
        try (Browser browser = Browser.start()) {
            for (String count : counts) {
                try (Shop shop = new Shop();
                        Crowd crowd = new Crowd(shop);
                        WatchServer server = WatchServer.start(Place.loopback(0), shop.connections())) {
                    fill(shop, crowd, Integer.parseInt(count));
                    browser.open(server.url());
                    browser.awaits("!document.getElementById('login').hidden");
                    sizes(browser, "login-" + count);
                    browser.enter(server.url(), "sa", "");
                    picture(browser, count);
                }
            }
        }
    }

    private static void fill(Shop shop, Crowd crowd, int sessions) throws SQLException {
        if (sessions == 0) {
            return;
        }
        shop.deadlock();
        shop.failure();
        if (sessions <= 3) {
            shop.queue();
            return;
        }
        shop.cleo
                .step("INSERT INTO ACCOUNTS SELECT X, 100 FROM SYSTEM_RANGE(3, 9)")
                .expectFinished();
        shop.cleo.commit().expectFinished();
        String update = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 12 WHERE ID = ";
        // A long queue; two that hold something themselves while they wait, as others do for them; a queue of its own.
        crowd.hold(1, update + 1)
                .queue(1, update + 3, update + 1)
                .queue(1, update + 4, update + 3)
                .queue(2, update + 4)
                .queue(sessions / 4, update + 1)
                .hold(1, update + 2)
                .queue(sessions / 8, update + 2);
        crowd.hold(sessions / 8, "SELECT * FROM ACCOUNTS WHERE ID = 9 FOR SHARE")
                .idle(sessions / 2);
    }

    /** What a click opens, and the question before an end. */
    private static void details(Browser browser, String count) throws IOException {
        browser.click("#tab-now");
        browser.click("#now .card.root, #now .row");
        browser.awaits("document.querySelector('#details [data-act]') !== null");
        sizes(browser, "details-" + count);
        browser.click("[data-act='roll-back']");
        sizes(browser, "question-" + count);
        browser.click("#confirm .bar button");
        browser.click("#details .close");
    }

    private static void picture(Browser browser, String count) throws IOException {
        for (String view : List.of("now", "past", "deadlocks", "tables")) {
            browser.click("#tab-" + view);
            sizes(browser, view + "-" + count);
        }
        if (!count.equals("0")) {
            details(browser, count);
        }
    }

    private static void sizes(Browser browser, String name) throws IOException {
        for (int width : WIDTHS) {
            browser.size(width, width == 400 ? 860 : 800);
            for (String theme : List.of("light", "dark")) {
                browser.theme(theme);
                browser.script("window.dispatchEvent(new Event('resize'))");
                browser.picture(name + "-" + width + "-" + theme);
            }
        }
    }
}
