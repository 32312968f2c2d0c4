package io.mortise.postgres.command;

import io.mortise.engine.command.Command.KillSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.setting.Setting;
import io.mortise.postgres.command.Marked.Kind;
import io.mortise.postgres.table.OurTables;
import io.mortise.postgres.table.PgTokens;
import io.mortise.postgres.table.References.Owned;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the statements that we add to SQL. What the server can do becomes a query, with a mark that says what its rows
 * are for. The rest is refused, with what to do instead. One thread at a time.
 */
public final class ServerCommands {
    private static final BigDecimal MOST_SECONDS = BigDecimal.valueOf(Integer.MAX_VALUE, 3);
    private static final Set<String> KILL_MODES = Set.of("SYNC", "ASYNC", "TEST");

    private final String text;
    private final OurTables ours;
    private final Owned owned;
    private final PgTokens tokens;

    private ServerCommands(String text, OurTables ours, Owned owned) {
        this.text = text;
        this.ours = ours;
        this.owned = owned;
        this.tokens = new PgTokens(text);
    }

    /** Might a text be one of them? Quick: nearly none is. */
    public static boolean mayBe(String text) {
        int start = 0;
        while (start < text.length() && text.charAt(start) <= ' ') {
            start++;
        }
        return start < text.length()
                && switch (text.charAt(start) | 0x20) {
                    case 'k', 'l', 'e', 'c' -> true;
                    case 'd' -> text.regionMatches(true, start, "DISC", 0, 4);
                    case 's' -> text.regionMatches(true, start, "SET", 0, 3);
                    default -> false;
                };
    }

    /**
     * What the server is to run in place of a text: names of our tables are still in it.
     *
     * @return empty if the text is the server's own
     * @throws SQLException HYC00 for one that the server has something else for, 42000 for one that is not written so
     */
    public static Optional<String> in(String text, OurTables ours, Owned owned) throws SQLException {
        return new ServerCommands(text, ours, owned).read();
    }

    private Optional<String> read() throws SQLException {
        String first = tokens.kind() == PgTokens.Kind.WORD ? tokens.value() : "";
        switch (first) {
            case "KILL" -> {
                return Optional.of(kill());
            }
            case "LOCK" -> {
                return lock();
            }
            case "EXPLAIN" -> {
                return explain();
            }
            case "UPDATE" -> {
                return abort();
            }
            case "SET" -> {
                return set();
            }
            case "CONNECT", "DISCONNECT" -> throw refused(first, "close the connection, and open another");
            case "SELECT", "CALL" -> {
                return new Functions(text, tokens, owned).alone();
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    static SQLException refused(String command, String instead) {
        return EngineError.NOT_SUPPORTED.exception(
                command + " is not a statement of PostgreSQL. Nothing was done: " + instead + ".");
    }

    private static SQLException malformed(String form) {
        return EngineError.SYNTAX.exception(
                "The statement is not written as it should be. Nothing was done. Write " + form + ".");
    }

    private boolean skip(String word) {
        boolean isHere = tokens.isWord(word);
        if (isHere) {
            tokens.next();
        }
        return isHere;
    }

    private boolean isAtEnd() {
        while (tokens.isSymbol(';')) {
            tokens.next();
        }
        return tokens.kind() == PgTokens.Kind.END;
    }

    private String kill() throws SQLException {
        tokens.next();
        if (skip("QUERY")) {
            return killQuery();
        }
        String form = "KILL SESSION number [CANCEL | ROLLBACK | DISCONNECT], or KILL QUERY WHERE condition";
        if (!skip("SESSION")) {
            throw malformed(form);
        }
        int start = tokens.start();
        boolean isParameter = tokens.isSymbol('?');
        boolean isNumber = tokens.kind() == PgTokens.Kind.NUMBER;
        tokens.next();
        String session =
                text.substring(start, isParameter ? start + 1 : tokens.start()).strip();
        KillSession.Mode mode = KillSession.Mode.DISCONNECT;
        for (KillSession.Mode one : KillSession.Mode.values()) {
            mode = skip(one.name()) ? one : mode;
        }
        if (!(isParameter || isNumber) || !isAtEnd()) {
            throw malformed(form);
        }
        return new Marked(Kind.KILL_SESSION, mode.name())
                .before("SELECT (" + session.replace(";", "") + ")::pg_catalog.int4");
    }

    private String killQuery() throws SQLException {
        int where = tokens.start();
        if (!skip("WHERE") || isAtEnd()) {
            throw malformed("KILL QUERY WHERE condition [SYNC | ASYNC | TEST]");
        }
        int end = text.length();
        String last = "";
        while (!isAtEnd()) {
            last = tokens.kind() == PgTokens.Kind.WORD ? tokens.value() : "";
            end = tokens.start();
            tokens.next();
        }
        boolean hasMode = KILL_MODES.contains(last);
        String condition = text.substring(where + "WHERE".length(), hasMode ? end : text.length());
        // The condition ends with a line, because it may end in a comment that does.
        return new Marked(Kind.KILL_QUERY, hasMode ? last : "ASYNC")
                .before("SELECT * FROM SYSTEM.PROCESSES WHERE (" + withoutEnd(condition) + "\n)");
    }

    private static String withoutEnd(String condition) {
        String stripped = condition.strip();
        return stripped.endsWith(";") ? stripped.substring(0, stripped.length() - 1) : stripped;
    }

    /** The server has LOCK TABLE itself, but for WAIT; and SHARED is not its word. */
    private Optional<String> lock() throws SQLException {
        tokens.next();
        if (tokens.isWord("SYSTEM")) {
            throw refused("LOCK SYSTEM", "the server keeps others out with ALTER DATABASE ... ALLOW_CONNECTIONS false");
        }
        while (!isAtEnd() && !tokens.isWord("MODE")) {
            tokens.next();
        }
        int end = tokens.end();
        if (!skip("MODE") || !skip("WAIT")) {
            return Optional.empty();
        }
        long millis = millis(tokens.kind() == PgTokens.Kind.NUMBER ? withoutEnd(text.substring(tokens.start())) : "");
        String statement = text.substring(0, end);
        return Optional.of(
                millis == 0
                        ? statement + " NOWAIT"
                        : new Marked(Kind.LOCK_TABLE, Long.toString(millis)).before(statement));
    }

    private static long millis(String seconds) throws SQLException {
        try {
            BigDecimal number = new BigDecimal(seconds.strip());
            if (number.signum() >= 0 && number.compareTo(MOST_SECONDS) <= 0) {
                return number.movePointRight(3).longValue();
            }
        } catch (NumberFormatException e) {
            throw (SQLException) malformed(LOCK_FORM).initCause(e);
        }
        throw malformed(LOCK_FORM);
    }

    private static final String LOCK_FORM =
            "LOCK TABLE table [, ...] IN mode MODE [NOWAIT | WAIT seconds], with seconds" + " from 0 to "
                    + MOST_SECONDS;

    /** Of a table of ours: what its columns hold. */
    private Optional<String> explain() throws SQLException {
        tokens.next();
        String name = tokens.name();
        String schema = "";
        tokens.next();
        if (name.equals("LOCKS") && !isAtEnd() && !tokens.isSymbol('.')) {
            throw refused(
                    "EXPLAIN LOCKS",
                    "the server takes its locks as it runs; it explains a statement's plan only, and tables of ours");
        }
        if (tokens.isSymbol('.')) {
            tokens.next();
            schema = name;
            name = tokens.name();
            tokens.next();
        }
        return isAtEnd() ? ours.explained(schema, name) : Optional.empty();
    }

    /** {@code UPDATE t [[AS] a] SET ABORT = value [WHERE condition]}. */
    private Optional<String> abort() throws SQLException {
        tokens.next();
        int table = tokens.start();
        if (!ours.isAbortable(tokens, owned)) {
            return Optional.empty();
        }
        while (!tokens.isWord("SET") && !isAtEnd()) {
            tokens.next();
        }
        int set = tokens.start();
        tokens.next();
        boolean isAbort = tokens.name().equals("ABORT");
        tokens.next();
        if (!isAbort || !tokens.isSymbol('=')) {
            throw EngineError.NOT_SUPPORTED.exception(
                    "Only ABORT can be set in this table: UPDATE ... SET ABORT = 1 WHERE ... Nothing was done.");
        }
        int value = tokens.end();
        int where = endOfValue();
        return Optional.of(Marked.of(Kind.ABORT)
                .before("SELECT session, (" + text.substring(value, where) + ")::pg_catalog.int4 FROM "
                        + text.substring(table, set) + withoutEnd(text.substring(where))));
    }

    private int endOfValue() throws SQLException {
        int depth = 0;
        while (!isAtEnd()) {
            depth += tokens.isSymbol('(') ? 1 : tokens.isSymbol(')') ? -1 : 0;
            if (depth == 0 && tokens.isSymbol(',')) {
                throw EngineError.NOT_SUPPORTED.exception("Only ABORT can be set in this table. Nothing was done.");
            }
            if (depth == 0 && tokens.isWord("WHERE")) {
                return tokens.start();
            }
            tokens.next();
        }
        return withoutEnd(text).length();
    }

    /** {@code SET lock_timeout} and the like are the server's. */
    private Optional<String> set() throws SQLException {
        tokens.next();
        String name = tokens.name();
        String command = name.equals("PARAMETER") ? "SET PARAMETER" : "SET " + name;
        boolean isOurs = name.equals("PARAMETER")
                || Setting.named(name)
                        .filter(setting -> !Arrays.asList(
                                        Setting.LOCK_TIMEOUT, Setting.APPLICATION_NAME, Setting.TRANSACTION_TIMEOUT)
                                .contains(setting))
                        .isPresent();
        if (isOurs) {
            throw refused(command, "settings of a connection are chosen in its URL");
        }
        return Optional.empty();
    }
}
