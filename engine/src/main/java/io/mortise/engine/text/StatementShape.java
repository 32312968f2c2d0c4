package io.mortise.engine.text;

/**
 * What a statement looks like without its values: {@code UPDATE T SET A = ? WHERE ID = ?}. Two statements of one shape
 * come from the same place in an application, so shapes are what counts are kept for. Stateless.
 */
public final class StatementShape {
    private final String sql;
    private final StringBuilder shape;
    private int at;

    private StatementShape(String sql) {
        this.sql = sql;
        this.shape = new StringBuilder(sql.length());
    }

    /** Values become {@code ?}, lists of them one; comments go, blanks become one; words are in upper case. */
    public static String of(String sql) {
        return new StatementShape(sql).read();
    }

    private String read() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '\'') {
                skipQuoted('\'');
                value();
            } else if (c == '"') {
                int from = at;
                skipQuoted('"');
                shape.append(sql, from, at);
            } else if (isComment()) {
                skipComment();
                blank();
            } else if (Character.isJavaIdentifierStart(c)) {
                word();
            } else if (c == '?' || Character.isDigit(c)) {
                skipNumber();
                value();
            } else {
                mark(c);
            }
        }
        return ended();
    }

    private void mark(char c) {
        at++;
        if (Character.isWhitespace(c)) {
            blank();
        } else {
            shape.append(c);
        }
    }

    private void word() {
        while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
            shape.append(Character.toUpperCase(sql.charAt(at++)));
        }
    }

    private void skipNumber() {
        at++;
        while (at < sql.length() && (Character.isLetterOrDigit(sql.charAt(at)) || sql.charAt(at) == '.')) {
            at++;
        }
    }

    private void skipQuoted(char quote) {
        at++;
        while (at < sql.length() && (sql.charAt(at) != quote || isDoubled(quote))) {
            at += sql.charAt(at) == quote ? 2 : 1;
        }
        at = Math.min(at + 1, sql.length());
    }

    private boolean isDoubled(char quote) {
        return at + 1 < sql.length() && sql.charAt(at + 1) == quote;
    }

    private boolean isComment() {
        return sql.startsWith("--", at) || sql.startsWith("/*", at);
    }

    private void skipComment() {
        boolean line = sql.charAt(at) == '-';
        int end = sql.indexOf(line ? "\n" : "*/", at + 2);
        at = end < 0 ? sql.length() : end + (line ? 1 : 2);
    }

    private void blank() {
        if (shape.length() > 0 && last() != ' ') {
            shape.append(' ');
        }
    }

    /** A list of values is as long as the data of the day: {@code IN (?, ?, ?)} and {@code IN (?)} are one shape. */
    private void value() {
        int end = shape.length();
        while (end > 0 && (shape.charAt(end - 1) == ' ' || shape.charAt(end - 1) == ',')) {
            end--;
        }
        boolean continues = end < shape.length() && shape.indexOf(",", end) >= 0;
        if (continues && end > 0 && shape.charAt(end - 1) == '?') {
            shape.setLength(end);
        } else {
            shape.append('?');
        }
    }

    private char last() {
        return shape.charAt(shape.length() - 1);
    }

    private String ended() {
        int end = shape.length();
        while (end > 0 && (shape.charAt(end - 1) == ' ' || shape.charAt(end - 1) == ';')) {
            end--;
        }
        shape.setLength(end);
        return shape.toString();
    }
}
