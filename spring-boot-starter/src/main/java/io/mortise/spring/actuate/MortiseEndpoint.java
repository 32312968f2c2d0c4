package io.mortise.spring.actuate;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * {@code /actuator/mortise}: who waits for whom, the open transactions, oldest first, and how many deadlocks there
 * were. Asking takes no lock and no connection of the pool, so it answers when the application hangs. Thread-safe.
 *
 * <p>Like Boot's own endpoints it shows no values unless {@code management.endpoint.mortise.show-values} is
 * {@code always} or {@code when-authorized}: no texts of statements, no keys of rows. Actuator exposes it to HTTP if
 * {@code management.endpoints.web.exposure.include} names it.
 *
 * <p>It ends sessions only if {@code management.endpoint.mortise.access} is {@code unrestricted}.
 */
@Endpoint(id = "mortise", defaultAccess = Access.READ_ONLY)
public class MortiseEndpoint {
    private static final String COUNTS = """
            SELECT COUNT(*) AS SESSIONS, COUNT(BLOCKED_BY) AS WAITING, COUNT(TNO) AS IN_TRANSACTION,
              (SELECT MAX(DEADLOCK_ID) FROM SYS.DEADLOCKS) AS DEADLOCKS,
              (SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'watch') AS PAGE
            FROM SYS.SESSIONS WHERE SESSION <> SESSION_ID()
            """;
    private static final String TREE = """
            SELECT DEPTH, SESSION, USER_NAME, STATE, WAITS_FOR, WAITED_MS, SQL_TEXT FROM SYS.BLOCKING_TREE LIMIT 1000
            """;
    private static final String TRANSACTIONS = """
            SELECT SESSION, USER_NAME, STATE, T.START_TIME AS BEGAN, T.DURATION_MS AS OPEN_MS, ROWS_CHANGED, LOCKS_HELD,
              THREAD_NAME, LAST_SQL
            FROM SYS.SESSIONS S JOIN (SELECT TNO, START_TIME, DURATION_MS FROM SYS.TRANSACTIONS WHERE END_TIME IS NULL) T
              ON S.TNO = T.TNO
            WHERE SESSION <> SESSION_ID() ORDER BY T.START_TIME LIMIT 100
            """;
    private static final Set<String> STATEMENTS = Set.of("sqlText", "lastSql");
    private static final Pattern WORDS = Pattern.compile("_");

    /** Jackson writes no more than 1,000 levels, and one who waits is two. Those who wait deeper stand beside these. */
    private static final int DEEPEST = 400;

    /** What a client has put into the database. */
    private enum Values {
        SHOWN,
        HIDDEN;

        Optional<Object> shown(String column, Object value) {
            if (this == SHOWN) {
                return Optional.of(value);
            }
            if (STATEMENTS.contains(column)) {
                return Optional.empty();
            }
            return Optional.of(column.equals("waitsFor") ? withoutKey(value.toString()) : value);
        }
    }

    private final OwnConnections connections;
    private final Show show;
    private final Set<String> roles;

    MortiseEndpoint(OwnConnections connections, Show show, Set<String> roles) {
        this.connections = connections;
        this.show = show;
        this.roles = Set.copyOf(roles);
    }

    /**
     * The locks of this moment.
     *
     * @param security who asks
     * @throws SQLException if the database cannot be reached, or its tables cannot be read
     */
    @ReadOperation
    public Map<String, Object> locks(SecurityContext security) throws SQLException {
        Values values = show.isShown(security, roles) ? Values.SHOWN : Values.HIDDEN;
        try (Connection connection = connections.open();
                Statement statement = connection.createStatement()) {
            Map<String, Object> all =
                    new LinkedHashMap<>(rows(statement, COUNTS, values).get(0));
            all.put("blocking", nested(rows(statement, TREE, values)));
            all.put("transactions", rows(statement, TRANSACTIONS, values));
            return all;
        }
    }

    /**
     * {@code DELETE /actuator/mortise/5}: ends session 5, as {@code KILL SESSION 5} does. What it has not committed is
     * rolled back, and its pool makes another connection.
     *
     * @param session its number, as the log and {@link #locks} have it
     * @return nothing (204); or why it was not ended (400): there is no such session, or the application's user may not
     * @throws SQLException if the database cannot be reached
     */
    @DeleteOperation
    public WebEndpointResponse<Map<String, String>> end(@Selector int session) throws SQLException {
        try (Connection connection = connections.open();
                Statement statement = connection.createStatement()) {
            return ended(statement, session);
        }
    }

    private static WebEndpointResponse<Map<String, String>> ended(Statement statement, int session) {
        try {
            statement.execute("KILL SESSION " + session + " DISCONNECT");
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
        } catch (SQLException e) {
            return new WebEndpointResponse<>(
                    Map.of("error", String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_BAD_REQUEST);
        }
    }

    private static List<Map<String, Object>> rows(Statement statement, String query, Values values)
            throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                rows.add(row(result, values));
            }
        }
        return rows;
    }

    private static Map<String, Object> row(ResultSet result, Values values) throws SQLException {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            String name = name(result.getMetaData().getColumnLabel(i));
            Optional.ofNullable(result.getObject(i))
                    .flatMap(value -> values.shown(name, value))
                    .ifPresent(value -> row.put(name, value));
        }
        return row;
    }

    /** {@code WAITED_MS} is {@code waitedMs}. */
    private static String name(String column) {
        StringBuilder name = new StringBuilder();
        for (String word : WORDS.split(column.toLowerCase(Locale.ROOT))) {
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }

    /** {@code EX ROW PUBLIC.ACCOUNTS(ID=1)} without the brackets, {@code name 'x'} without the name. */
    private static String withoutKey(String target) {
        int end = target.length();
        for (char open : new char[] {'(', '\''}) {
            int at = target.indexOf(open);
            end = at < 0 ? end : Math.min(end, at);
        }
        return target.substring(0, end).stripTrailing();
    }

    /** The tree as a tree: those who wait stand in the one they wait for. */
    private static List<Map<String, Object>> nested(List<Map<String, Object>> rows) {
        List<Map<String, Object>> roots = new ArrayList<>();
        List<List<Map<String, Object>>> open = new ArrayList<>(List.of(roots));
        for (Map<String, Object> row : rows) {
            int depth =
                    Math.min(((Number) row.getOrDefault("depth", 0)).intValue(), Math.min(open.size() - 1, DEEPEST));
            row.remove("depth");
            open.get(depth).add(row);
            List<Map<String, Object>> waiters = new ArrayList<>();
            row.put("waiters", waiters);
            open.subList(depth + 1, open.size()).clear();
            open.add(waiters);
        }
        return roots;
    }
}
