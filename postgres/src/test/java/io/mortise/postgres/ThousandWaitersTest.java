package io.mortise.postgres;

import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thousand sessions of this process wait for one row of a server. How long that takes to list is printed. */
@Tag("nightly")
@Timeout(1_200)
final class ThousandWaitersTest {
    private static final int WAITERS = 1_000;
    private static final int LISTINGS = 15;

    private static String url(EmbeddedPostgres server, String driver) {
        return "jdbc:" + driver + "postgresql://localhost:" + server.getPort() + "/postgres?user=postgres";
    }

    @Test
    void theyAreListedAndOneOfThemIsEndedAndTheOthersGoOn() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Connection> sessions = new ArrayList<>();
        try (EmbeddedPostgres server = Binaries.chosen()
                        .setServerConfig("max_connections", String.valueOf(WAITERS + 100))
                        .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                        // Each waiter looks once for a deadlock, along the whole queue, with all locks held: minutes.
                        .setServerConfig("deadlock_timeout", "1h")
                        .start();
                Connection plain = DriverManager.getConnection(url(server, ""));
                Connection reader = DriverManager.getConnection(url(server, "mortise:"));
                Connection holder = DriverManager.getConnection(url(server, "mortise:"))) {
            run(plain, "CREATE EXTENSION pg_stat_statements");
            run(plain, "CREATE TABLE CROWDED (ID INT PRIMARY KEY, V INT)");
            run(plain, "INSERT INTO CROWDED VALUES (1, 0)");
            for (int i = 0; i < WAITERS; i++) {
                sessions.add(DriverManager.getConnection(url(server, "mortise:")));
            }
            holder.setAutoCommit(false);
            run(holder, "UPDATE CROWDED SET V = V + 1 WHERE ID = 1");
            List<Future<?>> waits = new ArrayList<>();
            for (Connection session : sessions) {
                waits.add(threads.submit(() -> {
                    run(session, "UPDATE CROWDED SET V = V + 1 WHERE ID = 1");
                    return null;
                }));
            }
            awaitWaiting(plain, WAITERS);

            list(plain, reader, TestServer.pid(holder));
            endOne(plain, reader, sessions.get(WAITERS / 2), waits.get(WAITERS / 2));
            holder.commit();

            for (int i = 0; i < WAITERS; i++) {
                if (i != WAITERS / 2) {
                    waits.get(i).get(600, TimeUnit.SECONDS);
                }
            }
            assertThat(one(plain, "SELECT V FROM CROWDED")).isEqualTo(String.valueOf(WAITERS));
            assertThat(one(reader, "SELECT count(*) FROM SYS.LOCK_WAITS")).isEqualTo("0");
        } finally {
            for (Connection session : sessions) {
                session.close();
            }
            threads.shutdownNow();
        }
    }

    private static void awaitWaiting(Connection plain, int number) throws SQLException {
        run(
                plain,
                "DO $$ BEGIN LOOP EXIT WHEN (SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted) = " + number
                        + "; PERFORM pg_sleep(0.05); END LOOP; END $$");
    }

    private static void list(Connection plain, Connection reader, int holder) throws SQLException {
        run(plain, "SELECT pg_stat_statements_reset()");
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < LISTINGS; i++) {
            long begin = System.nanoTime();
            List<String> rows = column(
                    reader,
                    "SELECT session || ' ' || row_key FROM SYS.LOCKS WHERE status = 'PENDING' ORDER BY session");
            micros.add((System.nanoTime() - begin) / 1_000);
            assertThat(rows).hasSize(WAITERS).allMatch(row -> row.endsWith(" id=1"));
        }
        micros.sort(null);
        System.out.println("1,000 waiters are listed in " + micros.get(LISTINGS / 2) + " us (" + micros.get(0) + " to "
                + micros.get(LISTINGS - 1) + ")");
        long looks = calls(plain, "%pg_catalog.pg_locks%");
        assertThat(looks).isGreaterThanOrEqualTo(LISTINGS);
        assertThat(calls(plain, "%ctid%"))
                .as("the keys of all rows of a table are read by one statement a look")
                .isLessThanOrEqualTo(looks);
        assertThat(one(reader, "SELECT count(DISTINCT session) FROM SYS.LOCK_WAITS"))
                .isEqualTo(String.valueOf(WAITERS));
        assertThat(one(reader, "SELECT count(DISTINCT session) FROM SYS.BLOCKING_TREE"))
                .isEqualTo(String.valueOf(WAITERS + 1));
        assertThat(one(reader, "SELECT session FROM SYS.BLOCKING_TREE WHERE depth = 0"))
                .isEqualTo(String.valueOf(holder));
    }

    private static long calls(Connection plain, String pattern) throws SQLException {
        return Long.parseLong(one(
                plain, "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '" + pattern + "'"));
    }

    private static void endOne(Connection plain, Connection reader, Connection session, Future<?> wait)
            throws Exception {
        run(reader, "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE session = " + TestServer.pid(session));
        try {
            wait.get(60, TimeUnit.SECONDS);
            throw new AssertionError("it was not ended");
        } catch (ExecutionException e) {
            assertThat(e.getCause()).hasMessageContaining("session " + TestServer.pid(reader));
        }
        awaitWaiting(plain, WAITERS - 1);
    }
}
