package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.h2.api.DatabaseEventListener;
import org.h2.api.Trigger;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * An Error of the user's code in the middle of a statement: the statement is undone as for an exception, and nothing
 * else.
 */
@Timeout(120)
public final class ErrorInStatementTest {
    /** What user code throws, by its number in the table WHAT. */
    private static final List<String> THROWN =
            List.of("exception", "runtime exception", "assertion", "linkage", "overflow", "memory", "other error");

    private static final class OtherError extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Called by H2: throws at the row -1. */
    public static int boom(int value, int what) throws Exception {
        if (value == -1) {
            fail(what);
        }
        return value + 100;
    }

    private static void fail(int what) throws Exception {
        switch (what) {
            case 0 -> throw new SQLException("planted");
            case 1 -> throw new IllegalStateException("planted");
            case 2 -> throw new AssertionError("planted");
            case 3 -> throw new NoClassDefFoundError("planted");
            case 4 -> fail(what);
            case 5 -> throw new OutOfMemoryError("planted");
            default -> throw new OtherError();
        }
    }

    /** Called by H2 for each row: throws at the row whose V is -1, or becomes so. */
    public static final class Planted implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            try {
                if (after != null && ((Number) after[1]).intValue() < 0) {
                    ErrorInStatementTest.fail(-((Number) after[1]).intValue() - 1);
                }
            } catch (SQLException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new SQLException(e);
            }
        }
    }

    /** Throws an Error at what it is told. */
    public static final class Listener implements DatabaseEventListener {
        private static volatile boolean armed;

        @Override
        public void setProgress(int state, String name, long done, long all) {
            if (armed && state != STATE_CREATE_INDEX) {
                throw new OtherError();
            }
        }

        @Override
        public void exceptionThrown(SQLException e, String sql) {
            if (armed) {
                throw new OtherError();
            }
        }
    }

    private static Map<String, String> statements() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("UPDATE", "UPDATE T SET V = BOOM(V, #)");
        all.put("DELETE", "DELETE FROM T WHERE BOOM(V, #) > 0");
        all.put("INSERT SELECT", "INSERT INTO T SELECT ID + 10, BOOM(V, #) FROM T ORDER BY ID");
        all.put("INSERT VALUES", "INSERT INTO T VALUES(11, 1), (12, 2), (13, BOOM(-1, #))");
        all.put(
                "MERGE USING",
                "MERGE INTO T USING (SELECT ID + 2 AS I, V FROM T) S ON T.ID = S.I"
                        + " WHEN MATCHED THEN UPDATE SET V = BOOM(S.V, #) WHEN NOT MATCHED THEN INSERT VALUES(S.I, BOOM(S.V, #))");
        all.put("MERGE", "MERGE INTO T KEY(ID) SELECT ID, BOOM(V, #) FROM T ORDER BY ID");
        all.put("FINAL TABLE", "SELECT * FROM FINAL TABLE (UPDATE T SET V = BOOM(V, #))");
        all.put(
                "FINAL TABLE INSERT",
                "SELECT ID, BOOM(V, #) FROM FINAL TABLE (INSERT INTO T SELECT ID + 10, V FROM T)");
        all.put("EXECUTE IMMEDIATE", "EXECUTE IMMEDIATE 'UPDATE T SET V = BOOM(V, #)'");
        all.put("list", "UPDATE T SET V = BOOM(V, #); UPDATE T SET V = 7");
        all.put("later in a list", "SET @A = 1; UPDATE T SET V = BOOM(V, #)");
        all.put(
                "trigger INSERT",
                "INSERT INTO TRIGGERED SELECT ID, CASE WHEN ID = 4 THEN -# - 1 ELSE 5 END FROM T ORDER BY ID");
        all.put("trigger UPDATE", "UPDATE TRIGGERED SET V = CASE WHEN ID = 104 THEN -# - 1 ELSE 5 END");
        all.put("cascade", "UPDATE T SET V = V + 1 WHERE BOOM(V, #) > 0");
        return all;
    }

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    private static Connection open(String url, String settings) throws SQLException {
        Connection connection = DriverManager.getConnection(url + settings);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE ALIAS IF NOT EXISTS BOOM FOR '" + ErrorInStatementTest.class.getName() + ".boom'");
            statement.execute("CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE TABLE IF NOT EXISTS TRIGGERED(ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE TRIGGER IF NOT EXISTS TR AFTER INSERT, UPDATE ON TRIGGERED FOR EACH ROW CALL '"
                    + Planted.class.getName() + "'");
            statement.execute("DELETE FROM T; DELETE FROM TRIGGERED");
            statement.execute("INSERT INTO T VALUES(1, 1), (2, 2), (3, -1), (4, 4), (5, 5)");
            statement.execute("INSERT INTO TRIGGERED VALUES(101, 1), (102, 2), (103, 3), (104, 4)");
        }
        return connection;
    }

    private static String content(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT LISTAGG(ID || '=' || V, ' ') WITHIN GROUP (ORDER BY ID)"
                        + " FROM (SELECT * FROM T UNION ALL SELECT * FROM TRIGGERED)")) {
            rows.next();
            return rows.getString(1);
        }
    }

    @TestFactory
    Stream<DynamicTest> theStatementIsUndoneAndNothingElse() {
        return Stream.of("", ";LOCK_POLICY=kognitio", ";LOCK_POLICY=sqream")
                .flatMap(policy -> statements().entrySet().stream()
                        .flatMap(statement -> Stream.of(0, 8)
                                .map(level -> dynamicTest(
                                        statement.getKey() + policy + " at " + level,
                                        () -> tryAll(policy, statement.getValue(), level)))));
    }

    private void tryAll(String policy, String sql, int level) throws SQLException {
        for (int what = 0; what < THROWN.size(); what++) {
            String failing = sql.replace("#", "" + what);
            tryOne(policy, failing, level, false);
            tryOne(policy, failing, level, true);
        }
    }

    private void tryOne(String policy, String failing, int level, boolean isPrepared) throws SQLException {
        try (Connection one = open(url, policy);
                Connection other = DriverManager.getConnection(url)) {
            if (level != 0) {
                one.setTransactionIsolation(level);
            }
            String as = failing + (isPrepared ? " prepared" : "");
            String before = content(one);
            fails(one, failing, isPrepared);
            assertThat(content(other)).as(as + " in autocommit").isEqualTo(before);
            one.setAutoCommit(false);
            update(one, "INSERT INTO T VALUES(0, 0)");
            fails(one, failing, isPrepared);
            assertThat(content(one)).as(as + " in a transaction").isEqualTo("0=0 " + before);
            one.commit();
            assertThat(content(other)).as(as + " committed").isEqualTo("0=0 " + before);
            assertThat(update(other, "UPDATE T SET V = 9"))
                    .as("locks are given back")
                    .isEqualTo(6);
        }
    }

    private static void fails(Connection connection, String sql, boolean isPrepared) {
        assertThat(catchThrowable(() -> {
                    if (isPrepared) {
                        try (PreparedStatement statement = connection.prepareStatement(sql)) {
                            statement.execute();
                        }
                    } else {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute(sql);
                        }
                    }
                }))
                .as(sql)
                .isNotNull();
    }

    private static int update(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    @Test
    void aListenerThatThrowsAnErrorChangesNothing() throws SQLException {
        try (Connection one = open(url, "");
                Connection other = DriverManager.getConnection(url)) {
            String before = content(one);
            update(one, "SET DATABASE_EVENT_LISTENER '" + Listener.class.getName() + "'");
            Listener.armed = true;
            try {
                fails(one, "UPDATE T SET V = BOOM(V, 0)", false);
                assertThat(content(other)).isEqualTo(before);
                one.setAutoCommit(false);
                fails(one, "UPDATE T SET V = BOOM(V, 2)", false);
                assertThat(content(one)).isEqualTo(before);
                one.commit();
                one.setAutoCommit(true);
                update(one, "CREATE TABLE MADE(ID INT)");
                update(other, "INSERT INTO MADE VALUES(1)");
                assertThat(update(other, "UPDATE T SET V = 3")).isEqualTo(5);
            } finally {
                Listener.armed = false;
            }
            try (Statement statement = one.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'MADE'")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(1);
            }
        }
    }
}
