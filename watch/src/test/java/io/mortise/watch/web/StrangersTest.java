package io.mortise.watch.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.watch.Shop;
import io.mortise.watch.read.Connections;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who means no good, or leaves in the middle, costs the others nothing for long. */
@Timeout(120)
final class StrangersTest {
    private static final int MORE_THAN_THERE_ARE_THREADS = 80;

    private final Shop shop = new Shop();
    private final AtomicLong clock = new AtomicLong();
    private final List<Socket> sockets = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private WatchServer server;

    @BeforeEach
    void start() throws IOException {
        server = WatchServer.start(Place.loopback(0), shop.connections(), clock::get);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
        shop.close();
    }

    private Socket send(String text) throws IOException {
        Socket socket = new Socket("localhost", server.port());
        sockets.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    private String ask(String first, String headers, String body) throws IOException {
        try (Socket socket = send(first + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers
                + "Content-Length: " + body.length() + "\r\n\r\n" + body)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String logIn(String user, String password) throws IOException {
        String answer = ask("POST /api/login", "", "user=" + user + "&password=" + password);
        Matcher cookie = Pattern.compile("(?i)set-cookie: ([^;]+);").matcher(answer);
        Matcher token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(answer);
        assertThat(cookie.find() && token.find()).as(answer).isTrue();
        return "Cookie: " + cookie.group(1) + "\r\nX-Mortise-Token: " + token.group(1) + "\r\n";
    }

    @Test
    void whoSendsHalfARequestIsCutOff() throws IOException {
        for (String half :
                new String[] {"GET / HT", "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nus"
                }) {
            for (int i = 0; i < MORE_THAN_THERE_ARE_THREADS; i++) {
                send(half);
            }
            for (Socket socket : sockets) {
                assertEnds(socket);
            }
            assertThat(ask("GET /", "", "")).startsWith("HTTP/1.1 200");
            sockets.clear();
        }
    }

    /** With an end or with a reset: what counts is that it comes, as soon as the request has had its time. */
    private void assertEnds(Socket socket) throws IOException {
        socket.setSoTimeout(50);
        int left = 0;
        while (left == 0) {
            try {
                left = socket.getInputStream().read();
            } catch (SocketTimeoutException early) {
                clock.addAndGet(Workers.READING_MILLIS + 1);
            } catch (SocketException reset) {
                left = -1;
            }
        }
        assertThat(left).isEqualTo(-1);
    }

    @Test
    void whoClosesThePageInTheMiddleLeavesNothingOpen() throws IOException {
        String login = logIn("sa", "");
        int before = openSockets();
        for (int i = 0; i < 30; i++) {
            try (Socket socket = send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n" + login + "\r\n");
                    InputStream in = socket.getInputStream()) {
                assertThat(in.read()).isEqualTo('H');
            }
        }
        // The next tick tells that nobody reads. An interrupt is the timeout of the test.
        while (openSockets() > before && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
        assertThat(openSockets()).isLessThanOrEqualTo(before);
    }

    /** Of this process, where the system tells; else 0. */
    private static int openSockets() throws IOException {
        File[] files = new File("/proc/self/fd").listFiles();
        int count = 0;
        for (File file : files == null ? new File[0] : files) {
            try {
                count += Files.readSymbolicLink(file.toPath()).toString().startsWith("socket:") ? 1 : 0;
            } catch (NoSuchFileException closed) {
                assert count >= 0 : "it has gone meanwhile";
            }
        }
        return count;
    }

    @Test
    void ofOneUserTheOldestLoginsGo() throws IOException {
        String first = logIn("sa", "");
        String last = first;
        for (int i = 0; i < 25; i++) {
            clock.incrementAndGet();
            last = logIn("sa", "");
        }
        assertThat(ask("GET /api/session?id=1", first, "")).startsWith("HTTP/1.1 401");
        assertThat(ask("GET /api/session?id=1", last, "")).startsWith("HTTP/1.1 200");
        shop.database.expectRows("SELECT COUNT(*) FROM SYS.SESSIONS WHERE CLIENT_INFO = 'mortise-watch'", "1");
    }

    @Test
    void aNameGivenAgainBringsNotTheRightsOfTheFormer() throws IOException, SQLException {
        try (Connection admin = shop.open("sa", "");
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE USER OP PASSWORD 'old' ADMIN");
            String former = logIn("OP", "old");
            statement.execute("ALTER USER OP RENAME TO BOSS");
            statement.execute("CREATE USER OP PASSWORD 'new'");

            String next = logIn("OP", "new");

            String end = "kind=disconnect&session=" + shop.ada.id();
            assertThat(ask("POST /api/act", next, end)).startsWith("HTTP/1.1 409");
            assertThat(ask("GET /api/me", former, "")).endsWith("{}");
            statement.execute("DROP USER OP");
            statement.execute("CREATE USER OP PASSWORD 'third'");
            assertThat(ask("GET /api/session?id=1", logIn("OP", "third"), "")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void passwordsAreTriedOneAfterAnother() throws Exception {
        AtomicInteger trying = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Door door = door((user, password) -> {
            most.accumulateAndGet(trying.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            trying.decrementAndGet();
            throw new SQLException("no", "28000");
        });
        int guessers = 30;
        CountDownLatch start = new CountDownLatch(guessers);
        ExecutorService threads = Executors.newFixedThreadPool(guessers);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < guessers; i++) {
            String address = "address " + i;
            all.add(threads.submit(() -> {
                start.countDown();
                start.await();
                assertThatThrownBy(() -> door.enter(address, "sa", "guess"))
                        .isInstanceOfAny(SQLException.class, Door.NotNow.class);
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();

        assertThat(most).hasValue(1);
    }

    @Test
    void aUserIsGuessedSeldomFromHoweverManyAddresses() {
        Door door = door((user, password) -> {
            throw new SQLException("no", "28000");
        });
        for (int i = 0; i < 10; i++) {
            String address = "address " + i;
            assertThatThrownBy(() -> door.enter(address, i(address) % 2 == 0 ? "sa" : "SA", "guess"))
                    .isInstanceOf(SQLException.class);
        }
        assertThatThrownBy(() -> door.enter("another address", "sa", "guess"))
                .isInstanceOf(Door.NotNow.class)
                .hasMessageContaining("1 s");
        clock.addAndGet(1001);
        assertThatThrownBy(() -> door.enter("another address", "sa", "guess")).isInstanceOf(SQLException.class);
    }

    private static int i(String address) {
        return Integer.parseInt(address.substring(address.indexOf(' ') + 1));
    }

    private Door door(Connections connections) {
        return new Door(new Logins(connections, 1000, clock::get), clock::get);
    }

    @Test
    void whoLogsInWhileThePageClosesKeepsNoConnection() throws Exception {
        Logins logins = new Logins(shop.connections(), 1000, clock::get);
        Logins.disconnect(logins.endAll("over"));

        assertThatThrownBy(() -> logins.open("sa", "")).hasMessage("The page is being closed.");
        shop.database.expectRows("SELECT COUNT(*) FROM SYS.SESSIONS WHERE CLIENT_INFO = 'mortise-watch'", "0");
    }

    @Test
    void whatIsLateIsInterruptedAndNothingElse() throws Exception {
        Workers workers = new Workers(1, Thread::new, clock::get);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        workers.execute(() -> {
            Workers.allow(500);
            runs.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ended.countDown();
            }
        });
        runs.await();
        clock.set(500);
        workers.endLate();
        assertThat(ended.getCount()).isEqualTo(1);
        clock.set(501);
        workers.endLate();
        ended.await();

        assertThat(interruptedAtFirst(workers)).isFalse();
        workers.shutDown();
    }

    /** Of the next that the only thread serves, as soon as it is free. */
    private static boolean interruptedAtFirst(Workers workers) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        boolean[] was = new boolean[1];
        boolean isTaken = false;
        while (!isTaken) {
            try {
                workers.execute(() -> {
                    was[0] = Thread.currentThread().isInterrupted();
                    done.countDown();
                });
                isTaken = true;
            } catch (java.util.concurrent.RejectedExecutionException busy) {
                Thread.onSpinWait();
            }
        }
        done.await();
        return was[0];
    }
}
