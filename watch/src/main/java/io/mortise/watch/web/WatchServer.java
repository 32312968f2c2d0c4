package io.mortise.watch.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mortise.watch.read.Connections;
import io.mortise.watch.web.Logins.Account;
import io.mortise.watch.web.Logins.Login;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Shows the page, on the JDK's own HTTP server: an application that is watched gets no other library by it.
 * Thread-safe. All its threads are daemons, named {@code mortise-watch-…}; {@link #close} ends them.
 */
public final class WatchServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("mortise.watch");
    private static final int MOST_THREADS = 64;
    private static final int MOST_VIEWERS = 40;
    private static final int MOST_READERS = 16;
    private static final int HEARTBEAT_SECONDS = 10;
    private static final long LONG_IDLE_MILLIS = 30 * 60_000L;
    /** Time to load the page again; a connection that nobody looks through keeps the application's database open. */
    private static final long SHORT_IDLE_MILLIS = 10_000;

    private final HttpServer server;
    private final Workers pages;
    /** Of their own: who keeps the pages' threads busy must not blind those who look. */
    private final Workers readers;

    private final ScheduledExecutorService clock;
    private final AtomicInteger viewers = new AtomicInteger();
    private final Logins logins;
    private final Guard guard;
    private final Answers answers;
    private final Place place;
    private final Map<String, Reply> assets = new HashMap<>();

    private WatchServer(HttpServer server, Place place, Connections connections, LongSupplier millis) {
        this.server = server;
        this.place = place;
        this.guard = new Guard(place);
        this.logins = new Logins(
                connections, place.life() == Place.Life.WITH_DATABASE ? SHORT_IDLE_MILLIS : LONG_IDLE_MILLIS, millis);
        this.answers = new Answers(
                logins, new Door(logins, millis), place, server.getAddress().getPort());
        ThreadFactory daemons = daemons();
        this.pages = new Workers(MOST_THREADS, daemons, millis);
        this.readers = new Workers(MOST_READERS, daemons, millis);
        this.clock = Executors.newSingleThreadScheduledExecutor(daemons);
        assets.put("/", asset(Asset.INDEX));
        assets.put("/favicon.ico", asset(Asset.ICON));
        assets.put("/" + Asset.STYLE.name(), asset(Asset.STYLE));
        assets.put("/" + Asset.ICON.name(), asset(Asset.ICON));
        Asset.SCRIPTS.forEach(script -> assets.put("/" + script.name(), asset(script)));
    }

    private static Reply asset(Asset asset) {
        return new Reply(200, asset.type(), asset.bytes());
    }

    private static ThreadFactory daemons() {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            // Without what the application's threads hand on: the page may outlive who asked for it.
            Thread thread = new Thread(null, task, "mortise-watch-" + number.incrementAndGet(), 0, false);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Begins to show what these connections can see.
     *
     * @throws IOException if the port is taken, or the address is not of this machine
     */
    public static WatchServer start(Place place, Connections connections) throws IOException {
        return start(place, connections, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    }

    /** @param millis a clock, from any origin */
    static WatchServer start(Place place, Connections connections, LongSupplier millis) throws IOException {
        InetSocketAddress at = new InetSocketAddress(place.address(), place.port());
        HttpServer server;
        if (place.tls().isPresent()) {
            HttpsServer https = HttpsServer.create(at, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(place.tls().get()));
            server = https;
        } else {
            server = HttpServer.create(at, 0);
        }
        WatchServer watch = new WatchServer(server, place, connections, millis);
        server.setExecutor(watch.pages);
        server.createContext("/", watch::handle);
        server.start();
        var unused = watch.clock.scheduleWithFixedDelay(watch::tick, 1, 1, TimeUnit.SECONDS);
        if (!place.address().isLoopbackAddress() && place.tls().isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} is not encrypted: passwords and statements cross the network as they are. Give a key store for HTTPS.",
                    watch.url());
        }
        return watch;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** What to open in a browser. */
    public String url() {
        InetAddress address = place.address();
        boolean isHere = address.isLoopbackAddress() || address.isAnyLocalAddress();
        String host = isHere ? "localhost" : server.getAddress().getAddress().getHostAddress();
        return place.scheme() + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/";
    }

    /** On the clock's thread, which waits for nobody and outlives everything. */
    @SuppressWarnings("CatchThrowable")
    private void tick() {
        try {
            pages.endLate();
            readers.endLate();
            readers.execute(this::look);
        } catch (RejectedExecutionException busy) {
            LOG.log(System.Logger.Level.DEBUG, "a tick is left out: all threads are busy", busy);
        } catch (Throwable e) { // No thread can be made, say: a scheduler that is thrown something stops for good.
            LOG.log(System.Logger.Level.WARNING, "a tick is left out", e);
        }
    }

    private void look() {
        for (Account account : logins.current()) {
            readers.execute(() -> look(account));
        }
    }

    private void look(Account account) {
        Workers.allow(Workers.ANSWERING_MILLIS);
        try {
            account.feed().tick();
            if (place.life() == Place.Life.WITH_DATABASE && account.feed().isAlone()) {
                logins.lost(account, "The application has closed its last connection.");
            }
        } catch (SQLException e) {
            logins.lost(account, String.valueOf(e.getMessage()));
        }
    }

    /** The JDK closes the connection of a browser that has gone, but only if it gets the exception. */
    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Optional<String> complaint = guard.complaint(exchange.getRequestHeaders());
            if (complaint.isPresent()) {
                Reply.error(403, complaint.get()).send(exchange);
            } else {
                answer(exchange);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a request was not answered", e);
            throw e;
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        boolean isGet = exchange.getRequestMethod().equals("GET");
        if (isGet && path.equals("/api/events")) {
            events(exchange);
        } else if (isGet) {
            get(exchange, path).send(exchange);
        } else if (exchange.getRequestMethod().equals("POST")) {
            post(exchange, path).send(exchange);
        } else {
            Reply.error(405, "GET or POST.").send(exchange);
        }
    }

    private Reply get(HttpExchange exchange, String path) {
        Reply asset = assets.get(path);
        if (asset != null) {
            return asset;
        }
        Optional<Login> login = answers.login(exchange);
        if (login.isEmpty()) {
            boolean asks = path.equals("/api/me");
            return asks ? Reply.json(200, Map.of()) : Reply.error(401, "Log in first.");
        }
        String query = exchange.getRequestURI().getRawQuery();
        Workers.allow(Workers.ANSWERING_MILLIS);
        try {
            return answers.get(path, login.get(), Answers.pairs(query == null ? "" : query));
        } catch (SQLException e) {
            return Reply.error(502, String.valueOf(e.getMessage()));
        } catch (NumberFormatException e) {
            return Reply.error(400, "That is not the number of a session.");
        }
    }

    private Reply post(HttpExchange exchange, String path) throws IOException {
        Map<String, String> form = Answers.form(exchange);
        Workers.allow(Workers.ANSWERING_MILLIS);
        if (path.equals("/api/login")) {
            return answers.logIn(exchange, form);
        }
        Optional<Login> login = answers.login(exchange);
        if (login.isEmpty()) {
            return Reply.error(401, "Log in first.");
        }
        if (!Answers.hasToken(exchange, login.get())) {
            return Reply.error(403, "Only the page itself may ask this.");
        }
        return switch (path) {
            case "/api/act" -> answers.act(form, login.get());
            case "/api/logout" -> answers.logOut(login.get());
            default -> Reply.error(404, "There is nothing here.");
        };
    }

    private void events(HttpExchange exchange) throws IOException {
        Optional<Login> login = answers.login(exchange);
        if (login.isEmpty()) {
            Reply.error(401, "Log in first.").send(exchange);
        } else if (viewers.incrementAndGet() > MOST_VIEWERS) {
            viewers.decrementAndGet();
            Reply.error(503, "Too many pages are open. Close some.").send(exchange);
        } else {
            try {
                stream(exchange, login.get().account());
            } finally {
                viewers.decrementAndGet();
            }
        }
    }

    private void stream(HttpExchange exchange, Account account) throws IOException {
        Feed.Viewer viewer;
        Workers.allow(Workers.ANSWERING_MILLIS);
        try {
            viewer = account.feed().open();
        } catch (SQLException e) {
            logins.lost(account, String.valueOf(e.getMessage()));
            Reply.error(502, String.valueOf(e.getMessage())).send(exchange);
            return;
        }
        try {
            Workers.allow(Workers.WRITING_MILLIS);
            Reply.headers(exchange, "text/event-stream; charset=utf-8");
            exchange.getResponseHeaders().set("X-Accel-Buffering", "no"); // A proxy must not keep them for itself.
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.write("retry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
            while (!viewer.isLetGo() || !viewer.events().isEmpty()) {
                Workers.allow(HEARTBEAT_SECONDS * 1000L + Workers.WRITING_MILLIS);
                String event = viewer.events().poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
                out.write((event == null ? ":\n\n" : event).getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            account.feed().close(viewer);
        }
    }

    /**
     * Says goodbye to those who look, ends all threads, and closes the connections last: that may wait for the
     * database.
     */
    @Override
    public void close() {
        clock.shutdownNow();
        List<Account> left = logins.endAll("The application has closed its database.");
        try {
            server.stop(viewers.get() == 0 ? 0 : 1);
            pages.shutDown();
            readers.shutDown();
        } finally {
            Logins.disconnect(left);
        }
    }
}
