package io.mortise.engine.command;

import io.mortise.engine.command.Command.ForEngine;
import io.mortise.engine.text.Letters;
import io.mortise.engine.text.Tokens;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a client's text: which of its statements are commands of ours, and which are storage's. Immutable.
 *
 * <p>Every text of every client comes through here, and nearly all are storage's from end to end. Those are told by a
 * look at their first word and a search for the few words that need attention, without reading them token by token. A
 * search may find such a word in a string or a comment; then the tokens tell.
 */
public final class CommandParser {
    private static final Needle CURRENT_SESSION = new Needle("CURRENT_SESSION");
    private static final Needle SHARE = new Needle("SHARE");
    /** In all functions that return a value and may stand in FROM. */
    private static final Needle STATEMENT = new Needle("_STATEMENT");

    /** FOR NO KEY UPDATE: many a column is called KEY, and few queries that read it have FOR in them too. */
    private static final Needle KEY = new Needle("KEY");

    private static final Needle FOR = new Needle("FOR");

    private static final Needle LOCK = new Needle("_LOCK");
    private static final Needle PRIORITY = new Needle("PRIORITY");

    private final Marks marks;

    /**
     * How storage is told what its own SQL has no words for: comments that it looks for in the text of a statement.
     * They travel with the text, so a prepared statement keeps them. Immutable.
     *
     * @param share stands behind a FOR UPDATE that is to lock rows shared
     * @param keyShare the same, for their keys alone
     * @param lowPriority stands at the end of a statement that is to wait without holding up those behind it
     */
    public record Marks(String share, String keyShare, String lowPriority) {}

    public CommandParser(Marks marks) {
        this.marks = marks;
    }

    /**
     * Reads a text. Nothing is run, so an error in any of its statements means that none has been.
     *
     * @throws SQLException if one of its statements begins like a command and does not go on like one
     */
    public Script read(String sql) throws SQLException {
        return isStorages(sql) ? Script.STORAGES_OWN : readTokens(sql);
    }

    /** Is there certainly nothing of ours in the text? Allocates nothing. */
    static boolean isStorages(String sql) {
        int start = firstLetter(sql);
        if (start < 0) {
            return false;
        }
        return switch (sql.charAt(start) | 0x20) {
            case 's' -> isWordAt(sql, start, "SELECT") && !callsOurs(sql, start + 6) && isPlainQuery(sql, start);
            case 'w', 'v', '(' -> isPlainQuery(sql, start);
            case 'i', 'u', 'm', 'b', 'r' -> isPlain(sql, start);
            case 'd' ->
                isWordAt(sql, start, "DELETE") && isPlain(sql, start)
                        || isWordAt(sql, start, "DROP") && isPlainDefinition(sql, start);
            case 'c' ->
                isWordAt(sql, start, "CREATE")
                        ? isPlainDefinition(sql, start)
                        : !isWordAt(sql, start, "CONNECT") && isPlain(sql, start);
            case 'a' -> isPlainDefinition(sql, start);
            case 't' -> isWordAt(sql, start, "TRUNCATE") ? isPlainDefinition(sql, start) : isPlainQuery(sql, start);
            default -> false;
        };
    }

    // A text that begins with a comment is rare enough to be read token by token.
    private static int firstLetter(String sql) {
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c > ' ') {
                return c == '(' || c < 128 && Character.isLetter(c) ? i : -1;
            }
        }
        return -1;
    }

    private static boolean isWordAt(String sql, int start, String word) {
        return start + word.length() <= sql.length() && Letters.spell(sql, start, start + word.length(), word);
    }

    /** Does a SELECT begin with a function like SHOW_LOCKS, or with a comment that hides what it begins with? */
    private static boolean callsOurs(String sql, int from) {
        for (int i = from; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c > ' ') {
                return c == '/' || c == '-' || isWordAt(sql, i, "SHOW_");
            }
        }
        return false;
    }

    private static boolean isPlainQuery(String sql, int start) {
        return isPlain(sql, start)
                && !SHARE.isIn(sql, start)
                && !STATEMENT.isIn(sql, start)
                && !LOCK.isIn(sql, start)
                && !(KEY.isIn(sql, start) && FOR.isIn(sql, start));
    }

    private static boolean isPlainDefinition(String sql, int start) {
        return isPlain(sql, start) && !PRIORITY.isIn(sql, start);
    }

    private static boolean isPlain(String sql, int start) {
        return !CURRENT_SESSION.isIn(sql, start) && isOneStatement(sql, start);
    }

    private static boolean isOneStatement(String sql, int start) {
        int end = sql.indexOf(';', start);
        if (end < 0) {
            return true;
        }
        for (int i = end + 1; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c > ' ' && c != ';') {
                return false;
            }
        }
        return true;
    }

    private Script readTokens(String sql) throws SQLException {
        Tokens tokens = new Tokens(sql);
        Edits edits = new Edits(sql, 0);
        Grammar grammar = new Grammar(tokens, marks);
        SqlTranslation translation = new SqlTranslation(tokens, edits, marks);
        List<Command> commands = new ArrayList<>();
        while (tokens.kind() != Tokens.Kind.END) {
            int start = tokens.start();
            Optional<Command> command = grammar.command();
            if (command.isPresent()) {
                commands.add(command.get());
                edits.replace(
                        start, tokens.start(), command.get() instanceof ForEngine forEngine ? forEngine.sql() : "");
            } else {
                translation.statement();
            }
            while (tokens.isSymbol(';')) {
                tokens.next();
            }
        }
        return edits.changed() ? Script.of(edits.text(sql.length()), commands) : Script.STORAGES_OWN;
    }
}
