package io.mortise.engine.command;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.text.Decimals;
import io.mortise.engine.text.Secrets;
import io.mortise.engine.text.Tokens;
import io.mortise.engine.text.Tokens.Kind;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/**
 * Takes words of one command off the text one after another, and says where and what else was expected if they are not
 * there. One thread at a time.
 */
final class Words {
    /** How much of the statement an error shows on either side of the place. */
    private static final int SHOWN = 80;

    private static final String MARK = "[*]";

    private final Tokens tokens;
    private final String form;

    /** @param form the whole command, as errors show it: {@code CONNECT user ['password']} */
    Words(Tokens tokens, String form) {
        this.tokens = tokens;
        this.form = form;
    }

    /** The error that not this, but the token at the cursor was found. H2 marks the place with [*], too. */
    SQLException insteadOf(String expected) {
        String found = tokens.kind() == Kind.END ? "the end" : isSecret() ? "something else" : tokens.written();
        return EngineError.SYNTAX.exception("Syntax error in SQL statement \"" + place() + "\" at character "
                + (tokens.start() + 1) + ": expected " + expected + ", found " + found + ". Nothing was done. Write "
                + form + ".");
    }

    private boolean isSecret() {
        return !Secrets.masked(tokens.text()).equals(tokens.text());
    }

    private String place() {
        String text = tokens.text();
        if (isSecret()) {
            return Secrets.masked(text); // Without the mark: the places are not those of the text any more.
        }
        int at = tokens.start();
        int from = Math.max(0, at - SHOWN);
        int to = Math.min(text.length(), at + SHOWN);
        return (from > 0 ? "..." : "")
                + text.substring(from, at)
                + MARK
                + text.substring(at, to)
                + (to < text.length() ? "..." : "");
    }

    void expect(String word) throws SQLException {
        expect(word, word);
    }

    /** @param expected all that could stand here, of which the word is one */
    void expect(String word, String expected) throws SQLException {
        if (!tokens.skipWord(word)) {
            throw insteadOf(expected);
        }
    }

    void expectEnd() throws SQLException {
        expectEnd("the end of the statement");
    }

    void expectEnd(String expected) throws SQLException {
        if (!tokens.isEndOfStatement()) {
            throw insteadOf(expected);
        }
    }

    boolean skipSymbol(char symbol) {
        if (tokens.isSymbol(symbol)) {
            tokens.next();
            return true;
        }
        return false;
    }

    boolean isName() {
        return tokens.kind() == Kind.WORD || tokens.kind() == Kind.QUOTED;
    }

    /** A name as written, with its quotes if it has some. */
    String name(String expected) throws SQLException {
        if (!isName()) {
            throw insteadOf(expected);
        }
        return taken();
    }

    TableName tableName() throws SQLException {
        StringBuilder sql = new StringBuilder(nameOfTable());
        while (skipSymbol('.')) {
            sql.append('.').append(nameOfTable());
        }
        return new TableName(sql.toString());
    }

    // IN is no name without quotes, so where it stands a name has been left out.
    private String nameOfTable() throws SQLException {
        String expected = "the name of a table";
        if (tokens.isWord("IN")) {
            throw insteadOf(expected);
        }
        return name(expected);
    }

    /** A word, in capitals. */
    String word(String expected) throws SQLException {
        if (tokens.kind() != Kind.WORD) {
            throw insteadOf(expected);
        }
        return taken().toUpperCase(Locale.ROOT);
    }

    /** A number without a sign, and not larger than this. */
    BigDecimal number(BigDecimal most, String expected) throws SQLException {
        if (tokens.kind() != Kind.NUMBER) {
            throw insteadOf(expected);
        }
        Optional<BigDecimal> number = Decimals.read(tokens.written()).filter(given -> given.compareTo(most) <= 0);
        if (number.isEmpty()) {
            throw insteadOf(expected);
        }
        tokens.next();
        return number.get();
    }

    /** A number with its sign, a string or a name without its quotes, or a word. */
    String value(String expected) throws SQLException {
        if (skipSymbol('-')) {
            if (tokens.kind() != Kind.NUMBER) {
                throw insteadOf("a number");
            }
            return "-" + taken();
        }
        return switch (tokens.kind()) {
            case NUMBER, WORD -> taken();
            case STRING, QUOTED -> unquoted(taken());
            default -> throw insteadOf(expected);
        };
    }

    private String taken() {
        String written = tokens.written();
        tokens.next();
        return written;
    }

    private static String unquoted(String written) {
        if (written.startsWith("$$")) {
            return written.substring(2, Math.max(2, written.length() - 2));
        }
        String quote = written.substring(0, 1);
        return written.substring(1, Math.max(1, written.length() - 1)).replace(quote + quote, quote);
    }
}
