package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A user may write names and texts of any length: none is kept or shown whole, in a table, a message or a report. */
@Timeout(300)
final class LongTextsTest {
    private static final int LONG = 50_000;
    /** More than the 4 KB that are kept of a text, with what surrounds it. */
    private static final int SHOWN = 20_000;

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();
    private final String name = "n".repeat(LONG);

    @SuppressWarnings("NullAway.Init")
    private Connection keeper;

    @BeforeEach
    void open() throws SQLException {
        keeper = connect("");
        execute(keeper, "CREATE TABLE T(ID VARCHAR PRIMARY KEY, V INT)");
    }

    @AfterEach
    void close() throws SQLException {
        keeper.close();
    }

    private Connection connect(String settings) throws SQLException {
        return DriverManager.getConnection(url + settings, "sa", "");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void noFunctionRepeatsItsArguments() throws SQLException {
        String digits = "9".repeat(LONG);
        for (String function : texts("SELECT ROUTINE_SCHEMA || '.' || ROUTINE_NAME FROM INFORMATION_SCHEMA.ROUTINES"
                + " WHERE ROUTINE_SCHEMA IN ('SYS', 'SYSTEM', 'PUBLIC')")) {
            for (int arguments = 1; arguments <= 2; arguments++) {
                call(function, arguments, name);
                call(function, arguments, digits);
            }
        }
        assertNothingLongIsShown();
    }

    /** By parameters, so that H2 has no long statement to repeat. */
    private void call(String function, int arguments, String argument) throws SQLException {
        String marks = "?" + ", ?".repeat(arguments - 1);
        try (var call = keeper.prepareStatement("CALL " + function + "(" + marks + ")")) {
            for (int i = 1; i <= arguments; i++) {
                call.setString(i, argument);
            }
            call.execute();
        } catch (SQLException e) {
            assertThat(e.getMessage())
                    .as(function)
                    .satisfiesAnyOf(
                            message -> assertThat(message.length()).isLessThan(SHOWN),
                            // Ours has no code of H2's behind it.
                            message -> assertThat(message)
                                    .contains("SQL statement:")
                                    .endsWith("-252]"));
        }
    }

    private static void assertShort(SQLException e, String of) {
        assertThat(String.valueOf(e.getMessage()).length()).as(of).isLessThan(SHOWN);
    }

    @Test
    void noNameIsKeptWhole() throws SQLException {
        Thread self = Thread.currentThread();
        String before = self.getName();
        try (Connection holder = connect(";APPLICATION_NAME=" + name);
                Connection waiter = connect(";LOCK_TIMEOUT=10")) {
            self.setName(name);
            waiter.setClientInfo("ApplicationName", name);
            waiter.setClientInfo("query_id", name);
            holder.setAutoCommit(false);
            execute(holder, "INSERT INTO T VALUES('a', 1)");
            execute(holder, "INSERT INTO T VALUES('" + name + "', 1)");
            for (String key : List.of("a", name)) {
                assertShort(refused(waiter, "INSERT INTO T VALUES('" + key + "', 2)"), "a lock timeout");
                assertShort(refused(waiter, "MERGE INTO T VALUES('" + key + "', 2)"), "a lock timeout");
            }
            assertNothingLongIsShown();
        } finally {
            self.setName(before);
        }
        assertNothingLongIsShown();
    }

    private static SQLException refused(Connection connection, String sql) {
        return catchThrowableOfType(SQLException.class, () -> execute(connection, sql));
    }

    private void assertNothingLongIsShown() throws SQLException {
        for (String table : texts("SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM')")) {
            try (Statement statement = keeper.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
                while (rows.next()) {
                    assertNothingLongIn(rows, table);
                }
            }
        }
    }

    private static void assertNothingLongIn(ResultSet row, String table) throws SQLException {
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            String cell = row.getString(i);
            String column = table + "." + row.getMetaData().getColumnName(i);
            assertThat(cell == null ? 0 : cell.length()).as(column).isLessThan(SHOWN);
        }
    }

    private List<String> texts(String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }
}
