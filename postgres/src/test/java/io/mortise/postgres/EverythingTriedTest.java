package io.mortise.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each table, function and command of the embedded engine, tried on a server: it works, or is refused with a reason and
 * what to do. What came out is the table in docs/postgresql.md. The names are those of docs/tables.md, which is made
 * from the engine: what is new there fails here until it is tried.
 */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class EverythingTriedTest {
    private static final Path PAGES = Path.of("..", "docs");
    private static final String START =
            "<!-- tried: EverythingTriedTest compares this table and prints the right one -->\n";
    private static final String END = "<!-- end of tried -->";

    /** A call of each function; {@code PID} is another session's number. */
    private static final Map<String, String> CALLS = Map.ofEntries(
            Map.entry("ADVISORY_LOCK", "SELECT ADVISORY_LOCK('tried')"),
            Map.entry("ADVISORY_UNLOCK", "SELECT ADVISORY_UNLOCK('tried')"),
            Map.entry("CLOSE_SESSION", "CALL CLOSE_SESSION()"),
            Map.entry("EXPLAIN_LOCKS", "SELECT * FROM EXPLAIN_LOCKS('SELECT 1')"),
            Map.entry("EXPLAIN_TABLE", "SELECT * FROM EXPLAIN_TABLE('LOCKS')"),
            Map.entry("KILL_SESSION", "CALL KILL_SESSION(PID, 'CANCEL')"),
            Map.entry("KILL_STATEMENT", "SELECT * FROM KILL_STATEMENT(1, 'TEST')"),
            Map.entry("LOCK_SYSTEM", "CALL LOCK_SYSTEM()"),
            Map.entry("LOCK_TABLE", "CALL LOCK_TABLE('tried', 'SHARE')"),
            Map.entry("RELEASE_DEFUNCT_LOCKS", "SELECT RELEASE_DEFUNCT_LOCKS()"),
            Map.entry("REMOVE_LOCK", "SELECT REMOVE_LOCK('tried', 1)"),
            Map.entry("REMOVE_STATEMENT_LOCKS", "SELECT REMOVE_STATEMENT_LOCKS(1)"),
            Map.entry("SESSION_LOCK", "SELECT SESSION_LOCK('tried')"),
            Map.entry("SESSION_UNLOCK", "SELECT SESSION_UNLOCK('tried')"),
            Map.entry("SET_PARAMETER", "CALL SET_PARAMETER('LOCK_TIMEOUT', '5')"),
            Map.entry("SHOW_CONNECTIONS", "SELECT SHOW_CONNECTIONS()"),
            Map.entry("SHOW_LOCKS", "SELECT SHOW_LOCKS()"),
            Map.entry("SHOW_SERVER_STATUS", "SELECT SHOW_SERVER_STATUS()"),
            Map.entry("STOP_STATEMENT", "SELECT STOP_STATEMENT(1)"),
            Map.entry("UNLOCK_SYSTEM", "CALL UNLOCK_SYSTEM()"));

    private static final Map<String, String> COMMANDS = commands();

    private static Map<String, String> commands() {
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put("CONNECT user", "CONNECT somebody");
        commands.put("CURRENT_SESSION", "SELECT CURRENT_SESSION");
        commands.put("DISCONNECT", "DISCONNECT");
        commands.put("EXPLAIN LOCKS statement", "EXPLAIN LOCKS SELECT 1");
        commands.put("EXPLAIN table", "EXPLAIN IPE_ALLLOCKS");
        commands.put("KILL QUERY WHERE …", "KILL QUERY WHERE query_id = 'nobody' TEST");
        commands.put("KILL SESSION n", "KILL SESSION PID CANCEL");
        commands.put("LOCK SYSTEM", "LOCK SYSTEM");
        commands.put("LOCK TABLE … NOWAIT", "LOCK TABLE tried IN EXCLUSIVE MODE NOWAIT");
        commands.put("LOCK TABLE … WAIT n", "LOCK TABLE tried IN SHARE MODE WAIT 5");
        commands.put("LOCK TABLE …", "LOCK TABLE tried IN SHARE MODE");
        commands.put("SET DEADLOCK_PRIORITY", "SET DEADLOCK_PRIORITY 5");
        commands.put("SET LOCK_TIMEOUT", "SET LOCK_TIMEOUT = 5000");
        commands.put("SET PARAMETER …", "SET PARAMETER LOCK_TIMEOUT = 5");
        commands.put("UPDATE … SET ABORT", "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE session = PID");
        return commands;
    }

    @Test
    void whatThePageSaysOfEachIsWhatItDoes() throws Exception {
        String page = Files.readString(PAGES.resolve("postgresql.md"));
        int start = page.indexOf(START);
        assertThat(start).as("docs/postgresql.md has: " + START).isNotNegative();

        assertThat(page.substring(start + START.length(), page.indexOf(END, start)))
                .as("paste the expected table between the two comments of docs/postgresql.md")
                .isEqualTo(table());
    }

    private static String table() throws Exception {
        String tables = Files.readString(PAGES.resolve("tables.md"));
        List<String> lines = new ArrayList<>(List.of("| name | tried | on PostgreSQL |", "| --- | --- | --- |"));
        for (String name : found("(?m)^## (SYS\\w*\\.\\w+)$", tables)) {
            lines.add(row(name, "SELECT * FROM " + name));
        }
        for (String function : found("(?m)^- `(\\w+)\\(", tables)) {
            lines.add(row(function + "()", Objects.requireNonNull(CALLS.get(function), "try " + function)));
        }
        for (Map.Entry<String, String> command : COMMANDS.entrySet()) {
            lines.add(row(command.getKey(), command.getValue()));
        }
        return String.join("\n", lines) + "\n";
    }

    private static List<String> found(String pattern, String text) {
        List<String> names = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        assertThat(names).isNotEmpty();
        return names;
    }

    private static String row(String name, String sql) throws SQLException {
        return "| `" + name + "` | `" + sql.replace("PID", "n") + "` | " + tried(sql) + " |";
    }

    /** In a session of its own, with a name, and in a transaction. */
    private static String tried(String sql) throws SQLException {
        try (Connection other = TestServer.connect();
                Connection connection = TestServer.connect("SESSION_ID=tried")) {
            TestServer.run(other, "CREATE TABLE IF NOT EXISTS tried (id INT PRIMARY KEY)");
            boolean isLast = sql.contains("CLOSE_SESSION"); // It goes on in another session, without the transaction.
            connection.setAutoCommit(isLast);
            TestServer.run(connection, sql.replace("PID", Integer.toString(TestServer.pid(other))));
            if (!isLast) {
                connection.rollback();
            }
            return "works";
        } catch (SQLException e) {
            String message = String.valueOf(e.getMessage());
            int reason = message.indexOf("Nothing was done: ");
            assertThat(e.getSQLState()).as(sql + ": " + message).isEqualTo("HYC00");
            assertThat(reason).as(sql + ": " + message).isNotNegative();
            return "refused: "
                    + message.substring(reason + "Nothing was done: ".length()).replaceAll("\\.$", "");
        }
    }
}
