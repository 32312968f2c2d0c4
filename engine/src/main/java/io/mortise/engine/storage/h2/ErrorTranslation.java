package io.mortise.engine.storage.h2;

import java.sql.SQLException;
import org.h2.jdbc.JdbcException;
import org.h2.message.DbException;

/**
 * Puts the client's text into an H2 error that shows what H2 was given instead: {@code KILL QUERY WHERE …} and not the
 * SELECT that was made of it. Stateless.
 */
public final class ErrorTranslation {
    /** H2 puts it into the text where its parser has stopped. */
    private static final String MARK = "[*]";

    /** So many characters before the mark are looked for in the client's text. */
    private static final int ENOUGH = 4096;

    private ErrorTranslation() {}

    /** The same error where it does not show such a text. */
    public static SQLException of(String clients, SQLException error) {
        if (!(error instanceof JdbcException shown)
                || shown.getSQL() == null
                || shown.getSQL().isEmpty()
                || shown.getSQL().equals(clients)) {
            return error;
        }
        String message = shown.getOriginalMessage();
        int mark = message.indexOf(MARK);
        int open = message.indexOf('"');
        if (mark < 0 || open < 0 || open > mark) {
            shown.setSQL(clients);
            return error;
        }
        String marked = message.substring(0, open + 1)
                + marked(clients, unquoted(message.substring(open + 1, mark)))
                + message.substring(endOfQuoted(message, mark));
        return DbException.getJdbcSQLException(marked, clients, error.getSQLState(), error.getErrorCode(), error, null);
    }

    // H2 writes a quote twice, and a line feed as its number.
    private static String unquoted(String quoted) {
        return quoted.replace("\"\"", "\"").replace("\\000a", "\n");
    }

    private static int endOfQuoted(String message, int from) {
        int at = from;
        while (true) {
            int close = message.indexOf('"', at);
            if (close < 0) {
                return message.length();
            } else if (!message.startsWith("\"\"", close)) {
                return close;
            }
            at = close + 2;
        }
    }

    /** The client's text with the mark behind the last words that both have. */
    private static String marked(String clients, String before) {
        String read = before.stripTrailing();
        if (read.isEmpty()) {
            return MARK + clients;
        }
        int stopped = endOfLongest(read.substring(Math.max(0, read.length() - ENOUGH)), clients);
        return stopped == 0 ? clients : clients.substring(0, stopped) + MARK + clients.substring(stopped);
    }

    /**
     * Where the longest end of one text that is found in another ends there, the last time; 0 if none is. Both are read
     * once, backwards (Knuth, Morris and Pratt).
     */
    private static int endOfLongest(String wanted, String text) {
        int[] shorter = new int[wanted.length() + 1]; // by how much has matched: what of it may go on
        int best = 0;
        int end = 0;
        for (int i = 1, matched = 0; i < wanted.length(); i++) {
            matched = next(wanted, shorter, matched, fromBehind(wanted, i));
            shorter[i + 1] = matched;
        }
        for (int i = 0, matched = 0; i < text.length(); i++) {
            matched = next(wanted, shorter, matched, fromBehind(text, i));
            if (matched > best) {
                best = matched;
                end = text.length() - (i - matched + 1);
            }
        }
        return end;
    }

    private static int next(String wanted, int[] shorter, int matched, char read) {
        int now = matched;
        while (now > 0 && (now == wanted.length() || fromBehind(wanted, now) != read)) {
            now = shorter[now];
        }
        return fromBehind(wanted, now) == read ? now + 1 : now;
    }

    private static char fromBehind(String text, int place) {
        return text.charAt(text.length() - 1 - place);
    }
}
