package io.mortise.engine.command;

import io.mortise.engine.command.Command.KillQuery;
import io.mortise.engine.command.Command.KillSession;
import io.mortise.engine.command.Command.LockTable;
import io.mortise.engine.command.Command.LockTable.Strength;
import io.mortise.engine.command.CommandParser.Marks;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.text.Tokens;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads one command, by recursive descent. One thread at a time. */
final class Grammar {
    /** Settings that storage has too, under these names: it sets them, and we hear of it. */
    private static final Set<String> STORAGES_SETTINGS = Set.of("LOCK_TIMEOUT", "QUERY_TIMEOUT", "READONLY");

    /** What H2 explains itself. */
    private static final Set<String> STORAGE_EXPLAINS =
            Set.of("ANALYZE", "PLAN", "SELECT", "WITH", "TABLE", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE");

    private static final Set<String> KILL_MODES = Set.of("SYNC", "ASYNC", "TEST");
    private static final Set<String> SESSION_KILL_MODES = Set.of("CANCEL", "ROLLBACK", "DISCONNECT");
    private static final BigDecimal MOST_SESSIONS = BigDecimal.valueOf(Integer.MAX_VALUE);
    private static final BigDecimal MOST_SECONDS = BigDecimal.valueOf(Integer.MAX_VALUE, 3);

    private final Tokens tokens;
    private final Marks marks;

    Grammar(Tokens tokens, Marks marks) {
        this.tokens = tokens;
        this.marks = marks;
    }

    /**
     * Reads the command that begins at the cursor and leaves the cursor behind it; or leaves it where it is, if the
     * statement is storage's.
     *
     * @throws SQLException if it begins like a command and does not go on like one
     */
    Optional<Command> command() throws SQLException {
        int start = tokens.start();
        Optional<Command> command = read();
        if (command.isEmpty()) {
            tokens.moveTo(start);
        }
        return command;
    }

    private Optional<Command> read() throws SQLException {
        if (tokens.skipWord("LOCK")) {
            return Optional.of(lock());
        } else if (tokens.skipWord("DISCONNECT")) {
            return Optional.of(disconnect());
        } else if (tokens.skipWord("CONNECT")) {
            return Optional.of(connect());
        } else if (tokens.skipWord("KILL")) {
            return Optional.of(kill());
        } else if (tokens.skipWord("EXPLAIN")) {
            return explain();
        } else if (tokens.skipWord("SET")) {
            return set();
        } else {
            return Optional.empty();
        }
    }

    private Command lock() throws SQLException {
        Words words = new Words(
                tokens, "LOCK SYSTEM, or LOCK TABLE table [, ...] IN {SHARE | EXCLUSIVE} MODE [NOWAIT | WAIT seconds]");
        if (tokens.skipWord("SYSTEM")) {
            words.expectEnd();
            return new Command.LockSystem();
        }
        words.expect("TABLE", "TABLE or SYSTEM");
        List<TableName> tables = new ArrayList<>();
        do {
            tables.add(words.tableName());
        } while (words.skipSymbol(','));
        words.expect("IN", "IN or a comma");
        Strength strength = strength(words);
        words.expect("MODE");
        OptionalLong waitMillis = waitMillis(words);
        words.expectEnd(
                waitMillis.isPresent() ? "the end of the statement" : "NOWAIT, WAIT or the end of the statement");
        return new LockTable(tables, strength, waitMillis);
    }

    private Strength strength(Words words) throws SQLException {
        if (tokens.skipWord("SHARE") || tokens.skipWord("SHARED")) {
            return Strength.SHARE;
        }
        words.expect("EXCLUSIVE", "SHARE or EXCLUSIVE");
        return Strength.EXCLUSIVE;
    }

    private OptionalLong waitMillis(Words words) throws SQLException {
        if (tokens.skipWord("NOWAIT")) {
            return OptionalLong.of(0);
        } else if (!tokens.skipWord("WAIT")) {
            return OptionalLong.empty();
        }
        BigDecimal seconds = words.number(MOST_SECONDS, "a number of seconds from 0 to " + MOST_SECONDS);
        return OptionalLong.of(seconds.movePointRight(3).longValue());
    }

    private Command disconnect() throws SQLException {
        expectEndOfText(new Words(tokens, "DISCONNECT, as the last statement of a text"));
        return new Command.Disconnect();
    }

    private Command connect() throws SQLException {
        Words words = new Words(tokens, "CONNECT user ['password'], as the last statement of a text");
        String user = words.name("the name of a user");
        String expected = "a password in quotes or the end of the statement";
        String password = tokens.isEndOfStatement() ? "" : words.value(expected);
        expectEndOfText(words);
        return new Command.Connect(user, password);
    }

    // What follows could not be run: there is another session then, or none.
    private void expectEndOfText(Words words) throws SQLException {
        words.expectEnd();
        while (tokens.isSymbol(';')) {
            tokens.next();
        }
        words.expectEnd();
    }

    private Optional<Command> explain() throws SQLException {
        int start = tokens.start();
        if (tokens.skipWord("LOCKS") && !tokens.isEndOfStatement()) {
            return Optional.of(explainLocks());
        }
        tokens.moveTo(start);
        Words words = new Words(tokens, "EXPLAIN table, EXPLAIN LOCKS statement or EXPLAIN statement");
        if (!words.isName() || tokens.isWordOf(STORAGE_EXPLAINS)) {
            return Optional.empty();
        }
        TableName table = words.tableName();
        // Anything else behind a name is a statement that storage does not explain either, and will say so.
        return tokens.isEndOfStatement() ? Optional.of(new Command.DescribeTable(table)) : Optional.empty();
    }

    private Command explainLocks() {
        Edits edits = new Edits(tokens.text(), tokens.start());
        SqlTranslation translation = new SqlTranslation(tokens, edits, marks);
        int end = translation.statement();
        return new Command.ExplainLocks(edits.text(end), translation.parameters());
    }

    private Optional<Command> set() throws SQLException {
        // SET DEADLOCK_PRIORITY 5 is short for SET PARAMETER DEADLOCK_PRIORITY = 5.
        if (!tokens.skipWord("PARAMETER") && !isOurSetting()) {
            return Optional.empty();
        }
        Words words = new Words(tokens, "SET PARAMETER name = value, or SET name value");
        String name = words.word("the name of a setting");
        if (!words.skipSymbol('=')) {
            tokens.skipWord("TO");
        }
        String value = words.value("a value");
        words.expectEnd();
        return Optional.of(new Command.SetParameter(name, value));
    }

    private boolean isOurSetting() {
        return tokens.kind() == Tokens.Kind.WORD
                && !tokens.isWordOf(STORAGES_SETTINGS)
                && Setting.named(tokens.written()).isPresent();
    }

    private Command kill() throws SQLException {
        if (tokens.skipWord("SESSION")) {
            return killSession();
        }
        Words words = new Words(tokens, "KILL QUERY WHERE condition [SYNC | ASYNC | TEST]");
        words.expect("QUERY", "QUERY or SESSION");
        words.expect("WHERE");
        Edits edits = new Edits(tokens.text(), tokens.start());
        int end = new SqlTranslation(tokens, edits, marks).processCondition(KILL_MODES);
        String condition = edits.text(end);
        if (condition.isEmpty()) {
            throw words.insteadOf("a condition on SYSTEM.PROCESSES");
        }
        KillQuery.Mode mode =
                tokens.isEndOfStatement() ? KillQuery.Mode.ASYNC : KillQuery.Mode.valueOf(words.word("a mode"));
        return new KillQuery(condition, mode);
    }

    private Command killSession() throws SQLException {
        Words words = new Words(tokens, "KILL SESSION number [CANCEL | ROLLBACK | DISCONNECT]");
        String session;
        if (tokens.kind() == Tokens.Kind.PARAMETER) {
            session = tokens.written();
            tokens.next();
        } else {
            session = words.number(MOST_SESSIONS, "the number of a session").toPlainString();
        }
        KillSession.Mode mode = KillSession.Mode.DISCONNECT;
        if (tokens.isWordOf(SESSION_KILL_MODES)) {
            mode = KillSession.Mode.valueOf(words.word("a mode"));
            words.expectEnd();
        }
        words.expectEnd("CANCEL, ROLLBACK, DISCONNECT or the end of the statement");
        return new KillSession(session, mode);
    }
}
