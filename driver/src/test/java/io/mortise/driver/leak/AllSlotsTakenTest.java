package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H2 has room for 255 open transactions. When all are taken, one can still see by whom, and end them. */
@Timeout(60)
final class AllSlotsTakenTest {
    private static final int SLOTS = Integer.getInteger("h2.maxOpenTransactions", 255);
    private static final String URL = "jdbc:mortise:h2:mem:slots";

    private static final List<String> NEED_ONE = List.of(
            "INSERT INTO T VALUES(-1, 0)",
            "UPDATE T SET V = 1",
            "DELETE FROM T",
            "MERGE INTO T VALUES(-1, 0)",
            "SELECT * FROM T",
            "SELECT (SELECT COUNT(*) FROM T)",
            "SELECT * FROM T FOR UPDATE",
            "CALL ROWS()",
            "CALL NEXT VALUE FOR S",
            "INSERT INTO OWN VALUES(1)",
            "LOCK TABLE T IN SHARE MODE",
            "CREATE TABLE OTHER(ID INT)",
            "DROP TABLE T",
            "TRUNCATE TABLE T",
            "SAVEPOINT P",
            "PREPARE COMMIT BRANCH",
            "SET DEFAULT_LOCK_TIMEOUT 100",
            "SELECT 1; INSERT INTO T VALUES(-1, 0)");

    private final List<Connection> holders = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Connection looker;

    @BeforeEach
    void takeAll() throws SQLException {
        looker = DriverManager.getConnection(URL + ";SERVE=tcp:0", "sa", "");
        execute(looker, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        execute(looker, "CREATE SEQUENCE S");
        execute(looker, "CREATE LOCAL TEMPORARY TABLE OWN(ID INT)");
        execute(
                looker,
                "CREATE ALIAS ROWS AS 'int rows(java.sql.Connection c) throws java.sql.SQLException {"
                        + " java.sql.ResultSet r = c.createStatement().executeQuery(\"SELECT COUNT(*) FROM T\");"
                        + " r.next(); return r.getInt(1); }'");
        for (int i = 0; i < SLOTS; i++) {
            Connection holder = DriverManager.getConnection(URL, "sa", "");
            holders.add(holder);
            holder.setAutoCommit(false);
            execute(holder, "INSERT INTO T VALUES(" + i + ", 0)");
        }
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection holder : holders) {
            holder.close();
        }
        looker.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoLooksNeedsNone(boolean autoCommit) throws SQLException {
        looker.setAutoCommit(autoCommit);

        assertThat(number(looker, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo(SLOTS + 1);
        assertThat(number(looker, "SELECT COUNT(*) FROM SYS.LOCKS WHERE ROW_KEY IS NOT NULL"))
                .isEqualTo(SLOTS);
        assertThat(number(looker, "SELECT COUNT(*) FROM SYS.TRANSACTIONS")).isGreaterThanOrEqualTo(SLOTS);
        assertThat(number(looker, "CALL 1")).isEqualTo(1);
        execute(looker, "SET LOCK_TIMEOUT 100");
        looker.setAutoCommit(false);
        looker.commit();
        looker.rollback();
    }

    @Test
    void whoNeedsOneIsToldWhoHasThem() throws SQLException {
        long oldest = number(holders.get(0), "CALL SESSION_ID()");

        for (String sql : NEED_ONE) {
            assertThatThrownBy(() -> execute(looker, sql))
                    .as(sql)
                    .isInstanceOf(SQLTransientException.class)
                    .hasMessageStartingWith("No transaction can begin: " + SLOTS + " are open")
                    .hasMessageContaining("the oldest transaction first: " + oldest + " (open for ")
                    .extracting(error -> ((SQLException) error).getSQLState())
                    .isEqualTo("53000");
        }

        holders.get(0).rollback();
        assertThat(number(looker, "SELECT COUNT(*) FROM T")).isZero();
        assertThat(number(looker, "SELECT COUNT(*) FROM OWN")).isZero();
        execute(looker, "INSERT INTO T VALUES(-1, 0)");
        assertThat(number(looker, "SELECT COUNT(*) FROM SYS.LOCKS WHERE SESSION = SESSION_ID()"))
                .isZero();
    }

    @Test
    void whoEndsNeedsNone() throws SQLException {
        long first = number(holders.get(0), "CALL SESSION_ID()");
        long second = number(holders.get(1), "CALL SESSION_ID()");

        assertThat(update(looker, "UPDATE SYS.SESSIONS SET ABORT = 1 WHERE SESSION = " + first))
                .isEqualTo(1);
        assertThat(update(looker, "INSERT INTO T VALUES(-1, 0)")).isEqualTo(1);
        execute(holders.get(2), "UPDATE T SET V = 1");
        holders.get(0).rollback();
        execute(holders.get(0), "INSERT INTO T VALUES(0, 0)");
        assertThat(update(looker, "UPDATE SYS.SESSIONS SET ABORT = 2 WHERE SESSION = " + second))
                .isEqualTo(1);
        execute(looker, "INSERT INTO T VALUES(-2, 0)");

        assertThat(number(looker, "SELECT COUNT(*) FROM T")).isEqualTo(2);
    }

    @Test
    void whoComesOverTheNetworkCanEndToo() throws SQLException {
        String address = text(looker, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
        String port = address.substring(address.lastIndexOf(':') + 1);
        long first = number(holders.get(0), "CALL SESSION_ID()");
        long second = number(holders.get(1), "CALL SESSION_ID()");

        try (Connection peer =
                DriverManager.getConnection("jdbc:mortise:h2:tcp://localhost:" + port + "/mem:slots", "sa", "")) {
            assertThat(number(peer, "SELECT COUNT(*) FROM SYS.LOCKS WHERE SESSION = " + first))
                    .isPositive();
            assertThat(update(peer, "UPDATE SYS.SESSIONS SET ABORT = 1 WHERE SESSION = " + first))
                    .isEqualTo(1);
            assertThat(update(peer, "INSERT INTO T VALUES(-1, 0)")).isEqualTo(1);
            execute(holders.get(2), "UPDATE T SET V = 1");
            holders.get(0).rollback();
            execute(holders.get(0), "INSERT INTO T VALUES(0, 0)");
            execute(peer, "KILL SESSION " + second);
            execute(peer, "INSERT INTO T VALUES(-2, 0)");
        }

        assertThat(number(looker, "SELECT COUNT(*) FROM T")).isEqualTo(2);
    }

    @Test
    void whoComesNowCanLookToo() throws SQLException {
        String address = text(looker, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
        String port = address.substring(address.lastIndexOf(':') + 1);

        for (String url : List.of(URL, "jdbc:mortise:h2:tcp://localhost:" + port + "/mem:slots")) {
            try (Connection newcomer = DriverManager.getConnection(url, "sa", "")) {
                assertThat(number(newcomer, "SELECT COUNT(*) FROM SYS.SESSIONS"))
                        .isEqualTo(SLOTS + 2);
                assertThatThrownBy(() -> execute(newcomer, "INSERT INTO T VALUES(-1, 0)"))
                        .hasMessageStartingWith("No transaction can begin");
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int update(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        return Long.parseLong(text(connection, sql));
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
