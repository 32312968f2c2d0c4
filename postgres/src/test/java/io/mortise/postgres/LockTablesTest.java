package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitLockWait;
import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.done;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who holds and who waits on a server, for which row, in our tables; joined with what this process knows. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class LockTablesTest {
    @Test
    void theRowThatIsWaitedForHasItsKeyAndTheHolderItsThread() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection first = TestServer.connect();
                Connection second = TestServer.connect();
                Connection reader = TestServer.connect()) {
            run(reader, "CREATE TABLE KEYED (ID INT PRIMARY KEY, V INT)");
            run(reader, "INSERT INTO KEYED VALUES (41, 0), (42, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE KEYED SET V = 1 WHERE ID = 42");
            CompletableFuture<Void> one = async(() -> run(first, "UPDATE KEYED SET V = 2 WHERE ID = 42"));
            awaitLockWait(pid(first));
            CompletableFuture<Void> two = async(() -> run(second, "UPDATE KEYED SET V = 3 WHERE ID = 42"));
            awaitLockWait(pid(second));

            assertThat(column(
                            reader,
                            "SELECT session || ' ' || row_key || ' ' || status FROM SYS.LOCKS WHERE target_kind = 'ROW'"
                                    + " ORDER BY status, waited_ms DESC"))
                    .containsExactly(
                            pid(holder) + " id=42 GRANTED",
                            pid(first) + " id=42 PENDING",
                            pid(second) + " id=42 PENDING");
            assertThat(column(
                            reader,
                            "SELECT session || ' ' || blocking_session || ' ' || edge_kind FROM SYS.LOCK_WAITS"
                                    + " ORDER BY 1"))
                    .containsExactlyInAnyOrder(
                            pid(first) + " " + pid(holder) + " HOLDS",
                            pid(second) + " " + pid(holder) + " HOLDS",
                            pid(second) + " " + pid(first) + " QUEUED_AHEAD");
            assertThat(column(reader, "SELECT thread_name FROM SYS.SESSIONS WHERE session = " + pid(holder)))
                    .containsExactly(Thread.currentThread().getName());
            assertThat(column(
                            reader,
                            "SELECT state FROM SYS.SESSIONS WHERE session IN (" + pid(holder) + ", " + pid(first)
                                    + ") ORDER BY state"))
                    .containsExactly("IDLE IN TRANSACTION", "LOCK WAIT");
            assertThat(column(reader, "SELECT tree FROM SYS.BLOCKING_TREE")).hasSize(3);
            assertThat(column(reader, "SELECT row_key FROM ipe_alllocks WHERE status = 'PENDING'"))
                    .containsOnly("id=42");
            holder.rollback();
            done(one);
            done(two);
            assertThat(column(reader, "SELECT 1 FROM SYS.LOCK_WAITS")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE %s (A INT, B TEXT, V INT, PRIMARY KEY (B, A)) | b='it''s', a=1",
                "CREATE TABLE %s (A INT, B TEXT, V INT) | ctid=(0,1)",
                "CREATE TABLE %s (A INT, B TEXT, V INT, PRIMARY KEY (A)) PARTITION BY RANGE (A);"
                        + " CREATE TABLE %s_1 PARTITION OF %s FOR VALUES FROM (0) TO (9) | a=1",
                "CREATE SCHEMA S%s; CREATE TABLE \"S%s\" (\"Two Words\" INT PRIMARY KEY, A INT, B TEXT, V INT)"
                        + " | Two Words=7"
            })
    void everyKindOfKeyIsShown(String definition) throws Exception {
        String name = "k" + Integer.toHexString(definition.hashCode());
        String[] parts = definition.split(" \\| ", 2);
        boolean isQuoted = parts[0].contains("\"");
        String table = isQuoted ? "\"S" + name + "\"" : name;
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect();
                Connection reader = TestServer.connect()) {
            run(reader, parts[0].replace("%s", name));
            run(reader, "INSERT INTO " + table + (isQuoted ? " VALUES (7, 1, 'it''s', 0)" : " VALUES (1, 'it''s', 0)"));
            holder.setAutoCommit(false);
            run(holder, "SELECT * FROM " + table + " FOR UPDATE");
            CompletableFuture<Void> waits = async(() -> run(waiter, "UPDATE " + table + " SET V = 2"));
            awaitLockWait(pid(waiter));

            assertThat(column(
                            reader,
                            "SELECT row_key FROM SYS.LOCKS WHERE status = 'PENDING' AND session = " + pid(waiter)))
                    .containsExactly(parts[1]);
            holder.rollback();
            done(waits);
        }
    }

    @Test
    void aTableLockAndThoseBehindItAreEdges() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection strong = TestServer.connect();
                Connection behind = TestServer.connect();
                Connection reader = TestServer.connect()) {
            run(reader, "CREATE TABLE QUEUED (ID INT PRIMARY KEY)");
            holder.setAutoCommit(false);
            run(holder, "INSERT INTO QUEUED VALUES (1)");
            CompletableFuture<Void> one = async(() -> run(strong, "ALTER TABLE QUEUED ADD COLUMN V INT"));
            awaitLockWait(pid(strong));
            CompletableFuture<Void> two = async(() -> run(behind, "SELECT * FROM QUEUED"));
            awaitLockWait(pid(behind));

            assertThat(column(
                            reader,
                            "SELECT session || ' ' || blocking_session || ' ' || edge_kind FROM SYS.LOCK_WAITS"))
                    .containsExactlyInAnyOrder(
                            pid(strong) + " " + pid(holder) + " HOLDS",
                            pid(behind) + " " + pid(strong) + " QUEUED_AHEAD");
            assertThat(one(
                            reader,
                            "SELECT table_name FROM SYS.LOCKS WHERE session = " + pid(strong)
                                    + " AND status = 'PENDING'"))
                    .isEqualTo("queued");
            holder.commit();
            done(one);
            done(two);
        }
    }

    @Test
    void anotherClientOfTheServerIsShownWithoutAThread() throws Exception {
        try (Connection other = TestServer.plain();
                Connection waiter = TestServer.connect();
                Connection reader = TestServer.connect()) {
            run(reader, "CREATE TABLE FOREIGN_HELD (ID INT PRIMARY KEY)");
            run(reader, "INSERT INTO FOREIGN_HELD VALUES (5)");
            other.setAutoCommit(false);
            run(other, "DELETE FROM FOREIGN_HELD");
            CompletableFuture<Void> waits = async(() -> run(waiter, "DELETE FROM FOREIGN_HELD"));
            awaitLockWait(pid(waiter));

            assertThat(
                            column(
                                    reader,
                                    "SELECT concat(blocking_session, ' ', blocking_thread, ' ', blocking_sql) FROM SYS.LOCK_WAITS"))
                    .containsExactly(pid(other) + "  DELETE FROM FOREIGN_HELD");
            other.rollback();
            done(waits);
        }
    }

    @Test
    void theTablesJoinAndFilterAsAnyOtherAndAPreparedOneShowsTheMoment() throws SQLException {
        try (Connection reader = TestServer.connect();
                Connection second = TestServer.connect()) {
            assertThat(one(
                            reader,
                            "WITH mine AS (SELECT s.session FROM sys.sessions s JOIN SYS.SESSIONS AS t"
                                    + " ON s.session = t.session) SELECT count(*) > 1 FROM mine, \"sys\".\"sessions\""))
                    .isEqualTo("t");
            try (PreparedStatement counts = reader.prepareStatement(
                    "SELECT count(*) FROM SYSTEM.PROCESSES WHERE session_id = ? AND query LIKE ?")) {
                counts.setInt(1, pid(reader));
                counts.setString(2, "%count%");
                for (int i = 0; i < 7; i++) {
                    assertThat(first(counts)).isEqualTo(1);
                }
            }
            assertThat(one(reader, "SELECT 'FROM SYS.LOCKS' /* FROM SYS.LOCKS */ -- FROM SYS.LOCKS"))
                    .isEqualTo("FROM SYS.LOCKS");
            assertThat(one(reader, "SELECT extract(epoch FROM timestamp 'epoch')"))
                    .startsWith("0");
            assertThat(column(reader, "SELECT SHOW_LOCKS()")).isNotNull();
            assertThat(column(reader, "SELECT * FROM SHOW_CONNECTIONS()")).hasSizeGreaterThanOrEqualTo(2);
            assertThat(one(second, "SELECT setting FROM SYS.PARAMETERS WHERE parameter = 'lock_policy'"))
                    .isEqualTo("mvcc");
        }
    }

    private static int first(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            assertThat(row.next()).isTrue();
            return row.getInt(1);
        }
    }

    @Test
    void aUsersOwnTableOfThatNameWins() throws SQLException {
        try (Connection reader = TestServer.connect()) {
            assertThat(column(reader, "WITH locks AS (SELECT 'own' AS w) SELECT w FROM locks"))
                    .containsExactly("own");
            run(reader, "CREATE SCHEMA app");
            run(reader, "CREATE TABLE app.errors (text TEXT)");
            run(reader, "INSERT INTO app.errors VALUES ('mine')");
            run(reader, "SET search_path = app");
            assertThat(column(reader, "SELECT text FROM errors")).containsExactly("mine");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW NEVER AS SELECT * FROM SYS.LOCKS",
                "PREPARE never AS SELECT * FROM SYS.LOCKS",
                "DELETE FROM SYS.LOCKS",
                "INSERT INTO SYS.LOCKS VALUES (1)",
                "UPDATE SYS.LOCKS SET SESSION = 1"
            })
    void whereATableOfOursCannotStandTheErrorSaysSo(String sql) throws SQLException {
        try (Connection connection = TestServer.connect()) {
            assertThatThrownBy(() -> run(connection, sql))
                    .hasMessageContaining("SYS.LOCKS cannot be")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));
        }
    }

    @Test
    void everyTableCanBeRead() throws SQLException {
        try (Connection connection = TestServer.connect()) {
            for (String table : List.of(
                    "SYS.LOCKS",
                    "SYS.LOCK_WAITS",
                    "SYS.BLOCKING_TREE",
                    "SYS.SESSIONS",
                    "SYS.TRANSACTIONS",
                    "SYS.STATEMENTS",
                    "SYS.ERRORS",
                    "SYS.DEADLOCKS",
                    "SYS.LOCK_STATS",
                    "SYS.LOCK_ORDER",
                    "SYS.PARAMETERS",
                    "IPE_ALLLOCKS",
                    "IPE_CURSESSIONS",
                    "IPE_TRANSACTION",
                    "IPE_COMMAND",
                    "IPE_ERRORLOG",
                    "IPE_LOCKS_REPORT",
                    "IPE_BLOCKING_LOCKS_REPORT",
                    "SYSTEM.PROCESSES",
                    "SYSTEM.SESSIONS")) {
                assertThat(column(connection, "SELECT count(*) FROM " + table)).hasSize(1);
            }
            assertThat(column(connection, "SELECT sql_text FROM IPE_COMMAND WHERE session = " + pid(connection)))
                    .contains("SELECT count(*) FROM SYSTEM.SESSIONS");
        }
    }

    @Test
    void rowLocksAreFoundByAnExtensionOrItIsSaidWhatToInstall() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection asks = TestServer.connect()) {
            TestServer.run(asks, "DROP EXTENSION IF EXISTS pgrowlocks");
            assertThatThrownBy(() -> TestServer.column(asks, "SELECT * FROM SYS.ROW_LOCKS('locked_rows')"))
                    .hasMessageContaining("CREATE EXTENSION pgrowlocks")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));

            TestServer.run(asks, "CREATE EXTENSION pgrowlocks");
            TestServer.run(asks, "CREATE TABLE locked_rows (id INT PRIMARY KEY)");
            TestServer.run(asks, "INSERT INTO locked_rows VALUES (1), (2)");
            holder.setAutoCommit(false);
            TestServer.run(holder, "SELECT * FROM locked_rows WHERE id = 2 FOR UPDATE");

            assertThat(TestServer.column(
                            asks, "SELECT r.locked_row || ' ' || r.pids[1] FROM sys.row_locks('locked_rows') r"))
                    .containsExactly("(0,2) " + TestServer.pid(holder));
            holder.rollback();
            TestServer.run(asks, "DROP TABLE locked_rows");
            TestServer.run(asks, "DROP EXTENSION pgrowlocks");
        }
    }

    @Test
    void aLockHasTheServersModeAndOneServerHasNoNodes() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection asks = TestServer.connect()) {
            TestServer.run(asks, "CREATE TABLE with_mode (id INT PRIMARY KEY)");
            holder.setAutoCommit(false);
            TestServer.run(holder, "LOCK TABLE with_mode IN SHARE ROW EXCLUSIVE MODE");

            assertThat(TestServer.column(
                            asks,
                            "SELECT mode || ' ' || server_mode || ' ' || coalesce(node, 'none') FROM SYS.LOCKS"
                                    + " WHERE table_name = 'with_mode'"))
                    .containsExactly("SIX ShareRowExclusiveLock none");
            holder.rollback();
            TestServer.run(asks, "DROP TABLE with_mode");
        }
    }
}
