package io.mortise.postgres.command;

import io.mortise.engine.error.EngineError;
import io.mortise.postgres.command.Marked.Kind;
import io.mortise.postgres.table.PgTokens;
import io.mortise.postgres.table.References.Owned;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Calls of our functions: {@code SELECT f(…)}, {@code SELECT * FROM f(…)} and {@code CALL f(…)}. A function of a user's
 * own of that name is not ours. One thread at a time.
 */
final class Functions {
    private static final Map<String, Kind> CARRIED_OUT = Map.of(
            "STOP_STATEMENT", Kind.STOP_STATEMENT,
            "KILL_SESSION", Kind.KILL_SESSION,
            "ADVISORY_LOCK", Kind.ADVISORY_LOCK,
            "SESSION_LOCK", Kind.SESSION_LOCK,
            "SESSION_UNLOCK", Kind.SESSION_UNLOCK,
            "CLOSE_SESSION", Kind.CLOSE_SESSION);

    /** What each can be called with, at least and at most. */
    private static final Map<Kind, List<Integer>> ARGUMENTS = Map.of(
            Kind.STOP_STATEMENT, List.of(1, 1),
            Kind.KILL_SESSION, List.of(1, 2),
            Kind.ADVISORY_LOCK, List.of(1, 2),
            Kind.SESSION_LOCK, List.of(1, 2),
            Kind.SESSION_UNLOCK, List.of(1, 1),
            Kind.CLOSE_SESSION, List.of(0, 0));

    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry(
                    "ADVISORY_UNLOCK",
                    "the server gives back what a transaction has locked when it ends, and not before:"
                            + " SESSION_LOCK and SESSION_UNLOCK can do it"),
            Map.entry("RELEASE_DEFUNCT_LOCKS", "the server releases what a session held when its connection has gone"),
            Map.entry("REMOVE_LOCK", "KILL SESSION number ROLLBACK takes a session's locks from it"),
            Map.entry("REMOVE_STATEMENT_LOCKS", "KILL SESSION number ROLLBACK takes a session's locks from it"),
            Map.entry("KILL_STATEMENT", "KILL QUERY WHERE condition does it"),
            Map.entry("LOCK_TABLE", "LOCK TABLE is a statement there"),
            Map.entry("LOCK_SYSTEM", "the server keeps others out with ALTER DATABASE ... ALLOW_CONNECTIONS false"),
            Map.entry("UNLOCK_SYSTEM", "there is no LOCK SYSTEM either"),
            Map.entry("SET_PARAMETER", "settings of a connection are chosen in its URL"),
            Map.entry("EXPLAIN_LOCKS", "the server takes its locks as it runs"),
            Map.entry("EXPLAIN_TABLE", "EXPLAIN table is a statement there"));

    private final String text;
    private final PgTokens tokens;
    private final Owned owned;

    /** @param tokens at the first word, SELECT or CALL */
    Functions(String text, PgTokens tokens, Owned owned) {
        this.text = text;
        this.tokens = tokens;
        this.owned = owned;
    }

    /**
     * The call that the text is.
     *
     * @return empty if there is none of ours in it
     * @throws SQLException HYC00 for one that cannot be carried out, or that stands inside something larger
     */
    Optional<String> alone() throws SQLException {
        tokens.next();
        int start = tokens.start();
        if (tokens.isSymbol('*')) {
            tokens.next();
            if (!tokens.isWord("FROM")) {
                return inside(start);
            }
            tokens.next();
        }
        String name = name();
        if (name.isEmpty() || owned.hasFunction(name.toLowerCase(Locale.ROOT))) {
            return inside(start);
        }
        refuse(name);
        List<String> arguments = arguments();
        while (tokens.isSymbol(';')) {
            tokens.next();
        }
        return tokens.kind() == PgTokens.Kind.END ? Optional.of(query(name, arguments)) : inside(start);
    }

    /** One of ours that is called here; empty, and the cursor moved, if it is none. */
    private String name() {
        String name = tokens.name();
        tokens.next();
        if (name.equals("SYS") && tokens.isSymbol('.')) {
            tokens.next();
            name = tokens.name();
            tokens.next();
        }
        return tokens.isSymbol('(') && (CARRIED_OUT.containsKey(name) || REFUSED.containsKey(name)) ? name : "";
    }

    private static void refuse(String name) throws SQLException {
        String instead = REFUSED.get(name);
        if (instead != null) {
            throw EngineError.NOT_SUPPORTED.exception(
                    name + " is not a function of PostgreSQL. Nothing was done: " + instead + ".");
        }
    }

    private Optional<String> inside(int start) throws SQLException {
        tokens.moveTo(start);
        while (tokens.kind() != PgTokens.Kind.END) {
            String name = name();
            if (!name.isEmpty() && !owned.hasFunction(name.toLowerCase(Locale.ROOT))) {
                refuse(name);
                throw EngineError.NOT_SUPPORTED.exception(name + " can be called alone only on PostgreSQL, as SELECT "
                        + name + "(...) or CALL " + name + "(...). Nothing was done.");
            }
        }
        return Optional.empty();
    }

    /** Those in the parentheses at the cursor, which moves behind them. */
    private List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        tokens.next();
        int begin = tokens.start();
        int depth = 1;
        while (depth > 0 && tokens.kind() != PgTokens.Kind.END) {
            depth += tokens.isSymbol('(') || tokens.isSymbol('[')
                    ? 1
                    : tokens.isSymbol(')') || tokens.isSymbol(']') ? -1 : 0;
            boolean isOver = depth == 0 && tokens.start() > begin;
            if (isOver || (depth == 1 && tokens.isSymbol(','))) {
                arguments.add(text.substring(begin, tokens.start()));
                begin = tokens.end();
            }
            tokens.next();
        }
        return arguments;
    }

    private static String query(String name, List<String> arguments) throws SQLException {
        Kind kind = CARRIED_OUT.getOrDefault(name, Kind.STOP_STATEMENT);
        List<Integer> wanted = ARGUMENTS.getOrDefault(kind, List.of(1, 1));
        if (arguments.size() < wanted.get(0) || arguments.size() > wanted.get(1)) {
            throw EngineError.SYNTAX.exception(name + " takes "
                    + (wanted.get(0).equals(wanted.get(1)) ? "" : wanted.get(0) + " to ") + wanted.get(1)
                    + " arguments, and not " + arguments.size() + ". Nothing was done.");
        }
        StringBuilder select = new StringBuilder("SELECT ");
        for (int i = 0; i < Math.max(1, arguments.size()); i++) {
            String argument = i < arguments.size() ? arguments.get(i) : "NULL";
            select.append(i == 0 ? "(" : ", (").append(argument).append(")::pg_catalog.text");
            select.append(i == 0 ? " AS " + name.toLowerCase(Locale.ROOT) : "");
        }
        return Marked.of(kind).before(select.toString());
    }
}
