package io.mortise.engine.text;

import io.mortise.engine.text.Tokens.Kind;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the passwords in SQL by {@code '***'}, before it is kept or shown. One thread at a time; takes time in
 * proportion to the text, times the logarithm of it for strings in strings.
 *
 * <p>Where a statement is about a password, every value behind that word is replaced, to the end of the statement: a
 * password may be an expression. In other statements it is the value that stands behind the word {@code PASSWORD}.
 * Strings are looked into: {@code EXECUTE IMMEDIATE} runs one, a URL has its own password, and an H2 error quotes SQL.
 */
public final class Secrets {
    private static final String SQL_STATEMENT = "; SQL statement:\n";
    private static final String MASK = "'***'";
    /** Strings in strings in strings: deeper down, all of it is replaced. */
    private static final int DEEPEST = 8;

    /** Texts that were looked through and have nothing to hide, by their hash; short ones, for they stay. */
    private static final @Nullable String[] CLEAN = new String[256];

    private static final int CLEAN_LENGTH = 256;

    /** One of these is in every text that has something to hide. */
    private static final List<String> SIGNS = List.of("PASSWORD", "CONNECT", "SALT", "LINK", "CRYPT");

    private static final Set<String> DEFINES = Set.of("CREATE", "ALTER");
    private static final Set<String> BEFORE_LINKED = Set.of("FORCE", "GLOBAL", "LOCAL", "TEMPORARY", "TEMP");
    /** A password of theirs is the file's, and may be an expression. */
    private static final Set<String> WITH_FILES = Set.of("SCRIPT", "RUNSCRIPT", "BACKUP", "SET");

    private static final Set<String> FUNCTIONS = Set.of("ENCRYPT", "DECRYPT", "LINK_SCHEMA");

    private final String text;
    private final Tokens tokens;
    private final int depth;
    private final StringBuilder masked;
    /** What has been copied of the text. */
    private int copied;

    private boolean found;
    /** Is every value of this statement from here on to be replaced? */
    private boolean allValues;
    /** Is the next name, too? */
    private boolean names;

    /** Does the statement use PASSWORD for a file, so that it hides more than the next word? */
    private boolean withFile;

    private Secrets(String text, int depth) {
        this.text = text;
        this.tokens = new Tokens(text);
        this.depth = depth;
        this.masked = new StringBuilder(text.length());
    }

    /** The same SQL without passwords; the very same string if there are none. */
    public static String masked(String sql) {
        if (sql.length() > CLEAN_LENGTH) {
            return mayBeIn(sql) ? new Secrets(sql, 0).read() : sql;
        }
        if (isKnownClean(sql)) {
            return sql;
        }
        if (mayBeIn(sql)) {
            return new Secrets(sql, 0).read();
        }
        int slot = slot(sql);
        CLEAN[slot ^ 1] = CLEAN[slot];
        CLEAN[slot] = sql;
        return sql;
    }

    /**
     * The text of a prepared statement comes a million times, mostly as one object. Two places for each hash: two texts
     * that take turns do not drive each other out. A race loses an entry, no more.
     */
    @SuppressWarnings("ReferenceEquality") // The same object is enough, and costs less.
    private static boolean isKnownClean(String sql) {
        int slot = slot(sql);
        return CLEAN[slot] == sql || CLEAN[slot ^ 1] == sql || sql.equals(CLEAN[slot]) || sql.equals(CLEAN[slot ^ 1]);
    }

    private static int slot(String sql) {
        int hash = sql.hashCode();
        return (hash ^ hash >>> 16) & CLEAN.length - 1;
    }

    /** Is it a statement about passwords, so that the values of its parameters must not be shown either? */
    public static boolean areIn(String sql) {
        if (!mayBeIn(sql)) {
            return false;
        }
        Secrets secrets = new Secrets(sql, 0);
        secrets.read();
        return secrets.found;
    }

    /** The same for an H2 error, which quotes the statement that failed and has it at its end, before the code. */
    public static String maskedMessage(String message) {
        int sql = message.indexOf(SQL_STATEMENT);
        int code = message.lastIndexOf(" [");
        if (sql < 0 || code < sql) {
            return masked(message);
        }
        int from = sql + SQL_STATEMENT.length();
        return masked(message.substring(0, from)) + masked(message.substring(from, code)) + message.substring(code);
    }

    private static boolean mayBeIn(String text) {
        return Letters.contain(text, SIGNS);
    }

    private String read() {
        while (tokens.kind() != Kind.END) {
            statement();
            if (tokens.kind() != Kind.END) {
                tokens.next(); // The semicolon.
            }
        }
        if (copied == 0) {
            return text;
        }
        return masked.append(text, copied, text.length()).toString();
    }

    private void statement() {
        allValues = false;
        names = false;
        withFile = tokens.isWordOf(WITH_FILES);
        if (tokens.isWord("CONNECT")) {
            connect();
        }
        while (!tokens.isEndOfStatement()) {
            if (tokens.kind() == Kind.WORD) {
                word();
            } else {
                value();
                next();
            }
        }
    }

    /** {@code CONNECT user ['password']}: what stands behind the name is the password, quoted or not. */
    private void connect() {
        next();
        if (!tokens.isEndOfStatement() && !tokens.isWord("BY")) {
            next();
            hide();
            names = true;
        }
    }

    private void word() {
        if (names) {
            replace(tokens.start(), tokens.end());
            next();
        } else if (tokens.isWordOf(DEFINES)) {
            next();
            definition();
        } else if (tokens.isWordOf(FUNCTIONS)) {
            next();
            if (tokens.isSymbol('(')) {
                hide();
            }
        } else if (tokens.isWord("PASSWORD")) {
            next();
            password();
        } else {
            next();
        }
    }

    /** {@code CREATE USER}, {@code ALTER USER}, {@code CREATE … LINKED TABLE}. */
    private void definition() {
        if (tokens.isWord("USER")) {
            hide();
            return;
        }
        while (tokens.isWordOf(BEFORE_LINKED)) {
            next();
        }
        if (tokens.isWord("LINKED")) {
            hide();
        }
    }

    private void password() {
        found = true;
        if (withFile) {
            hide();
            return;
        }
        boolean isSet = tokens.isSymbol('=');
        if (isSet) {
            next();
        }
        if (depth > 0 && isSet && tokens.kind() != Kind.STRING) {
            urlValue();
            return;
        }
        prefix();
        if (isValue()) {
            replace(tokens.start(), tokens.end());
            next();
        }
    }

    /** {@code ;PASSWORD=x;} in a URL: not a token. */
    private void urlValue() {
        int end = tokens.start();
        while (end < text.length() && ";&'\" \n".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        if (end > tokens.start()) {
            replace(tokens.start(), end);
        }
        tokens.moveTo(end);
    }

    /** {@code U&'…'}, {@code X'…'}, {@code N'…'}: goes on to the quote, if it is one of these. */
    private void prefix() {
        int start = tokens.start();
        if (tokens.kind() == Kind.WORD && tokens.end() == start + 1) {
            tokens.next();
            if (tokens.isSymbol('&')) {
                tokens.next();
            }
            if (tokens.kind() != Kind.STRING) {
                tokens.moveTo(start);
            }
        }
    }

    /** A comment in a statement about passwords may hold one. */
    private void next() {
        int end = tokens.end();
        tokens.next();
        int start = tokens.start();
        if (allValues && end >= copied && !text.substring(end, start).isBlank()) {
            put(end, start, " ");
        }
    }

    private void value() {
        if (allValues && isValue() || names && tokens.kind() == Kind.QUOTED) {
            replace(tokens.start(), tokens.end());
        } else if (tokens.kind() == Kind.STRING || tokens.kind() == Kind.QUOTED) {
            lookInto();
        }
    }

    private boolean isValue() {
        return tokens.kind() == Kind.STRING || tokens.kind() == Kind.NUMBER;
    }

    private void hide() {
        found = true;
        allValues = true;
    }

    private void lookInto() {
        String written = tokens.written();
        if (!mayBeIn(written)) {
            return;
        }
        if (depth == DEEPEST) {
            replace(tokens.start(), tokens.end());
            return;
        }
        String quote = written.startsWith("$$") ? "$$" : written.substring(0, 1);
        boolean isClosed = written.length() >= 2 * quote.length() && written.endsWith(quote);
        String inside = written.substring(quote.length(), written.length() - (isClosed ? quote.length() : 0));
        boolean doubles = quote.length() == 1;
        Secrets inner = new Secrets(doubles ? inside.replace(quote + quote, quote) : inside, depth + 1);
        String without = inner.read();
        if (inner.copied > 0) {
            found = true;
            put(quote + (doubles ? without.replace(quote, quote + quote) : without) + (isClosed ? quote : ""));
        }
    }

    private void replace(int start, int end) {
        found = true;
        put(start, end, MASK);
    }

    private void put(String instead) {
        put(tokens.start(), tokens.end(), instead);
    }

    private void put(int start, int end, String instead) {
        masked.append(text, copied, start).append(instead);
        copied = end;
    }
}
