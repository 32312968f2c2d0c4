package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SERVE: a second process sees and steers the sessions and locks of the first. */
@Timeout(120)
final class SecondProcessTest {
    @SuppressWarnings("NullAway.Init")
    private static OtherProcess other;

    private final String name = UUID.randomUUID().toString();

    @SuppressWarnings("NullAway.Init")
    private Connection first;

    @SuppressWarnings("NullAway.Init")
    private WaitWitness witness;

    @SuppressWarnings("NullAway.Init")
    private String url;

    @BeforeAll
    static void startTheOther() throws Exception {
        other = OtherProcess.start();
    }

    @AfterAll
    static void endTheOther() throws Exception {
        other.close();
    }

    @BeforeEach
    void open() throws Exception {
        first = DriverManager.getConnection("jdbc:mortise:mem:" + name + ";SERVE=tcp:0;LOCK_TIMEOUT=60000", "sa", "");
        witness = WaitWitness.over(first);
        run(first, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        run(first, "INSERT INTO T VALUES (1, 0), (2, 0)");
        url = "jdbc:mortise:h2:tcp://localhost:" + port(first) + "/mem:" + name;
        other.connect("remote", url + ";LOCK_TIMEOUT=60000");
    }

    @AfterEach
    void close() throws Exception {
        other.close("remote");
        first.close();
    }

    private static String run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return Integer.toString(statement.getUpdateCount());
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? result.getString(1) : "";
            }
        }
    }

    private static String port(Connection connection) throws SQLException {
        String served = run(connection, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
        assertThat(served).startsWith("tcp:");
        return served.substring("tcp:".length());
    }

    @Test
    @DisplayName("51 the second process waits for the first, and both see it")
    void theSecondProcessWaitsForTheFirstAndBothSeeIt() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.connect("watcher", url);

        other.start("remote", "UPDATE T SET V = V + 1 WHERE ID = 1");
        witness.awaitNext();

        String waits = "SELECT LOCK_TYPE || ' ' || LOCK_LEVEL || ' ' || ROW_KEY || ' ' || STATUS"
                + " FROM IPE_ALLLOCKS WHERE TABLE_NAME = 'T' AND STATUS = 'PENDING'";
        assertThat(run(first, waits)).isEqualTo("EX ROW ID=1 PENDING");
        assertThat(other.run("watcher", waits)).isEqualTo("= EX ROW ID=1 PENDING");
        other.close("watcher");
        first.commit();
        assertThat(other.await("remote")).isEqualTo("= 1");
        assertThat(run(first, "SELECT V FROM T WHERE ID = 1")).isEqualTo("2");
        first.commit();
    }

    @Test
    @DisplayName("51 a stock client reads the same tables")
    void aStockClientReadsTheSameTables() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 2");

        other.connect("stock", url.replace("jdbc:mortise:", "jdbc:"));

        assertThat(other.run("stock", "SELECT MODE, ROW_KEY FROM SYS.LOCKS WHERE ROW_KEY IS NOT NULL"))
                .isEqualTo("= X ID=2");
        other.close("stock");
        first.rollback();
    }

    @Test
    void lockTableOfTheSecondKeepsTheFirstOut() throws Exception {
        other.beginTransaction("remote");
        assertThat(other.run("remote", "LOCK TABLE T IN EXCLUSIVE MODE")).startsWith("= ");
        try (Background thread = new Background("waiter")) {
            Future<String> update = thread.starts(() -> run(first, "UPDATE T SET V = 5 WHERE ID = 1"));
            witness.awaitNext();

            other.run("remote", "ROLLBACK");

            assertThat(Background.result(update)).isEqualTo("1");
        }
    }

    @Test
    void theSecondEndsAStatementOfTheFirst() throws Exception {
        other.beginTransaction("remote");
        other.run("remote", "UPDATE T SET V = 1 WHERE ID = 1");
        other.connect("killer", url);
        try (Background thread = new Background("waiter")) {
            Future<String> update = thread.starts(() -> run(first, "UPDATE T SET V = 2 WHERE ID = 1"));
            witness.awaitNext();

            assertThat(other.run("killer", "KILL QUERY WHERE query LIKE 'UPDATE T SET V = 2%' SYNC"))
                    .startsWith("= finished");

            SQLException killed = Background.failure(update);
            assertThat(killed.getSQLState()).isEqualTo("57014");
            assertThat(killed.getMessage()).contains("killed by session");
        }
        other.close("killer");
        other.run("remote", "ROLLBACK");
    }

    @Test
    void theFirstAbortsASessionOfTheSecond() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.start("remote", "UPDATE T SET V = 2 WHERE ID = 1");
        witness.awaitNext();

        run(first, "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION <> CURRENT_SESSION");

        assertThat(other.await("remote"))
                .as("in autocommit; H2's client drops what the server says")
                .startsWith(
                        "! SQLNonTransientConnectionException 08007 90098 The session has ended in the other process");
        assertThat(other.run("remote", "SELECT 1")).startsWith("! ").contains(" 0800");
        first.rollback();
    }

    @Test
    void anErrorKeepsItsClassOverTheWire() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.run("remote", "SET LOCK_TIMEOUT 1");

        String error = other.run("remote", "UPDATE T SET V = 2 WHERE ID = 1");

        assertThat(error)
                .startsWith("! LockTimeoutException HYT00 50200 Timeout after ")
                .contains("UPDATE T SET V = 1 WHERE ID = 1");
        first.rollback();
    }

    @Test
    void theVictimOfADeadlockIsToldInTheSecondProcess() throws Exception {
        run(first, "SET PARAMETER DEADLOCK_PRIORITY = 5");
        first.setAutoCommit(false);
        other.beginTransaction("remote");
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.run("remote", "UPDATE T SET V = 2 WHERE ID = 2");
        other.start("remote", "UPDATE T SET V = 2 WHERE ID = 1");
        witness.awaitNext();

        assertThat(run(first, "UPDATE T SET V = 1 WHERE ID = 2")).isEqualTo("1");

        assertThat(other.await("remote"))
                .startsWith("! DeadlockException 40001 40001 ")
                .contains("Deadlock detected");
        first.rollback();
    }

    @Test
    void cancelGoesOverTheWire() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.start("remote", "UPDATE T SET V = 2 WHERE ID = 1");
        witness.awaitNext();

        other.cancel("remote");

        assertThat(other.await("remote")).startsWith("! StatementEndedException 57014 57014");
        assertThat(other.run("remote", "SELECT 1")).isEqualTo("= 1");
        first.rollback();
    }

    @Test
    void abortCutsTheConnectionOffAndItsLocksAreGivenBack() throws Exception {
        other.connect("doomed", url + ";LOCK_TIMEOUT=60000");
        other.beginTransaction("doomed");
        other.run("doomed", "UPDATE T SET V = 2 WHERE ID = 2");
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.start("doomed", "UPDATE T SET V = 2 WHERE ID = 1");
        witness.awaitNext();

        other.abort("doomed");

        assertThat(other.await("doomed")).startsWith("! ");
        while (!run(first, "SELECT COUNT(*) FROM SYS.LOCK_WAITS").equals("0")) {
            Thread.onSpinWait(); // The server hears of it a moment later. Until then it would be a deadlock.
        }
        assertThat(run(first, "UPDATE T SET V = 7 WHERE ID = 2")).isEqualTo("1");
        first.rollback();
    }

    @Test
    void aSilentPeerIsGivenUpAtTheNetworkTimeout() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        other.connect("hasty", url + ";LOCK_TIMEOUT=60000;NETWORK_TIMEOUT=100");

        assertThat(other.run("hasty", "UPDATE T SET V = 2 WHERE ID = 1"))
                .startsWith("! SQLNonTransientConnectionException 08007")
                .contains("network timeout of 100 ms");
        first.rollback();
    }

    @Test
    void whoIsKilledGivesHisLocksBack() throws Exception {
        try (OtherProcess victim = OtherProcess.start();
                Background thread = new Background("waiter")) {
            victim.connect("v", url);
            victim.beginTransaction("v");
            victim.run("v", "UPDATE T SET V = 1 WHERE ID = 1");
            Future<String> update = thread.starts(() -> run(first, "UPDATE T SET V = 2 WHERE ID = 1"));
            witness.awaitNext();

            victim.kill();

            assertThat(Background.result(update)).isEqualTo("1");
        }
    }

    @Test
    void whatTheClientCallsItselfIsShownInTheFirst() throws Exception {
        other.connect("named", url + ";APPLICATION_NAME=reports");

        assertThat(run(first, "SELECT COUNT(*) FROM IPE_CURSESSIONS WHERE CLIENT_INFO = 'reports'"))
                .isEqualTo("1");
        assertThat(run(
                        first,
                        "SELECT CLIENT_INFO FROM IPE_CURSESSIONS WHERE CLIENT_INFO LIKE 'tcp client 127.0.0.1:%'"))
                .isNotEmpty();
        assertThat(run(first, "SELECT COUNT(*) FROM IPE_CURSESSIONS WHERE LOGIN_TIME IS NULL"))
                .isEqualTo("0");
        other.close("named");
    }

    @Test
    void aReadOnlyConnectionIsRefusedWritesByTheFirst() throws Exception {
        other.connect("reader", url + ";READ_ONLY=true");

        assertThat(other.run("reader", "UPDATE T SET V = 1")).contains(" 25006 90097 ");
        assertThat(other.run("reader", "SELECT COUNT(*) FROM T")).isEqualTo("= 2");
        other.close("reader");
    }

    @Test
    void theSystemLockOfTheFirstKeepsTheSecondOut() throws Exception {
        other.close("remote");
        run(first, "LOCK SYSTEM");

        assertThat(other.connect("late", url))
                .startsWith("! " + SQLTransientConnectionException.class.getSimpleName() + " 08004 90135")
                .contains("Sessions inhibited");
    }

    @Test
    void aNamedSessionOverTcpIsRefusedClearly() {
        assertThat(other.connect("shared", url + ";SESSION_ID=x"))
                .startsWith("! SQLNonTransientConnectionException 08001")
                .contains("SESSION_ID=x", "one connection is one session");
    }

    @Test
    void anotherLockPolicyIsRefused() {
        assertThat(other.connect("other", url + ";LOCK_POLICY=sqream"))
                .contains(" 08001 ", "the database is open with LOCK_POLICY=mvcc");
    }

    @Test
    void onlyThisDatabaseIsServed(@TempDir Path files) throws Exception {
        String server = url.substring(0, url.indexOf("/mem:"));

        assertThat(other.connect("stranger", server + "/mem:other")).contains(" 90149 ", "mem:other");
        assertThat(other.connect("maker", server + "/" + files.resolve("new"))).contains(" 90149 ");
        assertThat(other.connect("manager", server + "/mem:management_db_" + port(first)))
                .contains(" 90149 ");
        assertThat(files).isEmptyDirectory();
    }

    @Test
    void servingEndsWithTheDatabase() throws Exception {
        int port = Integer.parseInt(port(first));
        other.close("remote");

        first.close();

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void servingCanBeTurnedOffAndOn() throws Exception {
        int port = Integer.parseInt(port(first));

        run(first, "SET PARAMETER SERVE = ''");

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
        run(first, "SET PARAMETER SERVE = 'tcp:0'");
        assertThat(other.connect("again", "jdbc:mortise:h2:tcp://localhost:" + port(first) + "/" + name))
                .isEqualTo("= ");
        other.close("again");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        assertThatThrownBy(() -> DriverManager.getConnection(
                        "jdbc:mortise:mem:" + UUID.randomUUID() + ";SERVE=tcp:" + port(first)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("SERVE=tcp:" + port(first))
                .hasMessageContaining("cannot listen there");
    }

    @Test
    void whatIsNoAddressIsRefused() {
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:x;SERVE=9092"))
                .hasMessageContaining("SERVE=9092 is neither tcp:PORT nor tcp:ADDRESS:PORT");
    }

    @Test
    void aResultThatIsFetchedInPartsKeepsOthersOutAndNotItsOwnThread() throws Exception {
        run(first, "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(3, 1000)");
        try (Connection remote = DriverManager.getConnection(url, "sa", "");
                Statement reader = remote.createStatement();
                Background thread = new Background("second")) {
            reader.setFetchSize(10);
            ResultSet rows = reader.executeQuery("SELECT ID FROM T ORDER BY ID");
            assertThat(rows.next()).isTrue();

            assertThat(run(remote, "UPDATE T SET V = 1 WHERE ID = 1")).isEqualTo("1");
            assertThat(Background.failure(thread.starts(() -> run(remote, "SELECT 1")))
                            .getErrorCode())
                    .isEqualTo(373);

            int count = 1;
            while (rows.next()) {
                count++;
            }
            assertThat(count).isEqualTo(1000);
            assertThat(thread.does(() -> run(remote, "SELECT 1"))).isEqualTo("1");
        }
    }

    @Test
    void aQueryTimeoutCountsForItsStatementOnly() throws Exception {
        first.setAutoCommit(false);
        run(first, "UPDATE T SET V = 1 WHERE ID = 1");
        try (Connection remote = DriverManager.getConnection(url, "sa", "");
                Statement limited = remote.createStatement();
                Statement free = remote.createStatement()) {
            limited.setQueryTimeout(1);

            assertThatThrownBy(() -> limited.execute("UPDATE T SET V = 2 WHERE ID = 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
            assertThat(free.getQueryTimeout()).isZero();
            assertThat(free.execute("SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS"
                            + " WHERE SETTING_NAME = 'QUERY_TIMEOUT'"))
                    .isTrue();
            ResultSet setting = free.getResultSet();
            assertThat(setting.next() && setting.getInt(1) == 0).isTrue();
        }
        first.rollback();
    }
}
