package io.mortise.driver.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The page of tables is what any tool shows of them: their remarks, and those of their columns. */
final class TablesPageTest {
    private static final Path PAGE = Path.of("../docs/tables.md");
    private static final String START =
            "<!-- tables: TablesPageTest compares what follows with the code and prints the right text -->\n";
    private static final String END = "<!-- end of tables -->";
    private static final String COLUMNS = """
            SELECT C.TABLE_SCHEMA || '.' || C.TABLE_NAME, T.REMARKS, C.COLUMN_NAME, C.DATA_TYPE, C.REMARKS
            FROM INFORMATION_SCHEMA.COLUMNS C JOIN INFORMATION_SCHEMA.TABLES T USING (TABLE_SCHEMA, TABLE_NAME)
            WHERE C.TABLE_SCHEMA IN ('SYS', 'SYSTEM') ORDER BY 1, C.ORDINAL_POSITION""";
    private static final String FUNCTIONS = """
            SELECT ROUTINE_NAME, REMARKS FROM INFORMATION_SCHEMA.ROUTINES
            WHERE ROUTINE_SCHEMA IN ('SYS', 'SYSTEM') ORDER BY ROUTINE_SCHEMA, ROUTINE_NAME""";

    @Test
    void thePageIsTheCodes() throws IOException, SQLException {
        String page = Files.readString(PAGE);

        Pages.compare(
                PAGE,
                page.substring(0, page.indexOf(START) + START.length())
                        + expected()
                        + page.substring(page.indexOf(END)));
    }

    private static String expected() throws SQLException {
        StringBuilder text = new StringBuilder();
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:tables", "sa", "");
                Statement statement = connection.createStatement()) {
            tables(text, statement);
            text.append("\n## Functions\n\n");
            functions(text, statement);
        }
        return text.append('\n').toString();
    }

    private static void tables(StringBuilder text, Statement statement) throws SQLException {
        String last = "";
        try (ResultSet columns = statement.executeQuery(COLUMNS)) {
            while (columns.next()) {
                String table = columns.getString(1);
                if (!table.equals(last)) {
                    text.append("\n## ").append(table).append("\n\n").append(columns.getString(2));
                    text.append(".\n\n| column | type | |\n| --- | --- | --- |\n");
                    last = table;
                }
                text.append("| `%s` | %s | %s |\n"
                        .formatted(columns.getString(3), columns.getString(4), cell(columns.getString(5))));
            }
        }
    }

    private static void functions(StringBuilder text, Statement statement) throws SQLException {
        try (ResultSet functions = statement.executeQuery(FUNCTIONS)) {
            while (functions.next()) {
                String name = functions.getString(1);
                String remark = functions.getString(2);
                String whole = remark.startsWith(name) ? remark : name + "(): " + remark;
                text.append("- ").append(code(whole)).append('\n');
            }
        }
    }

    private static String cell(String remark) {
        return remark.replace("|", "\\|");
    }

    /** What stands before the colon is a call. */
    private static String code(String remark) {
        return remark.replaceFirst("^(\\w+\\(.*?\\)): ", "`$1`: ");
    }
}
