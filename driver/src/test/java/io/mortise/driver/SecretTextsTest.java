package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Passwords are in no text that is kept or shown, whatever has become of the statement. */
@Timeout(120)
final class SecretTextsTest {
    private static final String URL = "jdbc:mortise:mem:secrets;BIND_VALUES=TRUE";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void noTableShowsAPasswordToAnybody() throws SQLException {
        try (Connection admin = DriverManager.getConnection(URL, "sa", "");
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE USER BOB PASSWORD 'pw-1'");
            statement.execute("ALTER USER BOB SET PASSWORD $$pw-2$$");
            try (var prepared = admin.prepareStatement("ALTER USER BOB SET PASSWORD ?")) {
                prepared.setString(1, "pw-3");
                prepared.execute();
            }
            runs(statement, "CREATE USER BOB PASSWORD 'pw-4'");
            runs(statement, "CREATE USER EVE PASSWORD 'pw-5' NONSENSE");
            runs(statement, "CONNECT BOB 'pw-6'");
            runs(statement, "CONNECT BOB 'pw-7' NONSENSE");
            runs(statement, "CONNECT BOB 'x' 'pw-7'");
            runs(statement, "EXECUTE IMMEDIATE 'CREATE USER EVE PASSWORD ''pw-8'' NONSENSE'");
            runs(statement, "RUNSCRIPT FROM '" + folder + "/missing/script' CIPHER AES PASSWORD 'pw-9'");

            for (String table : tables(statement)) {
                assertThat(rows(statement, "SELECT * FROM " + table)).as(table).noneMatch(row -> row.contains("pw-"));
            }
            assertThat(rows(statement, "SELECT SQL_TEXT FROM SYS.STATEMENTS"))
                    .contains("CREATE USER BOB PASSWORD '***'", "ALTER USER BOB SET PASSWORD ?");
            assertThat(rows(statement, "SELECT TEXT FROM SYS.ERRORS"))
                    .anyMatch(text -> text.contains("CREATE USER EVE PASSWORD '***'"));
        }
    }

    /** It may fail. */
    private static void runs(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            if (!(e instanceof org.h2.jdbc.JdbcException)) { // H2 quotes to the client what the client wrote.
                assertThat(e.getMessage()).doesNotContain("pw-");
            }
        }
    }

    private static List<String> tables(Statement statement) throws SQLException {
        return rows(
                statement,
                "SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                        + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM')");
    }

    private static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    row.append(i == 1 ? "" : " | ").append(result.getString(i));
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }
}
