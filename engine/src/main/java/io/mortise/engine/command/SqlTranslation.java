package io.mortise.engine.command;

import io.mortise.engine.command.CommandParser.Marks;
import io.mortise.engine.text.Letters;
import io.mortise.engine.text.Tokens;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Goes through one statement of storage's and puts into H2's words what H2 would not understand:
 * {@code CURRENT_SESSION}, {@code FOR SHARE}, {@code FOR KEY SHARE}, {@code FOR NO KEY UPDATE}, {@code WAIT LOW
 * PRIORITY}, {@code SELECT f()} of a function that returns a table, {@code FROM f()} of one that returns a value,
 * {@code GRANT LOCK_SYSTEM}. Works on tokens, so strings, quoted names and comments stay as they are. One thread at a
 * time.
 */
final class SqlTranslation {
    /** Functions that return a table, which H2 wants to see in FROM. */
    static final Set<String> TABLE_FUNCTIONS = Set.of("SHOW_LOCKS", "SHOW_CONNECTIONS", "SHOW_SERVER_STATUS");

    /** Functions that return one value, which SQream's users put into FROM all the same. */
    static final Set<String> VALUE_FUNCTIONS =
            Set.of("STOP_STATEMENT", "RELEASE_DEFUNCT_LOCKS", "REMOVE_LOCK", "REMOVE_STATEMENT_LOCKS");

    private static final Set<String> QUERY = Set.of("SELECT", "WITH", "TABLE", "VALUES");
    private static final Set<String> CHANGES_CATALOGUE = Set.of("CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT");
    private static final Set<String> MAY_WAIT_LOW = Set.of("CREATE", "ALTER", "DROP", "TRUNCATE");

    private final Tokens tokens;
    private final Edits edits;
    private final Marks marks;
    /**
     * For every parenthesis that is open: does it hold a query? FOR means something else in SUBSTRING(a FROM 1 FOR 2).
     */
    private final Deque<Boolean> parentheses = new ArrayDeque<>();
    /** Functions in FROM whose parentheses are open: the name, and how many parentheses there are with its own. */
    private final Deque<Called> called = new ArrayDeque<>();

    private record Called(String function, int depth) {}

    private boolean isQuery;
    private boolean mayWaitLow;
    private boolean namesColumns;
    private boolean userIsColumn;
    private int parameters;

    SqlTranslation(Tokens tokens, Edits edits, Marks marks) {
        this.tokens = tokens;
        this.edits = edits;
        this.marks = marks;
    }

    /** Goes on from the first token of a statement to its end; returns where its last token ends. */
    int statement() {
        parameters = 0;
        parentheses.clear();
        called.clear();
        begin();
        return expression(Set.of());
    }

    /**
     * Goes on from the first token of a condition on {@code SYSTEM.PROCESSES} to the end of the statement, or to one of
     * these words if it is last. Returns where its last token ends. ClickHouse's column {@code user} is
     * {@code USER_NAME} here: H2 takes USER for a function.
     */
    int processCondition(Set<String> lastWords) {
        userIsColumn = true;
        return expression(lastWords);
    }

    /** How many parameters there were in what was gone through last. */
    int parameters() {
        return parameters;
    }

    private void begin() {
        int start = tokens.start();
        if (tokens.skipWord("EXPLAIN") && !tokens.skipWord("ANALYZE") && tokens.skipWord("PLAN")) {
            tokens.skipWord("FOR");
        }
        isQuery = tokens.isWordOf(QUERY) || tokens.isSymbol('(');
        mayWaitLow = tokens.isWordOf(MAY_WAIT_LOW);
        namesColumns = tokens.isWordOf(CHANGES_CATALOGUE);
        if (tokens.isWord("SELECT")) {
            tokens.next();
            tableFunction();
        } else if (tokens.isWord("GRANT")) {
            tokens.next();
            if (tokens.isWord("LOCK_SYSTEM")) {
                edits.insert(start, "CREATE ROLE IF NOT EXISTS LOCK_SYSTEM; ");
            }
        }
    }

    /** {@code SELECT f(…)} and nothing else becomes {@code SELECT * FROM f(…)}. */
    private void tableFunction() {
        int start = tokens.start();
        if (!tokens.isWordOf(TABLE_FUNCTIONS)) {
            return;
        }
        tokens.next();
        if (tokens.isSymbol('(') && endsAfterParentheses()) {
            edits.insert(start, "* FROM ");
        }
        tokens.moveTo(start);
    }

    private boolean endsAfterParentheses() {
        int depth = 0;
        do {
            if (tokens.isSymbol('(')) {
                depth++;
            } else if (tokens.isSymbol(')')) {
                depth--;
            }
            tokens.next();
        } while (depth > 0 && !tokens.isEndOfStatement());
        return depth == 0 && tokens.isEndOfStatement();
    }

    private int expression(Set<String> lastWords) {
        int beforeStart = tokens.start();
        int beforeEnd = beforeStart;
        while (!tokens.isEndOfStatement()) {
            int start = tokens.start();
            int end = tokens.end();
            Tokens.Kind kind = tokens.kind();
            boolean mayBeLast = !lastWords.isEmpty() && tokens.isWordOf(lastWords);
            tokens.next();
            if (mayBeLast && tokens.isEndOfStatement()) {
                tokens.moveTo(start);
                return beforeEnd;
            }
            switch (kind) {
                case PARAMETER -> parameters++;
                case SYMBOL -> symbol(tokens.text().charAt(start), end);
                case WORD -> {
                    if (isSetOff(beforeStart, beforeEnd)) {
                        currentSession(start, end);
                    }
                    word(start, end);
                }
                default -> {}
            }
            beforeStart = start;
            beforeEnd = end;
        }
        return beforeEnd;
    }

    // What stands behind a dot, a bracket or AS is a name, whatever it is called.
    private boolean isSetOff(int beforeStart, int beforeEnd) {
        String text = tokens.text();
        boolean isPart = beforeEnd == beforeStart + 1 && ".[".indexOf(text.charAt(beforeStart)) >= 0;
        return !isPart && !Letters.spell(text, beforeStart, beforeEnd, "AS");
    }

    private void symbol(char symbol, int end) {
        if (symbol == '(') {
            parentheses.push(tokens.isWordOf(QUERY));
        } else if (symbol == ')') {
            Called open = called.peek();
            if (open != null && open.depth() == parentheses.size()) {
                edits.insert(end, " AS " + called.pop().function() + ")");
            }
            parentheses.poll();
        }
    }

    /** {@code FROM f(…)} becomes {@code FROM (SELECT f(…) AS f)}, which is a table to H2. */
    private void valueInFrom() {
        int start = tokens.start();
        if (tokens.skipWord("SYS") && tokens.isSymbol('.')) {
            tokens.next();
        }
        if (tokens.isWordOf(VALUE_FUNCTIONS)) {
            String function = tokens.written();
            tokens.next();
            if (tokens.isSymbol('(')) {
                edits.insert(start, "(SELECT ");
                called.push(new Called(function, parentheses.size() + 1));
            }
        }
        tokens.moveTo(start);
    }

    private void currentSession(int start, int end) {
        boolean isExpression = !namesColumns && !tokens.isSymbol('.') && !tokens.isSymbol('(');
        if (isExpression && Letters.spell(tokens.text(), start, end, "CURRENT_SESSION")) {
            edits.replace(start, end, "SESSION_ID()");
        }
    }

    // The cursor is one token further, so that one can see what follows.
    private void word(int start, int end) {
        String text = tokens.text();
        if (namesColumns && Letters.spell(text, start, end, "AS") && parentheses.isEmpty()) {
            // The query of CREATE VIEW … AS and CREATE TABLE … AS.
            namesColumns = false;
        } else if (isQuery && (Letters.spell(text, start, end, "FROM") || Letters.spell(text, start, end, "JOIN"))) {
            valueInFrom();
        } else if (Letters.spell(text, start, end, "FOR")) {
            if (isQuery && !Boolean.FALSE.equals(parentheses.peek())) {
                lockingClause(start);
            }
        } else if (userIsColumn && Letters.spell(text, start, end, "USER")) {
            edits.replace(start, end, "USER_NAME");
        } else if (mayWaitLow && Letters.spell(text, start, end, "WAIT")) {
            lowPriority(start);
        }
    }

    /** Here FOR UPDATE lets those pass who refer to the row's key, so FOR NO KEY UPDATE is the same. */
    private void lockingClause(int start) {
        int back = tokens.start();
        if (tokens.isWord("SHARE")) {
            edits.replace(start, tokens.end(), "FOR UPDATE " + marks.share());
        } else if (tokens.skipWord("KEY")) {
            if (tokens.isWord("SHARE")) {
                edits.replace(start, tokens.end(), "FOR UPDATE " + marks.keyShare());
            }
        } else if (tokens.skipWord("NO") && tokens.skipWord("KEY") && tokens.isWord("UPDATE")) {
            edits.replace(start, tokens.end(), "FOR UPDATE");
        }
        tokens.moveTo(back);
    }

    private void lowPriority(int start) {
        int back = tokens.start();
        if (tokens.skipWord("LOW") && tokens.isWord("PRIORITY")) {
            int end = tokens.end();
            tokens.next();
            if (tokens.isEndOfStatement()) {
                edits.replace(start, end, marks.lowPriority());
                return;
            }
        }
        tokens.moveTo(back);
    }
}
