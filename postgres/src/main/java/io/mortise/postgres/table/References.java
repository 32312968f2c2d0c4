package io.mortise.postgres.table;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds our tables in a text, where a table can stand: behind FROM, JOIN and the commas between. A name that is a
 * user's own, or that a WITH of the text defines, is not ours. One thread at a time.
 */
public final class References {
    private static final String ROW_LOCKS = "pgrowlocks";

    private final String text;
    private final OurTables ours;
    private final Owned owned;
    private final PgTokens tokens;
    private final StringBuilder copy = new StringBuilder();
    private final Set<VirtualTable<?>> found = new LinkedHashSet<>();
    private final Deque<Level> levels = new ArrayDeque<>();
    private int copied;
    private int copyEnd;
    private boolean hasRowLocks;
    private String before = "";

    /** Whether a user of the database has a table of this name. */
    public interface Owned {
        /**
         * Asks the database.
         *
         * @param schema empty for any
         */
        boolean has(String schema, String name) throws SQLException;

        /** Has a user a function of this name? */
        boolean hasFunction(String name) throws SQLException;
    }

    private References(String text, OurTables ours, Owned owned) {
        this.text = text;
        this.ours = ours;
        this.owned = owned;
        this.tokens = new PgTokens(text);
    }

    /**
     * Reads a text.
     *
     * @return empty if there is nothing of ours in it
     * @throws SQLException HYC00 where one of ours cannot stand
     */
    public static Optional<Reading> in(String text, OurTables ours, Owned owned) throws SQLException {
        return ours.mayBeIn(text) ? new References(text, ours, owned).read() : Optional.empty();
    }

    private Optional<Reading> read() throws SQLException {
        String first = tokens.value();
        levels.push(new Level(Level.Kind.OTHERS));
        if (tokens.isWord("SELECT") || tokens.isWord("CALL")) {
            calledAlone();
        }
        while (tokens.kind() != PgTokens.Kind.END) {
            step();
        }
        if (found.isEmpty() && !hasRowLocks) {
            return Optional.empty();
        }
        if (!found.isEmpty() && Keywords.KEPT_STATEMENTS.contains(first)) {
            VirtualTable<?> table = found.iterator().next();
            throw EngineError.NOT_SUPPORTED.exception(table.schema() + "." + table.name()
                    + " cannot be kept on the server, by a view, a prepared statement or a table: its rows are this"
                    + " moment's. Nothing was done. Read it in a statement of its own.");
        }
        return Optional.of(new Reading(copy.append(text, copied, text.length()).toString(), found));
    }

    /** {@code SELECT SHOW_LOCKS()} or {@code CALL SHOW_LOCKS()}, and nothing else. */
    private void calledAlone() {
        int back = tokens.start();
        boolean isCall = tokens.isWord("CALL");
        tokens.next();
        int start = tokens.start();
        Optional<VirtualTable<?>> function = ours.function(tokens.name());
        tokens.next();
        if (function.isPresent() && skipsParentheses()) {
            int end = tokens.start();
            if (tokens.isSymbol(';')) {
                tokens.next();
            }
            if (tokens.kind() == PgTokens.Kind.END) {
                replace(
                        isCall ? back : start,
                        end,
                        (isCall ? "SELECT " : "") + "* FROM " + OurTables.derived(function.get()) + " AS "
                                + function.get().name().toLowerCase(Locale.ROOT) + " ");
                found.add(function.get());
                return;
            }
        }
        tokens.moveTo(back);
    }

    private boolean skipsParentheses() {
        if (!tokens.isSymbol('(')) {
            return false;
        }
        tokens.next();
        if (!tokens.isSymbol(')')) {
            return false;
        }
        tokens.next();
        return true;
    }

    private void step() throws SQLException {
        Level level = levels.element();
        if (tokens.isSymbol('(')) {
            levels.push(new Level(inside(level)));
            level.expectsTable = false;
            advance();
        } else if (tokens.isSymbol(')')) {
            if (levels.size() > 1) {
                levels.pop();
            }
            advance();
        } else if (tokens.isSymbol(',')) {
            level.expectsTable = level.inFrom;
            advance();
        } else if (tokens.isSymbol(';')) {
            levels.clear();
            levels.push(new Level(Level.Kind.OTHERS));
            advance();
        } else if (level.expectsTable && !isFiller()) {
            level.expectsTable = false;
            table();
        } else {
            word(level);
            advance();
        }
    }

    private Level.Kind inside(Level level) {
        boolean isCall =
                !before.isEmpty() && Character.isLetter(before.charAt(0)) && !Keywords.NO_FUNCTIONS.contains(before);
        return level.expectsTable ? Level.Kind.TABLES : isCall ? Level.Kind.ARGUMENTS : Level.Kind.OTHERS;
    }

    private boolean isFiller() {
        return tokens.isWord("ONLY")
                || tokens.isWord("LATERAL")
                || tokens.isWord("SELECT")
                || tokens.isWord("WITH")
                || tokens.isWord("VALUES");
    }

    private void word(Level level) throws SQLException {
        if (tokens.kind() != PgTokens.Kind.WORD) {
            return;
        }
        String word = tokens.value();
        switch (word) {
            case "FROM", "USING" -> {
                boolean isTable =
                        !level.isCall() && !before.equals("DISTINCT") && (word.equals("FROM") || !level.inFrom);
                if (isTable && before.equals("DELETE")) {
                    refuseChange();
                }
                level.inFrom |= isTable;
                level.expectsTable |= isTable;
            }
            case "JOIN" -> level.expectsTable = true;
            case "INTO" -> refuseChange();
            case "UPDATE" -> {
                if (before.isEmpty()) { // Else it is FOR UPDATE.
                    refuseChange();
                }
            }
            default -> {
                if (Keywords.ENDS_FROM.contains(word)) {
                    level.inFrom = false;
                    level.expectsTable = false;
                }
            }
        }
        if (word.equals("SELECT")) {
            // A subquery has a FROM of its own, also where it is an argument.
            levels.pop();
            levels.push(new Level(Level.Kind.OTHERS));
        }
    }

    /** Refuses a change of the table that follows, if it is ours. */
    private void refuseChange() throws SQLException {
        int back = tokens.start();
        tokens.next();
        Optional<VirtualTable<?>> table = tableHere();
        tokens.moveTo(back);
        if (table.isPresent()) {
            throw EngineError.NOT_SUPPORTED.exception(
                    table.get().schema() + "." + table.get().name() + " cannot be changed. Nothing was done.");
        }
    }

    private void advance() {
        before =
                tokens.kind() == PgTokens.Kind.WORD ? tokens.value() : tokens.kind() == PgTokens.Kind.SYMBOL ? "" : "1";
        tokens.next();
    }

    /** {@code SYS.ROW_LOCKS('table')} is a function of an extension of the server's, by another name. */
    private boolean isRowLocks() throws SQLException {
        int start = tokens.start();
        int end = tokens.end();
        String name = tokens.name();
        tokens.next();
        if (name.equals("SYS") && tokens.isSymbol('.')) {
            tokens.next();
            name = tokens.name();
            end = tokens.end();
            tokens.next();
        }
        if (!name.equals("ROW_LOCKS") || !tokens.isSymbol('(') || owned.hasFunction("row_locks")) {
            tokens.moveTo(start);
            return false;
        }
        if (!owned.hasFunction(ROW_LOCKS)) {
            throw EngineError.NOT_SUPPORTED.exception(
                    "SYS.ROW_LOCKS needs the extension pgrowlocks, which this database"
                            + " has not. Nothing was done: an administrator installs it with CREATE EXTENSION pgrowlocks.");
        }
        replace(start, end, ROW_LOCKS);
        before = ROW_LOCKS;
        hasRowLocks = true;
        return true;
    }

    private void table() throws SQLException {
        if (isRowLocks()) {
            return;
        }
        int start = tokens.start();
        Optional<VirtualTable<?>> table = tableHere();
        if (table.isEmpty()) {
            tokens.moveTo(start);
            advance();
            return;
        }
        int end = copyEnd;
        boolean isNamed = tokens.isWord("AS")
                || tokens.kind() == PgTokens.Kind.QUOTED
                || (tokens.kind() == PgTokens.Kind.WORD && !Keywords.BEHIND.contains(tokens.value()));
        String alias = isNamed ? "" : " AS " + table.get().name().toLowerCase(Locale.ROOT);
        replace(start, end, OurTables.derived(table.get()) + alias);
        found.add(table.get());
        before = "1";
    }

    /** The table of ours that is named here; moves behind it, and notes where it ends. */
    private Optional<VirtualTable<?>> tableHere() throws SQLException {
        String name = tokens.name();
        copyEnd = tokens.end();
        tokens.next();
        String schema = "";
        if (tokens.isSymbol('.')) {
            tokens.next();
            schema = name;
            name = tokens.name();
            copyEnd = tokens.end();
            tokens.next();
        } else if (tokens.isSymbol('(')) {
            Optional<VirtualTable<?>> function = ours.function(name);
            if (function.isPresent()) {
                tokens.next();
                copyEnd = tokens.end();
                tokens.next();
            }
            return function;
        }
        Optional<VirtualTable<?>> table = ours.table(schema, name);
        boolean isTheirs = table.isPresent()
                && ((schema.isEmpty() && PgTokens.defines(text, name))
                        || owned.has(schema.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT)));
        return isTheirs ? Optional.empty() : table;
    }

    private void replace(int start, int end, String words) {
        copy.append(text, copied, start).append(words);
        copied = end;
    }
}
