package io.mortise.testkit;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.TargetNames;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.opentest4j.AssertionFailedError;

/**
 * A database and the sessions of one test, moved step by step: each step returns when it has finished or stands in a
 * queue.
 *
 * <pre>{@code
 * try (Interleaving db = Interleaving.inMemory()) {
 *     db.setUp("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)", "INSERT INTO ACCOUNTS VALUES (1, 100)");
 *     TestSession a = db.session("a");
 *     TestSession b = db.session("b");
 *     a.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1").expectUpdated(1);
 *     Step second = b.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1").expectBlockedBy("a");
 *     a.commit().expectFinished();
 *     second.expectUpdated(1);
 *     b.step("SELECT BALANCE FROM ACCOUNTS").expectRows("80");
 * }
 * }</pre>
 *
 * <p>For the test's thread only. Closing it rolls every session back, and fails if a step had failed or waited without
 * being looked at, or if a lock is left.
 */
public final class Interleaving implements AutoCloseable {
    /** The session that sets up and looks, in autocommit; a test cannot take its name by accident. */
    private static final String TEST = "(test)";
    /**
     * A wait ends by what the other sessions do, or by a timeout that the test asks for; never by an accident of
     * timing.
     */
    private static final String NO_TIMEOUT = "LOCK_TIMEOUT=3600000";

    private static final String SERVER = "jdbc:mortise:postgresql:";

    /** Where connections with settings of their own come from. */
    @FunctionalInterface
    interface Database {
        Connection connect(List<String> settings) throws SQLException;
    }

    private final Database database;
    private final Map<String, TestSession> sessions = new LinkedHashMap<>();
    private final List<Step> history = new ArrayList<>();
    private final TestSession test;
    private final WaitFacts facts;
    private final Stage stage;
    private final TestSession.Play play = new Play();
    private Duration patience = Duration.ofSeconds(30);

    Interleaving(Database database) throws SQLException {
        this.database = database;
        Connection first = database.connect(List.of());
        WaitFacts told = WaitFacts.of(
                first.unwrap(LockManager.class),
                first.unwrap(LockSnapshot.Rest.class),
                first.unwrap(TargetNames.class));
        this.facts = first.isWrapperFor(LockSnapshot.Source.class)
                ? new WaitFacts.OfServer(told, first.unwrap(LockSnapshot.Source.class), this::isOfTheTest)
                : told;
        this.stage = new Stage(facts);
        this.test = new TestSession(play, TEST);
        test.connect(() -> first);
        test.autoCommit();
    }

    /**
     * A database of its own, in memory, gone when this is closed.
     *
     * @param settings as in the URL: {@code "LOCK_POLICY=kognitio"}
     */
    public static Interleaving inMemory(String... settings) {
        return over("jdbc:mortise:h2:mem:interleaving-" + UUID.randomUUID(), settings);
    }

    private static boolean isOfServer(String url) {
        return url.regionMatches(true, 0, SERVER, 0, SERVER.length());
    }

    /**
     * The database of this URL. The user of an embedded one is {@code sa} without a password; of a server's, what the
     * URL says. A server is asked every few milliseconds who waits, and what a test leaves in it stays there.
     *
     * @param settings as in the URL; LOCK_TIMEOUT is an hour unless it is among them
     */
    public static Interleaving over(String url, String... settings) {
        return over(own -> {
            List<String> all = new ArrayList<>(List.of(settings));
            all.addAll(own);
            if (all.stream()
                    .noneMatch(setting -> setting.toUpperCase(Locale.ROOT).startsWith("LOCK_TIMEOUT"))) {
                all.add(NO_TIMEOUT);
            }
            if (!isOfServer(url)) {
                return DriverManager.getConnection(url + ";" + String.join(";", all), "sa", "");
            }
            return DriverManager.getConnection(url + (url.contains("?") ? "&" : "?") + String.join("&", all));
        });
    }

    /**
     * The database behind a data source, whose connections are this driver's. In that database a lock that comes free
     * goes to the first in its queue from now on. A pool must be large enough for all sessions and one more.
     */
    public static Interleaving over(DataSource source) {
        return over((List<String> settings) -> {
            if (!settings.isEmpty()) {
                throw new IllegalArgumentException("a data source takes no settings: " + settings);
            }
            return source.getConnection();
        });
    }

    static Interleaving over(Database database) {
        try {
            return new Interleaving(database);
        } catch (SQLException e) {
            String hint = e.getMessage() != null && e.getMessage().startsWith("No suitable driver")
                    ? ". Put io.mortise:mortise or io.mortise:mortise-all on the class path of the test."
                    : "";
            throw new IllegalStateException("no interleaving test without a database: " + e.getMessage() + hint, e);
        }
    }

    /** The session of this name; connects it if there is none yet. */
    public TestSession session(String name, String... settings) {
        TestSession known = sessions.get(name);
        if (known != null) {
            return known;
        }
        TestSession session = new TestSession(play, name);
        sessions.put(name, session);
        session.connect(() -> database.connect(List.of(settings)));
        return session;
    }

    /** Runs statements in a session of the test's own, each committed at once. */
    public Interleaving setUp(String... statements) {
        for (String sql : statements) {
            test.step(sql).expectFinished();
        }
        return this;
    }

    /** What a query gives in a session of the test's own: what is committed. */
    public List<String> query(String sql) {
        return test.step(sql).expectFinished().result().rows();
    }

    /** The query gives these rows in a session of the test's own, each with {@code " | "} between its columns. */
    public Interleaving expectRows(String sql, String... rows) {
        test.step(sql).expectRows(rows);
        return this;
    }

    /** No session stands in a queue. */
    public Interleaving expectNobodyWaits() {
        awaitStill();
        for (TestSession session : sessions.values()) {
            if (session.isWaiting()) {
                throw new AssertionFailedError(
                        "Expected nobody to wait, but " + session.name() + " does.\n\n" + scene());
            }
        }
        return this;
    }

    /**
     * No two transactions have taken tables in opposite orders, as far as this database has seen: the deadlock whose
     * timing has not come yet.
     */
    public Interleaving assertNoLockInversions() {
        if (facts.isAsked()) {
            throw new UnsupportedOperationException(
                    "The server does not tell in which order tables are locked that nobody"
                            + " waits for. Run the test on an embedded database.");
        }
        List<String> inversions = query(
                "SELECT '  ' || FIRST_TABLE || ', then ' || THEN_TABLE || ': ' || FIRST_SQL || '; '"
                        + " || THEN_SQL FROM SYS.LOCK_ORDER WHERE INVERTED ORDER BY FIRST_TABLE, THEN_TABLE, FIRST_SQL, THEN_SQL");
        if (!inversions.isEmpty()) {
            throw new AssertionFailedError("Transactions take tables in opposite orders, and can deadlock:\n"
                    + String.join("\n", inversions) + "\nTake them in one order in every transaction.");
        }
        return this;
    }

    /**
     * How long to wait for a session that neither finishes nor stands in a queue; 30 s unless told. A net, not a clock.
     */
    public Interleaving withPatience(Duration atMost) {
        patience = atMost;
        return this;
    }

    /** The sessions, what they did, and every lock granted or pending at this moment, as text for people. */
    public String scene() {
        return new Scene(facts, List.copyOf(sessions.values()), history, this::nameOf).toString();
    }

    /** Ends the test: rolls everybody back and closes; fails if something went unseen, or if a lock is left. */
    @Override
    public void close() {
        List<AssertionError> neglected = new ArrayList<>();
        for (TestSession session : sessions.values()) {
            try {
                session.lastStep().ifPresent(Step::expectLookedAt);
            } catch (AssertionError e) {
                neglected.add(e);
            }
        }
        abandon();
        if (!neglected.isEmpty()) {
            AssertionError first = neglected.remove(0);
            neglected.forEach(first::addSuppressed);
            throw first;
        }
    }

    /** The same after the test has failed: what went unseen does not matter any more. */
    void abandon() {
        try {
            stage.endAll(List.copyOf(sessions.values()));
            facts.ask();
            String left = new Scene(facts, List.of(), List.of(), this::nameOf).locks();
            if (!left.isEmpty()) {
                throw new AssertionFailedError("Every session is closed, and these locks are left:\n" + left);
            }
        } finally {
            stage.endAll(List.of(test));
            stage.close();
        }
    }

    private void awaitStill() {
        if (!stage.awaitStill(patience)) {
            throw new AssertionFailedError("Somebody neither finished nor stood in a queue of the lock manager within "
                    + patience.toSeconds() + " s.\n\n" + scene());
        }
    }

    private boolean isOfTheTest(int session) {
        return sessions.values().stream().anyMatch(one -> one.isConnectedAs(session));
    }

    private String nameOf(int session) {
        return sessions.values().stream()
                .filter(candidate -> candidate.isConnectedAs(session))
                .map(TestSession::name)
                .findFirst()
                .orElse("session " + session);
    }

    /** This test as its sessions see it: what they may ask is nothing for a user. */
    private final class Play implements TestSession.Play {
        @Override
        public Stage stage() {
            return stage;
        }

        @Override
        public Duration patience() {
            return patience;
        }

        @Override
        public String scene() {
            return Interleaving.this.scene();
        }

        @Override
        public String nameOf(int session) {
            return Interleaving.this.nameOf(session);
        }

        @Override
        public void remember(Step step) {
            history.add(step);
        }

        @Override
        public void awaitStill() {
            Interleaving.this.awaitStill();
        }
    }
}
