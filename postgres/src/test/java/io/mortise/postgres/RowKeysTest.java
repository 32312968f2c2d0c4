package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitLockWait;
import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.done;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The key of a row that is waited for, whatever its table is like; and what a quiet server is asked. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class RowKeysTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CREATE TABLE K1 (A INT, B TEXT, V INT, PRIMARY KEY (B, A)) | K1 | VALUES (1, 'it''s', 0) | k1 b='it''s', a=1
            CREATE TABLE K2 (A INT PRIMARY KEY, B TEXT, V INT) PARTITION BY RANGE (A); CREATE TABLE K2_LOW PARTITION OF K2 FOR VALUES FROM (0) TO (10) | K2 | VALUES (4, 'x', 0) | k2_low a=4
            CREATE TABLE K3 (A INT PRIMARY KEY, B TEXT, V INT); CREATE TABLE K3_HEIR (PRIMARY KEY (A)) INHERITS (K3) | K3_HEIR | VALUES (5, 'x', 0) | k3_heir a=5
            CREATE TABLE K4 (A INT, B TEXT, V INT) | K4 | VALUES (6, 'x', 0) | k4 ctid=(0,1)
            CREATE SCHEMA "Odd Place"; CREATE TABLE "Odd Place"."K 5" ("A b" INT PRIMARY KEY, B TEXT, V INT) | "Odd Place"."K 5" | VALUES (7, 'x', 0) | K 5 A b=7
            CREATE TABLE K6 (A UUID PRIMARY KEY, B TEXT, V INT) | K6 | VALUES ('00000000-0000-0000-0000-000000000001', 'x', 0) | k6 a='00000000-0000-0000-0000-000000000001'
            """)
    void itIsTheTablesOwn(String create, String table, String values, String expected) throws Exception {
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect();
                Connection reader = TestServer.connect()) {
            run(reader, create);
            run(reader, "INSERT INTO " + table + " " + values);
            holder.setAutoCommit(false);
            run(holder, "UPDATE " + table + " SET V = 1");
            CompletableFuture<Void> waits = async(() -> run(waiter, "UPDATE " + table + " SET V = 2"));
            awaitLockWait(pid(waiter));

            assertThat(column(
                            reader,
                            "SELECT table_name || ' ' || row_key FROM SYS.LOCK_WAITS WHERE session = " + pid(waiter)))
                    .containsExactly(expected);
            holder.rollback();
            done(waits);
        }
    }

    /** The holder's row is a new version elsewhere, and the old one is what is waited for. */
    @Test
    void aRowThatMovedIsKnownByWhereItWas() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect();
                Connection reader = TestServer.connect()) {
            run(reader, "CREATE TABLE MOVES (ID INT PRIMARY KEY, V TEXT)");
            run(reader, "INSERT INTO MOVES SELECT g, repeat('x', 500) FROM generate_series(1, 40) g");
            holder.setAutoCommit(false);
            run(holder, "UPDATE MOVES SET ID = 1007, V = repeat('y', 3000) WHERE ID = 7");
            CompletableFuture<Void> waits = async(() -> run(waiter, "DELETE FROM MOVES WHERE ID = 7"));
            awaitLockWait(pid(waiter));

            assertThat(column(reader, "SELECT row_key FROM SYS.LOCK_WAITS WHERE table_name = 'moves'"))
                    .containsExactly("id=7");
            holder.commit();
            done(waits);
        }
    }

    /** A monitoring connection is opened by the first look, and stays as long as its user does. */
    @Test
    void nobodyLooksWhileNoStatementIsOld() throws Exception {
        try (Connection plain = TestServer.plain()) {
            run(plain, "CREATE ROLE quiet LOGIN");
            long slowest = 0;
            try (Connection quiet =
                    DriverManager.getConnection(TestServer.url().replace("user=postgres", "user=quiet"))) {
                for (int i = 0; i < 300; i++) {
                    long begin = System.nanoTime();
                    one(quiet, "SELECT " + i);
                    slowest = Math.max(slowest, System.nanoTime() - begin);
                }
                String monitors = one(
                        plain,
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'quiet'"
                                + " AND application_name = 'mortise-monitor'");
                // On a machine that stands still for a while, one may have become old.
                assertThat(monitors.equals("0") || slowest > TimeUnit.MILLISECONDS.toNanos(90))
                        .as("monitors %s, slowest statement %s ns", monitors, slowest)
                        .isTrue();
            }
        }
    }
}
