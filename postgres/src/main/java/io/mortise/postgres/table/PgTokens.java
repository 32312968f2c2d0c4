package io.mortise.postgres.table;

import io.mortise.engine.text.Letters;
import java.util.Locale;

/**
 * Stands on one token of a text and moves on to the next, by the server's rules of what is a comment, a name, a string.
 * What never ends reaches to the end of the text. One thread at a time.
 */
public final class PgTokens {
    /** What the token is. */
    public enum Kind {
        WORD,
        /** A name in double quotes. */
        QUOTED,
        STRING,
        NUMBER,
        /** One character that is none of the above. */
        SYMBOL,
        END
    }

    private static final char NO_ESCAPE = 0;

    private final String text;
    private Kind kind = Kind.END;
    private int start;
    private int end;

    /** Stands on the first token. */
    public PgTokens(String text) {
        this.text = text;
        next();
    }

    /** Does a text give this name to a query of its own: {@code name AS (}, {@code name (a, b) AS (}? */
    static boolean defines(String text, String name) {
        PgTokens all = new PgTokens(text);
        while (all.kind() != Kind.END) {
            boolean isName = all.name().equals(name);
            all.next();
            if (isName && (all.isSymbol('(') || all.isQueryBehindAs())) {
                return true;
            }
        }
        return false;
    }

    /** {@code AS (}, and not the {@code AS a} that gives a table another name; moves behind the AS. */
    private boolean isQueryBehindAs() {
        if (!isWord("AS")) {
            return false;
        }
        next();
        return isSymbol('(') || isWord("MATERIALIZED") || isWord("NOT");
    }

    public Kind kind() {
        return kind;
    }

    public int start() {
        return start;
    }

    public int end() {
        return end;
    }

    /** A word in upper case; a quoted name as it is without its quotes, a symbol as it is. */
    public String value() {
        return switch (kind) {
            case WORD -> text.substring(start, end).toUpperCase(Locale.ROOT);
            case QUOTED ->
                text.substring(start + 1, Math.max(start + 1, end - 1)).replace("\"\"", "\"");
            default -> text.substring(start, end);
        };
    }

    public boolean isWord(String upperWord) {
        return kind == Kind.WORD && end - start == upperWord.length() && value().equals(upperWord);
    }

    public boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(start) == symbol;
    }

    /** The name that this is, as the server folds it, in upper case if it may be one of ours; else empty. */
    public String name() {
        String value = kind == Kind.WORD || kind == Kind.QUOTED ? value() : "";
        boolean isFolded = kind == Kind.WORD || value.equals(value.toLowerCase(Locale.ROOT));
        return isFolded ? value.toUpperCase(Locale.ROOT) : "";
    }

    public void moveTo(int position) {
        end = position;
        next();
    }

    public void next() {
        start = skipBlank(end);
        if (start >= text.length()) {
            start = text.length();
            end = start;
            kind = Kind.END;
            return;
        }
        char c = text.charAt(start);
        if (c == '\'') {
            set(Kind.STRING, afterQuote(start + 1, '\'', NO_ESCAPE));
        } else if ((c == 'E' || c == 'e') && isAt(start + 1, '\'')) {
            set(Kind.STRING, afterQuote(start + 2, '\'', '\\'));
        } else if (c == '"') {
            set(Kind.QUOTED, afterQuote(start + 1, '"', NO_ESCAPE));
        } else if (c == '$' && dollarTag() > 0) {
            set(Kind.STRING, afterDollarQuote());
        } else if (isDigit(c)) {
            set(Kind.NUMBER, endOfWord());
        } else if (c == '_' || Character.isLetter(c)) {
            set(Kind.WORD, endOfWord());
        } else {
            set(Kind.SYMBOL, start + 1);
        }
    }

    private void set(Kind newKind, int newEnd) {
        kind = newKind;
        end = newEnd;
    }

    private boolean isAt(int at, char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private int skipBlank(int from) {
        int at = from;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("--", at)) {
                int line = text.indexOf('\n', at);
                at = line < 0 ? text.length() : line + 1;
            } else if (text.startsWith("/*", at)) {
                at = Letters.afterComment(text, at);
            } else {
                return at;
            }
        }
        return at;
    }

    private int afterQuote(int from, char quote, char escape) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == escape && escape != NO_ESCAPE) {
                at += 2;
            } else if (c == quote && isAt(at + 1, quote)) {
                at += 2;
            } else if (c == quote) {
                return at + 1;
            } else {
                at++;
            }
        }
        return text.length();
    }

    /** How long {@code $tag$} is here; 0 if it is none. */
    private int dollarTag() {
        int at = start + 1;
        while (at < text.length() && (text.charAt(at) == '_' || Character.isLetterOrDigit(text.charAt(at)))) {
            at++;
        }
        boolean isTag = isAt(at, '$') && (at == start + 1 || !isDigit(text.charAt(start + 1)));
        return isTag ? at + 1 - start : 0;
    }

    private int afterDollarQuote() {
        String tag = text.substring(start, start + dollarTag());
        int close = text.indexOf(tag, start + tag.length());
        return close < 0 ? text.length() : close + tag.length();
    }

    private int endOfWord() {
        int at = start;
        while (at < text.length()
                && (text.charAt(at) == '_' || text.charAt(at) == '$' || Character.isLetterOrDigit(text.charAt(at)))) {
            at++;
        }
        return at;
    }
}
