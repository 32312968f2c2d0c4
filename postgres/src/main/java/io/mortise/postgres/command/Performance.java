package io.mortise.postgres.command;

import io.mortise.engine.command.Command.KillSession;
import io.mortise.engine.error.EngineError;
import io.mortise.postgres.command.Room.Reach;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Carries commands out, by the rows that the server has found for each. One thread at a time, the session's own. */
final class Performance {
    private static final String EXECUTED = "executed";
    /** The server's SQLState and the engine's. */
    private static final String NOT_ALLOWED = "42501";

    /** Stands for NULL: no text of the server's has this character. */
    static final String NULL = "\0";

    private final Room room;

    /** Runs the text that carries the command. */
    interface Run {
        Optional<ResultSet> execute() throws SQLException;
    }

    /** What was found in a row of {@code SYSTEM.PROCESSES}. */
    private record Found(int session, long statement, String queryId, String user, String query) {}

    Performance(Room room) {
        this.room = room;
    }

    Outcome of(Marked command, Run run) throws SQLException {
        return switch (command.kind()) {
            case ABORT -> abort(rows(run));
            case KILL_SESSION -> killSession(command, rows(run).get(0));
            case KILL_QUERY -> killQuery(command.argument(), run);
            case STOP_STATEMENT -> {
                room.endStatement(number(rows(run).get(0).get(0)));
                yield answer("stop_statement", EXECUTED, "text");
            }
            case CLOSE_SESSION -> {
                rows(run);
                room.closeNamed();
                yield answer("close_session", EXECUTED, "text");
            }
            case ADVISORY_LOCK, SESSION_LOCK, SESSION_UNLOCK ->
                new NameLocks(room).of(command.kind(), rows(run).get(0));
            case LOCK_TABLE -> {
                new LockWait(room).within(OptionalLong.of(number(command.argument())), run::execute);
                yield Outcome.of(0);
            }
        };
    }

    /** All of them, as text: what the client reads is another result. */
    private static List<List<String>> rows(Run run) throws SQLException {
        List<List<String>> all = new ArrayList<>();
        try (ResultSet rows = run.execute().orElseThrow()) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    String value = rows.getString(i);
                    row.add(value == null ? NULL : value);
                }
                all.add(row);
            }
        }
        return all;
    }

    /** A row of one column for the client. */
    private Outcome answer(String column, String value, String type) throws SQLException {
        return answer(room.connection(), column, value, type);
    }

    static Outcome answer(Connection connection, String column, String value, String type) throws SQLException {
        PreparedStatement query = connection.prepareStatement("SELECT ?::pg_catalog." + type + " AS " + column);
        query.closeOnCompletion();
        query.setString(1, value);
        return Outcome.of(query.executeQuery());
    }

    private Outcome abort(List<List<String>> rows) throws SQLException {
        Map<Integer, Reach> all = new LinkedHashMap<>();
        for (List<String> row : rows) {
            Reach reach = switch (row.get(1)) {
                case "1" -> Reach.TRANSACTION;
                case "2" -> Reach.SESSION;
                default ->
                    throw EngineError.INVALID_VALUE.exception("ABORT = " + row.get(1)
                            + " is not a value that ABORT can have. Nothing was ended."
                            + " 1 ends what a session runs and rolls it back, 2 ends the session.");
            };
            all.put(Integer.valueOf(row.get(0)), reach);
        }
        for (Map.Entry<Integer, Reach> one : all.entrySet()) {
            room.checkEnd(one.getKey(), one.getValue());
        }
        for (Map.Entry<Integer, Reach> one : all.entrySet()) {
            room.end(one.getKey(), one.getValue());
        }
        return Outcome.of(all.size());
    }

    private Outcome killSession(Marked command, List<String> row) throws SQLException {
        boolean isFunction = command.argument().isEmpty();
        String mode = !isFunction
                ? command.argument()
                : row.size() > 1 ? row.get(1).toUpperCase(Locale.ROOT) : KillSession.Mode.DISCONNECT.name();
        Reach reach = switch (mode) {
            case "CANCEL" -> Reach.STATEMENT;
            case "ROLLBACK" -> Reach.TRANSACTION;
            case "DISCONNECT" -> Reach.SESSION;
            default ->
                throw EngineError.INVALID_VALUE.exception("KILL SESSION ... " + mode
                        + " is not known. Nothing was ended. Say CANCEL, ROLLBACK or DISCONNECT.");
        };
        int session = Math.toIntExact(number(row.get(0)));
        room.checkEnd(session, reach);
        room.end(session, reach);
        return isFunction ? answer("kill_session", EXECUTED, "text") : Outcome.of(0);
    }

    private Outcome killQuery(String mode, Run run) throws SQLException {
        List<Found> found = processes(run);
        List<String> statuses = new ArrayList<>();
        for (Found process : found) {
            statuses.add(killed(process, mode));
        }
        if (mode.equals("SYNC")) {
            for (Found process : found) {
                if (process.statement() > 0) {
                    room.awaitEnd(process.statement());
                }
            }
        }
        return answer(found, statuses);
    }

    private List<Found> processes(Run run) throws SQLException {
        List<Found> found = new ArrayList<>();
        try (ResultSet rows = run.execute().orElseThrow()) {
            while (rows.next()) {
                int session = rows.getInt("session_id");
                if (session != room.session()) {
                    found.add(new Found(
                            session,
                            rows.getLong("statement_id"),
                            String.valueOf(rows.getString("query_id")),
                            String.valueOf(rows.getString("user_name")),
                            String.valueOf(rows.getString("query"))));
                }
            }
        }
        return found;
    }

    /** ClickHouse's kill_status. */
    private String killed(Found process, String mode) throws SQLException {
        if (mode.equals("TEST")) {
            return "unknown_status";
        }
        try {
            if (process.statement() > 0) {
                room.endStatement(process.statement());
            } else {
                room.end(process.session(), Reach.STATEMENT);
            }
        } catch (SQLException e) {
            if (!NOT_ALLOWED.equals(e.getSQLState())) {
                throw e;
            }
            return "cant_cancel";
        }
        return mode.equals("SYNC") && process.statement() > 0 ? "finished" : "waiting";
    }

    private Outcome answer(List<Found> found, List<String> statuses) throws SQLException {
        String row = "(?::pg_catalog.text, ?::pg_catalog.text, ?::pg_catalog.text, ?::pg_catalog.text)";
        String sql = "VALUES " + String.join(", ", Collections.nCopies(found.size(), row));
        PreparedStatement query = room.connection()
                .prepareStatement("SELECT * FROM (" + (found.isEmpty() ? NO_ROWS : sql)
                        + ") AS k(kill_status, query_id, \"user\", query)");
        query.closeOnCompletion();
        int parameter = 1;
        for (int i = 0; i < found.size(); i++) {
            query.setString(parameter++, statuses.get(i));
            query.setString(parameter++, found.get(i).queryId());
            query.setString(parameter++, found.get(i).user());
            query.setString(parameter++, found.get(i).query());
        }
        return Outcome.of(query.executeQuery());
    }

    private static final String NO_ROWS = "SELECT ''::pg_catalog.text, ''::pg_catalog.text, ''::pg_catalog.text,"
            + " ''::pg_catalog.text WHERE false";

    static long number(String text) throws SQLException {
        try {
            return new BigDecimal(text).longValueExact();
        } catch (NumberFormatException | ArithmeticException e) {
            throw EngineError.INVALID_VALUE.exception(text + " is not a number. Nothing was done.");
        }
    }

    /** Runs one statement of the engine's own. */
    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
