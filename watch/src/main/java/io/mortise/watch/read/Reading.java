package io.mortise.watch.read;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is looked at, and in which portions. Thread-safe.
 *
 * <p>A portion is bounded, whatever happens in the database. Sessions that take part in blocking come first, then those
 * in a transaction, the oldest first. Of the past the longest waits are kept. Counts say what was left out.
 */
public final class Reading {
    /** So many sessions are sent, and so many places in the tree. */
    static final int MOST_SESSIONS = 300;

    /** Up to so many places in the tree, everybody in somebody's way is drawn, and not the first alone. */
    private static final int MOST_TREES = 100;

    private static final int MOST_OF_THE_PAST = 1000;
    private static final int MOST_DEADLOCKS = 50;
    /** Of the text of a statement, in a list; a click shows the whole. */
    private static final int TEXT = 300;

    private static final String SESSIONS = """
            SELECT SESSION, SESSION_NAME, USER_NAME, CLIENT_INFO, THREAD_NAME, STATE, STATE_SINCE, MODE, TNO, LOCKS_HELD,
              ROWS_CHANGED, BLOCKED_BY, BLOCKING_COUNT, STATEMENT_ID, SUBSTRING(LAST_SQL, 1, %d) AS LAST_SQL
            FROM SYS.SESSIONS WHERE CLIENT_INFO IS NULL OR CLIENT_INFO <> '%s'
            ORDER BY BLOCKED_BY IS NULL AND BLOCKING_COUNT = 0, TNO IS NULL, STATE_SINCE
            """.formatted(TEXT, Database.NAME);

    private static final String TREE = """
            SELECT SESSION, DEPTH, ROOT_SESSION, BLOCKED_COUNT, WAITS_FOR, EDGE_KIND, WAITED_MS, STATE, USER_NAME,
              SUBSTRING(SQL_TEXT, 1, %d) AS SQL_TEXT
            FROM SYS.BLOCKING_TREE
            """.formatted(TEXT);

    private static final String LOCKS = """
            SELECT SESSION, USER_NAME, STATUS, MODE, TARGET_KIND, SCHEMA_NAME, TABLE_NAME, ROW_KEY, WAITED_MS,
              BLOCKING_SESSION, THREAD_NAME, ACQUIRED_BY
            FROM SYS.LOCKS WHERE SESSION <> ? AND MODE <> 'SIREAD' LIMIT 10000
            """;

    private static final String HOLDERS = """
            SELECT SESSION, BLOCKING_SESSION FROM SYS.LOCK_WAITS WHERE EDGE_KIND <> 'QUEUED_AHEAD' LIMIT %d
            """.formatted(MOST_SESSIONS);

    /** What a session has prepared, and may have left behind: nobody's connection can end that. */
    private static final String BRANCHES = """
            SELECT DISTINCT BLOCKING_SESSION, BLOCKING_BRANCH FROM SYS.LOCK_WAITS WHERE BLOCKING_BRANCH IS NOT NULL LIMIT %d
            """.formatted(MOST_SESSIONS);

    private static final String WAITS = """
            SELECT SESSION, TNO, USER_NAME, MODE, TARGET_KIND, SCHEMA_NAME, TABLE_NAME, ROW_KEY, EDGE_KIND,
              BLOCKING_SESSION, BLOCKING_USER, BLOCKERS, BEGIN_TIME, END_TIME, WAITED_MS, OUTCOME,
              SUBSTRING(SQL_TEXT, 1, %1$d) AS SQL_TEXT, SUBSTRING(BLOCKING_SQL, 1, %1$d) AS BLOCKING_SQL
            FROM SYS.LOCK_WAIT_HISTORY WHERE END_TIME > CAST(? AS TIMESTAMP WITH TIME ZONE) AND (WAITED_MS >= 20 OR OUTCOME <> 'GRANTED')
            ORDER BY WAITED_MS DESC LIMIT %2$d
            """.formatted(TEXT, MOST_OF_THE_PAST);

    private static final String TRANSACTIONS = """
            SELECT SESSION, TNO, USER_NAME, STATUS, START_TIME, END_TIME FROM SYS.TRANSACTIONS
            WHERE NOT (SESSION = 1 AND USER_NAME = 'DBA')
              AND (END_TIME IS NULL OR END_TIME > CAST(? AS TIMESTAMP WITH TIME ZONE) AND DURATION_MS >= 100) ORDER BY DURATION_MS DESC LIMIT %d
            """.formatted(MOST_OF_THE_PAST);

    private static final String STATEMENTS = """
            SELECT SESSION, TNO, START_TIME, END_TIME, STATUS, SUBSTRING(SQL_TEXT, 1, %d) AS SQL_TEXT FROM SYS.STATEMENTS
            WHERE (END_TIME IS NULL OR END_TIME > CAST(? AS TIMESTAMP WITH TIME ZONE)) AND DURATION_MS >= 100 ORDER BY DURATION_MS DESC LIMIT %d
            """.formatted(TEXT, MOST_OF_THE_PAST);

    private static final String MINUTES = """
            SELECT DATE_TRUNC('MINUTE', END_TIME) AS MINUTE_TIME, COUNT(*) AS WAITS, SUM(WAITED_MS) AS WAITED_MS
            FROM SYS.LOCK_WAIT_HISTORY WHERE END_TIME > CAST(? AS TIMESTAMP WITH TIME ZONE) GROUP BY MINUTE_TIME ORDER BY MINUTE_TIME
            """;

    private static final String DEADLOCKS = """
            SELECT DEADLOCK_ID, EVENT_TIME, CYCLE_ORDER, SESSION, TNO, USER_NAME, WAITS_FOR, WAITS_FOR_SESSION, EDGE_KIND,
              HOLDS, SQL_TEXT, THREAD_NAME, CALL_SITE, ROWS_CHANGED, VICTIM, CASE CYCLE_ORDER WHEN 1 THEN SCRIPT END AS SCRIPT
            FROM SYS.DEADLOCKS WHERE DEADLOCK_ID > (SELECT COALESCE(MAX(DEADLOCK_ID), 0) - %d FROM SYS.DEADLOCKS)
            ORDER BY DEADLOCK_ID DESC, CYCLE_ORDER
            """.formatted(MOST_DEADLOCKS);

    private static final String SHAPES = """
            SELECT SHAPE, DEADLOCKS, ROWS_LOST, TIME_LOST_MS, LAST_TIME, LAST_DEADLOCK_ID FROM SYS.DEADLOCK_SHAPES LIMIT 50
            """;

    private static final String FAILURES = """
            SELECT FAILURE_ID, EVENT_TIME, KIND, SESSION, TNO, USER_NAME, CONFLICT_ORDER, READER_SESSION, READER_USER,
              READ_PLACE, SUBSTRING(READ_SQL, 1, %1$d) AS READ_SQL, WRITER_SESSION, WRITER_USER, WROTE_PLACE,
              SUBSTRING(WROTE_SQL, 1, %1$d) AS WROTE_SQL, WHY, HINT,
              CASE WHEN CONFLICT_ORDER IS NULL OR CONFLICT_ORDER = 1 THEN SCRIPT END AS SCRIPT
            FROM SYS.SERIALIZATION_FAILURES
            WHERE FAILURE_ID > (SELECT COALESCE(MAX(FAILURE_ID), 0) - %2$d FROM SYS.SERIALIZATION_FAILURES)
            ORDER BY FAILURE_ID DESC, CONFLICT_ORDER
            """.formatted(TEXT, MOST_DEADLOCKS);

    private static final String STATS = """
            SELECT SCHEMA_NAME, TABLE_NAME, WAITS, WAIT_MS, LONGEST_WAIT_MS, TIMEOUTS, DEADLOCKS, HOTTEST_ROW
            FROM SYS.LOCK_STATS ORDER BY WAIT_MS DESC LIMIT 50
            """;

    private static final String ORDER = """
            SELECT FIRST_TABLE, THEN_TABLE, TRANSACTIONS, FIRST_SQL, THEN_SQL, INVERSE_FIRST_SQL, INVERSE_THEN_SQL
            FROM SYS.LOCK_ORDER WHERE INVERTED LIMIT 50
            """;

    /** The oldest time that is asked for: what the rings still have is newer. */
    private static final String BEFORE = "1970-01-01 00:00:00+00";

    /** How much is told. */
    public enum Detail {
        /** What the user may see. */
        ALL,
        /** The same without the texts of statements and the keys of rows. */
        REDACTED
    }

    private final Database database;
    private final boolean isRedacted;

    public Reading(Database database, Detail detail) {
        this.database = database;
        this.isRedacted = detail == Detail.REDACTED;
    }

    private Rows read(String sql, Object... values) throws SQLException {
        Rows rows = database.read(sql, values);
        return isRedacted ? rows.redacted() : rows;
    }

    private long now() throws SQLException {
        return database.read("SELECT CURRENT_TIMESTAMP AS NOW").number(0, "NOW");
    }

    /** Who is watched, and by whom. */
    public Map<String, Object> about() throws SQLException {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("database", database.title());
        about.put("user", database.user());
        about.put("admin", database.isAdmin());
        about.put("session", database.session());
        about.put("redacted", isRedacted);
        about.put("history", database.hasHistory());
        return about;
    }

    /** The sessions, and who waits for whom: at one moment each. */
    public Map<String, Object> moment() throws SQLException {
        Map<String, Object> moment = new LinkedHashMap<>();
        Rows sessions = read(SESSIONS);
        Rows tree = read(TREE);
        moment.put("at", now());
        moment.put("counts", counts(sessions, tree));
        moment.put("sessions", first(sessions));
        moment.put("tree", first(tree));
        moment.put("holders", tree.size() > 0 && tree.size() <= MOST_TREES ? read(HOLDERS) : Rows.NONE);
        moment.put("branches", hasBranch(tree) ? read(BRANCHES) : Rows.NONE);
        return moment;
    }

    /** Those connected: who blocks and who waits first. */
    public Rows sessions() throws SQLException {
        return first(read(SESSIONS));
    }

    /** Who waits for whom, the worst first. */
    public Rows tree() throws SQLException {
        return first(read(TREE));
    }

    /** Every lock, granted or pending. */
    public Rows locks() throws SQLException {
        return read(LOCKS, database.session());
    }

    private static Rows first(Rows rows) {
        return new Rows(rows.columns(), rows.rows().subList(0, Math.min(rows.size(), MOST_SESSIONS)));
    }

    private static boolean hasBranch(Rows tree) {
        int state = tree.columns().indexOf("STATE");
        return tree.rows().stream()
                .map(row -> row.get(state))
                .anyMatch(is -> "IN DOUBT".equals(is) || "PREPARED".equals(is));
    }

    private static Map<String, Object> counts(Rows sessions, Rows tree) {
        long waiting = 0;
        long open = 0;
        int blockedBy = sessions.columns().indexOf("BLOCKED_BY");
        int tno = sessions.columns().indexOf("TNO");
        for (var row : sessions.rows()) {
            waiting += row.get(blockedBy) != null ? 1 : 0;
            open += row.get(tno) != null ? 1 : 0;
        }
        return Map.of("sessions", sessions.size(), "waiting", waiting, "inTransaction", open, "tree", tree.size());
    }

    /** What has ended since then, in milliseconds since 1970, and what is still open. */
    public Map<String, Object> past(long since) throws SQLException {
        Map<String, Object> past = new LinkedHashMap<>();
        String from =
                since <= 0 ? BEFORE : java.time.Instant.ofEpochMilli(since).toString();
        past.put("at", now());
        past.put("waits", database.hasHistory() ? read(WAITS, from) : Rows.NONE);
        past.put("transactions", read(TRANSACTIONS, from));
        past.put("statements", read(STATEMENTS, from));
        return past;
    }

    /** The deadlocks that are remembered, their kinds, and the transactions that could not be serialized. */
    public Map<String, Object> deadlocks() throws SQLException {
        Map<String, Object> deadlocks = new LinkedHashMap<>();
        deadlocks.put("deadlocks", read(DEADLOCKS));
        deadlocks.put("shapes", read(SHAPES));
        deadlocks.put("failures", database.hasFailures() ? read(FAILURES) : Rows.NONE);
        return deadlocks;
    }

    /** Where the time goes. */
    public Map<String, Object> tables() throws SQLException {
        Map<String, Object> tables = new LinkedHashMap<>();
        tables.put("stats", read(STATS));
        tables.put("order", read(ORDER));
        String hour = java.time.Instant.ofEpochMilli(now() - 3_600_000).toString();
        tables.put("minutes", database.hasHistory() ? read(MINUTES, hour) : Rows.NONE);
        return tables;
    }

    /** All that is known of one session: it, the locks it holds or wants, and who is in its way. */
    public Map<String, Object> session(int session) throws SQLException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("session", read("SELECT * FROM SYS.SESSIONS WHERE SESSION = ?", session));
        all.put(
                "locks",
                read(
                        "SELECT TARGET_KIND, SCHEMA_NAME, TABLE_NAME, ROW_KEY, MODE, LOCK_TYPE, STATUS, REQUESTED_AT, WAITED_MS,"
                                + " ACQUIRED_BY FROM SYS.LOCKS WHERE SESSION = ? AND MODE <> 'SIREAD' LIMIT 200",
                        session));
        all.put("waits", read("SELECT * FROM SYS.LOCK_WAITS WHERE SESSION = ? LIMIT 50", session));
        all.put(
                "transaction",
                read(
                        "SELECT TNO, START_TIME, DURATION_MS FROM SYS.TRANSACTIONS WHERE SESSION = ? AND END_TIME IS NULL",
                        session));
        return all;
    }

    /** This moment and the last minutes, in one. */
    public Map<String, Object> everything() throws SQLException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("about", about());
        all.put("moment", moment());
        all.put("past", past(now() - 600_000));
        all.put("deadlocks", deadlocks());
        all.put("tables", tables());
        return all;
    }
}
