package io.mortise.engine.text;

/**
 * Text that others have chosen (a name, a thread, SQL) as it may stand in a message or a log: in one line, with nothing
 * that moves the cursor. The one place that escapes. Stateless.
 */
public final class OneLine {
    private static final int MOST_OF_A_NAME = 200;
    private static final char LINE_SEPARATOR = '\u2028';
    private static final char PARAGRAPH_SEPARATOR = '\u2029';

    private OneLine() {}

    /** The same, with line feeds as {@code \n} and other control characters as {@code \}{@code u001b}. */
    public static String of(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return escaped(text, i);
            }
        }
        return text;
    }

    /** The same, not longer than so many characters; what was cut off is {@code …}. */
    public static String of(String text, int most) {
        return of(text.length() > most ? text.substring(0, most) + "…" : text);
    }

    /** A name that stands in a sentence, of a thread say: the beginning of it tells which. */
    public static String ofName(String name) {
        return of(name, MOST_OF_A_NAME);
    }

    /** SQL: every line break, with the blanks around it, is one blank, and other control characters are escaped. */
    public static String ofSql(String sql) {
        String text = sql.strip();
        if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0) {
            return of(text);
        }
        StringBuilder line = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int end = at;
            boolean breaks = false;
            while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
                breaks |= text.charAt(end) == '\n' || text.charAt(end) == '\r';
                end++;
            }
            if (breaks) {
                line.append(' ');
            } else if (end > at) {
                line.append(text, at, end);
            } else {
                line.append(text.charAt(end++));
            }
            at = end;
        }
        return of(line.toString());
    }

    private static String escaped(String text, int from) {
        StringBuilder line = new StringBuilder(text.length() + 16).append(text, 0, from);
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isControl(c)) {
                line.append(c);
            } else {
                line.append(
                        switch (c) {
                            case '\n' -> "\\n";
                            case '\r' -> "\\r";
                            case '\t' -> "\\t";
                            default -> "\\u%04x".formatted((int) c);
                        });
            }
        }
        return line.toString();
    }

    /** Also what turns the direction of writing round, so that a line reads otherwise than it is. */
    private static boolean isControl(char c) {
        return c < ' '
                || c >= '\u007f' && c <= '\u009f'
                || c == LINE_SEPARATOR
                || c == PARAGRAPH_SEPARATOR
                || c >= '\u202a' && c <= '\u202e'
                || c >= '\u2066' && c <= '\u2069';
    }
}
