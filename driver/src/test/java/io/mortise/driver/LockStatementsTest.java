package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** LOCK TABLE, LOCK SYSTEM, CONNECT and DISCONNECT through JDBC. */
@Timeout(120)
class LockStatementsTest {
    private static final String URL = "jdbc:mortise:h2:mem:";

    @Test
    void aSharedTableIsReadByAllAndWrittenByNone() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            TestSession c = database.session("c");

            a.step("LOCK TABLE ACCOUNTS IN SHARE MODE").expectUpdated(0);
            c.step("LOCK TABLE ACCOUNTS IN SHARE MODE").expectUpdated(0);
            b.step("SELECT COUNT(*) FROM ACCOUNTS").expectRows("2");
            Step update = b.step("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1").expectBlockedBy("a", "c");
            c.commit().expectFinished();
            update.expectBlockedBy("a");
            a.commit().expectFinished();
            update.expectUpdated(1);
            b.rollback().expectFinished();
        }
    }

    @Test
    void anExclusiveTableIsGivenBackByRollBack() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("LOCK TABLE public.accounts, \"ORDERS\" IN EXCLUSIVE MODE").expectUpdated(0);
            Step insert = b.step("INSERT INTO ORDERS VALUES(1)").expectBlockedBy("a");
            a.rollback().expectFinished();
            insert.expectUpdated(1);
            b.rollback().expectFinished();
        }
    }

    @Test
    void tablesAreLockedInOneOrderHoweverTheyAreNamed() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            TestSession c = database.session("c");

            c.step("LOCK TABLE ACCOUNTS IN SHARE MODE").expectUpdated(0);
            Step one = a.step("LOCK TABLE ACCOUNTS, ORDERS IN EXCLUSIVE MODE").expectBlockedBy("c");
            Step other = b.step("LOCK TABLE ORDERS, ACCOUNTS IN EXCLUSIVE MODE").expectWaiting();
            c.commit().expectFinished();
            one.expectUpdated(0);
            other.expectBlockedBy("a");
            a.commit().expectFinished();
            other.expectUpdated(0);
            b.commit().expectFinished();
        }
    }

    @Test
    void noWaitIsRefusedAtOnceAndKeepsWhatTheTransactionHas() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("LOCK TABLE ACCOUNTS IN EXCLUSIVE MODE").expectUpdated(0);
            b.step("INSERT INTO ORDERS VALUES(1)").expectUpdated(1);
            b.step("LOCK TABLE ACCOUNTS IN SHARE MODE NOWAIT").expectError("HYT00");
            b.commit().expectFinished();
            database.expectRows("SELECT COUNT(*) FROM ORDERS", "1");
            a.commit().expectFinished();
        }
    }

    @Test
    void whoIsRefusedTheFirstLockIsInNoTransaction() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b").autoCommit();

            a.step("LOCK TABLE ACCOUNTS IN EXCLUSIVE MODE").expectUpdated(0);
            b.step("LOCK TABLE ACCOUNTS IN SHARE MODE NOWAIT").expectError("HYT00");
            database.expectRows("SELECT STATE, TNO FROM IPE_CURSESSIONS WHERE SESSION = " + b.id(), "IDLE | NULL");
            database.expectRows(
                    "SELECT C.STATUS FROM IPE_ERRORLOG E JOIN IPE_COMMAND C ON C.TNO = E.TNO WHERE C.SESSION = "
                            + b.id(),
                    "FAILED");
            a.commit().expectFinished();
        }
    }

    @Test
    void aBatchLocksAndThenWrites() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("LOCK TABLE ACCOUNTS IN SHARE MODE; UPDATE ACCOUNTS SET BALANCE = BALANCE + 1")
                    .expectFinished();
            b.step("LOCK TABLE ACCOUNTS IN SHARE MODE").expectBlockedBy("a");
            a.commit().expectFinished();
            b.commit().expectFinished();
            database.expectRows("SELECT SUM(BALANCE) FROM ACCOUNTS", "202");
        }
    }

    @Test
    void whatIsMisspeltOrMissingLocksNothing() {
        try (Interleaving database = accounts()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("LOCK TABLE ACCOUNTS INN SHARE MODE").expectError("42000");
            a.step("LOCK TABLE ACCOUNTS, NOWHERE IN EXCLUSIVE MODE").expectError("42S02");
            a.step("LOCK TABLE INFORMATION_SCHEMA.TABLES IN SHARE MODE").expectError("HYC00");
            b.step("UPDATE ACCOUNTS SET BALANCE = 1").expectUpdated(2);
            b.rollback().expectFinished();
            a.rollback().expectFinished();
        }
    }

    @Test
    void underSqreamATableIsLockedByItsHalves() {
        try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=sqream")) {
            database.setUp("CREATE TABLE NBA(ID INT)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("LOCK TABLE NBA IN SHARE MODE").expectUpdated(0);
            b.step("LOCK TABLE NBA IN SHARE MODE NOWAIT").expectUpdated(0);
            b.step("LOCK TABLE NBA IN EXCLUSIVE MODE NOWAIT").expectError("HYT00");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    @Test
    void itCanBePreparedAndExecutedAsAnUpdate() throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT)");
            try (PreparedStatement lock = connection.prepareStatement("LOCK TABLE T IN SHARE MODE")) {
                assertThat(lock.execute()).isFalse();
                assertThat(lock.getUpdateCount()).isZero();
                assertThat(lock.executeUpdate()).isZero();
            }
            statement.addBatch("LOCK TABLE T IN EXCLUSIVE MODE");
            statement.addBatch("INSERT INTO T VALUES(1)");
            assertThat(statement.executeBatch()).containsExactly(0, 1);
        }
    }

    @Test
    void inAutocommitTheLockIsGivenBackAtOnceAndAWarningSaysSo() throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT)");
            statement.execute("LOCK TABLE T IN EXCLUSIVE MODE");
            assertThat((Throwable) statement.getWarnings()).hasMessageContaining("autocommit");
        }
    }

    // LOCK SYSTEM.

    @Test
    void aLockedSystemRefusesEverybodyElseUntilItsSessionEnds() throws SQLException {
        String url = URL + "locksystem-" + UUID.randomUUID();
        try (Connection keeper = DriverManager.getConnection(url, "sa", "");
                Statement statement = keeper.createStatement()) {
            statement.execute("LOCK SYSTEM");
            assertThatThrownBy(() -> DriverManager.getConnection(url, "sa", ""))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08004"))
                    .hasMessageStartingWith("Sessions inhibited");
            statement.execute("COMMIT");
            assertThatThrownBy(() -> DriverManager.getConnection(url, "sa", ""))
                    .as("the lock is the session's, not the transaction's")
                    .hasMessageStartingWith("Sessions inhibited");
            statement.execute("CONNECT sa ''");
            DriverManager.getConnection(url, "sa", "").close();
        }
    }

    @Test
    void theSystemIsNotLockedWhileOthersAreConnected() throws SQLException {
        String url = URL + "locksystem-" + UUID.randomUUID();
        try (Connection one = DriverManager.getConnection(url, "sa", "");
                Connection other = DriverManager.getConnection(url, "sa", "");
                Statement statement = one.createStatement()) {
            assertThatThrownBy(() -> statement.execute("LOCK SYSTEM"))
                    .hasMessageContaining("Other sessions are connected")
                    .hasMessageContaining("of user SA");
            assertThat(other.isValid(0)).isTrue();
            other.close();
            statement.execute("LOCK SYSTEM");
        }
    }

    @Test
    void lockingTheSystemTakesARole() throws SQLException {
        String url = URL + "locksystem-" + UUID.randomUUID();
        try (Connection admin = DriverManager.getConnection(url, "sa", "");
                Statement statement = admin.createStatement()) {
            statement.execute("SET DB_CLOSE_DELAY -1");
            statement.execute("CREATE USER JOE PASSWORD 'j'");
        }
        try (Connection joe = DriverManager.getConnection(url, "joe", "j");
                Statement statement = joe.createStatement()) {
            assertThatThrownBy(() -> statement.execute("LOCK SYSTEM")).hasMessageContaining("GRANT LOCK_SYSTEM TO JOE");
        }
        try (Connection admin = DriverManager.getConnection(url, "sa", "");
                Statement statement = admin.createStatement()) {
            statement.execute("GRANT LOCK_SYSTEM TO JOE");
        }
        try (Connection joe = DriverManager.getConnection(url, "joe", "j");
                Statement statement = joe.createStatement()) {
            statement.execute("LOCK SYSTEM");
            statement.execute("CONNECT sa ''");
            try (Statement next = joe.createStatement()) {
                next.execute("SHUTDOWN");
            }
        }
    }

    // CONNECT and DISCONNECT.

    @Test
    void disconnectClosesTheConnection() throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1; DISCONNECT");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void connectGoesOnAsAnotherUserOnTheSameConnection() throws SQLException {
        String url = URL + "connect-" + UUID.randomUUID();
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE USER JOE PASSWORD 'j'");
            assertThatThrownBy(() -> statement.execute("CONNECT JOE 'wrong'"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28000"));
            assertThat(connection.getMetaData().getUserName()).isEqualTo("SA");
            statement.execute("CONNECT JOE 'j'");
            assertThat(connection.getMetaData().getUserName()).isEqualTo("JOE");
            try (Statement next = connection.createStatement()) {
                assertThat(next.execute("SELECT CURRENT_USER")).isTrue();
            }
        }
    }

    @Test
    void neitherCanBePrepared() throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL, "sa", "")) {
            assertThatThrownBy(() -> connection.prepareStatement("DISCONNECT")).hasMessageContaining("prepared");
            assertThat(connection.isClosed()).isFalse();
        }
    }

    private static Interleaving accounts() {
        return Interleaving.inMemory()
                .setUp(
                        "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                        "INSERT INTO ACCOUNTS VALUES(1, 100), (2, 100)",
                        "CREATE TABLE ORDERS(ID INT)");
    }
}
