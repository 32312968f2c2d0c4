package io.mortise.bench.watch;

import io.mortise.bench.workload.Competitor;
import io.mortise.watch.web.Place;
import io.mortise.watch.web.WatchServer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The page of a database, open in one browser: its server, a login, and somebody who reads what it is sent.
 * Thread-safe.
 */
public final class Onlooker implements AutoCloseable {
    private final HttpClient browser = HttpClient.newHttpClient();
    private final WatchServer server;
    private final String cookie;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private volatile Optional<InputStream> events = Optional.empty();

    private Onlooker(WatchServer server) throws IOException, InterruptedException {
        this.server = server;
        var login = browser.send(
                HttpRequest.newBuilder(URI.create(server.url() + "api/login"))
                        .POST(HttpRequest.BodyPublishers.ofString("user=sa&password="))
                        .build(),
                BodyHandlers.ofString());
        String cookies = login.headers().firstValue("Set-Cookie").orElseThrow();
        this.cookie = cookies.substring(0, cookies.indexOf(';'));
    }

    /** Logs in to the page of a database of ours, in this process, and does not look yet. */
    public static Onlooker at(String database) throws IOException, InterruptedException {
        WatchServer server =
                WatchServer.start(Place.loopback(0), (user, password) -> Competitor.MORTISE.connect(database));
        try {
            return new Onlooker(server);
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Begins to look. */
    public void open() throws IOException, InterruptedException {
        InputStream body = browser.send(
                        HttpRequest.newBuilder(URI.create(server.url() + "api/events"))
                                .header("Cookie", cookie)
                                .build(),
                        BodyHandlers.ofInputStream())
                .body();
        events = Optional.of(body);
        Thread reader = new Thread(() -> read(body), "onlooker");
        reader.setDaemon(true);
        reader.start();
    }

    /** Looks no more. */
    public void leave() throws IOException {
        if (events.isPresent()) {
            events.get().close();
        }
    }

    private void read(InputStream body) {
        byte[] some = new byte[65_536];
        try {
            for (int n = body.read(some); n >= 0; n = body.read(some)) {
                bytes.addAndGet(n);
                sent.addAndGet(new String(some, 0, n, StandardCharsets.ISO_8859_1).split("\n\n", -1).length - 1L);
            }
        } catch (IOException closed) {
            // The page was closed.
            assert closed.getMessage() != null;
        }
    }

    /** Processor time that the server's threads have taken by now: to read, to write and to send. */
    public static long processorNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long nanos = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().startsWith("mortise-watch")) {
                nanos += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return nanos;
    }

    /** The average of what was sent, by event. */
    public long bytesOfAnEvent() {
        return bytes.get() / Math.max(1, sent.get());
    }

    @Override
    public void close() throws IOException {
        leave();
        server.close();
    }
}
