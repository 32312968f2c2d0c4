package io.mortise.engine.command;

import java.util.List;
import java.util.OptionalLong;

/** A statement that Mortise adds to SQL. Immutable. */
public sealed interface Command {
    /**
     * {@code LOCK TABLE t [, u …] IN {SHARE | EXCLUSIVE} MODE [NOWAIT | WAIT n]}.
     *
     * @param waitMillis how long to wait; empty for what the session has been told
     */
    record LockTable(List<TableName> tables, Strength strength, OptionalLong waitMillis) implements Command {
        public LockTable {
            tables = List.copyOf(tables);
        }

        /** May others hold the same lock? */
        public enum Strength {
            SHARE,
            EXCLUSIVE
        }
    }

    /** {@code LOCK SYSTEM}: everybody else is kept out until this session ends. */
    record LockSystem() implements Command {}

    /** {@code DISCONNECT}: closes the connection. */
    record Disconnect() implements Command {}

    /**
     * {@code CONNECT user ['password']}: logs in anew on the same connection.
     *
     * @param user as written, with its quotes if it has some
     */
    record Connect(String user, String password) implements Command {
        // A record would print the password.
        @Override
        public String toString() {
            return "Connect[user=" + user + "]";
        }
    }

    /** {@code EXPLAIN t}: the columns of a table, with what they mean. */
    record DescribeTable(TableName table) implements Command {}

    /**
     * {@code EXPLAIN LOCKS statement}: what the statement would lock, if it ran.
     *
     * @param statement one statement, as storage is to read it
     */
    record ExplainLocks(String statement) implements Command {}

    /**
     * {@code SET PARAMETER name = value}: changes a setting of the database, or of the session where it is the session's.
     *
     * @param value without quotes
     */
    record SetParameter(String name, String value) implements Command {}

    /**
     * {@code SET DEADLOCK_PRIORITY 5}: changes a setting of the session.
     *
     * @param value without quotes
     */
    record SetSession(String name, String value) implements Command {}

    /**
     * {@code KILL QUERY WHERE condition [SYNC | ASYNC | TEST]}.
     *
     * @param condition on {@code SYSTEM.PROCESSES}, in SQL as storage is to read it; may have parameters
     */
    record KillQuery(String condition, Mode mode) implements Command {
        /** When the statement returns: when all have ended, at once, or at once and nothing is ended. */
        public enum Mode {
            SYNC,
            ASYNC,
            TEST
        }
    }
}
