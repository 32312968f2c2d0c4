package io.mortise.engine.command;

import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * A statement that Mortise adds to SQL. Immutable.
 *
 * <p>What concerns the engine has a function that does the same, so that clients who come by other routes than the
 * driver can do it too; {@link ForEngine#sql} calls it. A command is thus run, recorded, cancelled and seen like any
 * other statement.
 */
public sealed interface Command {
    /** Concerns the engine. */
    sealed interface ForEngine extends Command {
        /** The statement in SQL. */
        String sql();
    }

    /** Concerns the connection only, and not the session that it has. */
    sealed interface ForConnection extends Command {}

    /**
     * {@code LOCK TABLE t [, u …] IN {SHARE | EXCLUSIVE} MODE [NOWAIT | WAIT n]}.
     *
     * @param waitMillis how long to wait; empty for what the session has been told
     */
    record LockTable(List<TableName> tables, Strength strength, OptionalLong waitMillis) implements ForEngine {
        public LockTable {
            tables = List.copyOf(tables);
        }

        /** May others hold the same lock? */
        public enum Strength {
            SHARE,
            EXCLUSIVE
        }

        @Override
        public String sql() {
            String names = tables.stream().map(TableName::sql).collect(Collectors.joining(", "));
            String wait = waitMillis.isPresent()
                    ? ", " + BigDecimal.valueOf(waitMillis.getAsLong(), 3).toPlainString()
                    : "";
            return call("LOCK_TABLE(" + quoted(names) + ", '" + strength + "'" + wait + ")");
        }
    }

    /** {@code LOCK SYSTEM}: everybody else is kept out until this session ends. */
    record LockSystem() implements ForEngine {
        @Override
        public String sql() {
            return call("LOCK_SYSTEM()");
        }
    }

    /**
     * {@code SET PARAMETER name = value}: changes a setting of the database, or of the session where it is the
     * session's.
     *
     * @param value without quotes
     */
    record SetParameter(String name, String value) implements ForEngine {
        @Override
        public String sql() {
            return call("SET_PARAMETER(" + quoted(name) + ", " + quoted(value) + ")");
        }
    }

    /** {@code EXPLAIN t}: the columns of a table, with what they mean. */
    record DescribeTable(TableName table) implements ForEngine {
        @Override
        public String sql() {
            return "SELECT * FROM SYS.EXPLAIN_TABLE(" + quoted(table.sql()) + ")";
        }
    }

    /**
     * {@code EXPLAIN LOCKS statement}: what the statement would lock, if it ran.
     *
     * @param statement one statement, as storage is to read it
     * @param parameters how many it has; they may be given values
     */
    record ExplainLocks(String statement, int parameters) implements ForEngine {
        @Override
        public String sql() {
            return "SELECT * FROM SYS.EXPLAIN_LOCKS(" + quoted(statement) + ", ?".repeat(parameters) + ")";
        }
    }

    /**
     * {@code KILL QUERY WHERE condition [SYNC | ASYNC | TEST]}.
     *
     * @param condition on {@code SYSTEM.PROCESSES}, in SQL as storage is to read it; may have parameters
     */
    record KillQuery(String condition, Mode mode) implements ForEngine {
        /** When the statement returns: when all have ended, at once, or at once and nothing is ended. */
        public enum Mode {
            SYNC,
            ASYNC,
            TEST
        }

        // The condition ends with a line, because it may end in a comment that does.
        @Override
        public String sql() {
            return "SELECT SYS.KILL_STATEMENT(STATEMENT_ID, '" + mode + "', LISTAGG(STATEMENT_ID) OVER ())"
                    + " AS KILL_STATUS, QUERY_ID, USER_NAME AS \"USER\", QUERY FROM SYSTEM.PROCESSES WHERE ("
                    + condition + "\n) AND SESSION_ID <> SESSION_ID()";
        }
    }

    /**
     * {@code KILL SESSION n [CANCEL | ROLLBACK | DISCONNECT]}.
     *
     * @param session its number, or {@code ?}
     */
    record KillSession(String session, Mode mode) implements ForEngine {
        /** What is ended: the statement that runs, the transaction with it, or the session. */
        public enum Mode {
            CANCEL,
            ROLLBACK,
            DISCONNECT
        }

        @Override
        public String sql() {
            return call("KILL_SESSION(" + session + ", '" + mode + "')");
        }
    }

    /** {@code DISCONNECT}: closes the connection. */
    record Disconnect() implements ForConnection {}

    /**
     * {@code CONNECT user ['password']}: logs in anew on the same connection.
     *
     * @param user as written, with its quotes if it has some
     */
    record Connect(String user, String password) implements ForConnection {
        // A record would print the password.
        @Override
        public String toString() {
            return "Connect[user=" + user + "]";
        }
    }

    // Unlike CALL, SET returns no rows, however the client runs it; and the variable, being set to null, never exists.
    private static String call(String function) {
        return "SET @MORTISE = SYS." + function;
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
