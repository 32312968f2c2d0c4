package io.mortise.engine.text;

import java.util.Set;

/**
 * Stands on one token of a text and moves on to the next, by H2's rules of what is a comment, a name, a string. One
 * thread at a time.
 *
 * <p>A square bracket is a symbol, as it is to H2 in all modes but SQL Server's. There it quotes a name, and only a
 * name with a quote or a semicolon in it would be misread here.
 *
 * <p>What H2 cannot read either (a string without an end) is one token that reaches to the end of the text.
 */
public final class Tokens {
    /** What the token is. */
    public enum Kind {
        /** A keyword or a name without quotes. */
        WORD,
        /** A name in quotes of any kind. */
        QUOTED,
        /** A character string, also {@code $$…$$}. */
        STRING,
        NUMBER,
        /** {@code ?}, {@code ?1} or {@code $1}. */
        PARAMETER,
        /** One character that is none of the above. */
        SYMBOL,
        END
    }

    private final String text;
    private Kind kind = Kind.END;
    private int start;
    private int end;

    /** Stands on the first token. */
    public Tokens(String text) {
        this.text = text;
        moveTo(0);
    }

    public String text() {
        return text;
    }

    public Kind kind() {
        return kind;
    }

    /** Where the token begins; the length of the text if there is none. */
    public int start() {
        return start;
    }

    /** Where the token has ended. */
    public int end() {
        return end;
    }

    /** The token as it is written. */
    public String written() {
        return text.substring(start, end);
    }

    public boolean isWord(String upperWord) {
        return kind == Kind.WORD && Letters.spell(text, start, end, upperWord);
    }

    public boolean isWordOf(Set<String> upperWords) {
        if (kind == Kind.WORD) {
            for (String word : upperWords) {
                if (Letters.spell(text, start, end, word)) {
                    return true;
                }
            }
        }
        return false;
    }

    public boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(start) == symbol;
    }

    /** Is this the end of a statement? */
    public boolean isEndOfStatement() {
        return kind == Kind.END || isSymbol(';');
    }

    public void next() {
        moveTo(end);
    }

    /** Goes on past this word, if the token is it. */
    public boolean skipWord(String upperWord) {
        if (isWord(upperWord)) {
            next();
            return true;
        }
        return false;
    }

    /** Goes back, or on, to the first token at or after a position that is not inside a token. */
    public void moveTo(int position) {
        start = skipBlank(position);
        if (start >= text.length()) {
            start = text.length();
            end = start;
            kind = Kind.END;
            return;
        }
        char c = text.charAt(start);
        if (c == '\'') {
            set(Kind.STRING, afterQuote(c));
        } else if (c == '"' || c == '`') {
            set(Kind.QUOTED, afterQuote(c));
        } else if (c == '$' || c == '?') {
            readDollarOrParameter(c);
        } else if (isDigit(c) || c == '.' && isDigitAt(start + 1)) {
            set(Kind.NUMBER, endOfNumber());
        } else if (Character.isJavaIdentifierStart(text.codePointAt(start))) {
            set(Kind.WORD, endOfWord());
        } else {
            set(Kind.SYMBOL, start + 1);
        }
    }

    private void set(Kind newKind, int newEnd) {
        kind = newKind;
        end = newEnd;
    }

    private int skipBlank(int from) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c <= ' ' || Character.isSpaceChar(c)) {
                at++;
            } else if (text.startsWith("--", at) || text.startsWith("//", at)) {
                at = endOfLine(at);
            } else if (text.startsWith("/*", at)) {
                at = Letters.afterComment(text, at);
            } else {
                return at;
            }
        }
        return at;
    }

    private int endOfLine(int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            at++;
        }
        return at;
    }

    // A quote written twice stands for itself.
    private int afterQuote(char quote) {
        int at = start + 1;
        while (true) {
            int close = text.indexOf(quote, at);
            if (close < 0) {
                return text.length();
            } else if (close + 1 < text.length() && text.charAt(close + 1) == quote) {
                at = close + 2;
            } else {
                return close + 1;
            }
        }
    }

    private void readDollarOrParameter(char c) {
        if (c == '$' && text.startsWith("$$", start)) {
            int close = text.indexOf("$$", start + 2);
            set(Kind.STRING, close < 0 ? text.length() : close + 2);
            return;
        }
        int at = start + 1;
        while (isDigitAt(at)) {
            at++;
        }
        set(Kind.PARAMETER, at);
    }

    private int endOfNumber() {
        int at = start + 1;
        while (at < text.length() && (Character.isJavaIdentifierPart(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        return at;
    }

    private int endOfWord() {
        int at = start;
        while (at < text.length() && Character.isJavaIdentifierPart(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    private boolean isDigitAt(int at) {
        return at < text.length() && isDigit(text.charAt(at));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
