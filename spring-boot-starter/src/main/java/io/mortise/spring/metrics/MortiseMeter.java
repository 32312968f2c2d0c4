package io.mortise.spring.metrics;

/** The meters, with what each measures: the only list of them. */
public enum MortiseMeter {
    SESSIONS("mortise.sessions", "gauge", "database, state", "connected sessions"),
    TRANSACTIONS(
            "mortise.transactions",
            "gauge",
            "database",
            "open transactions that hold a lock or have changed something"),
    OLDEST_TRANSACTION(
            "mortise.transactions.oldest", "gauge, seconds", "database", "how long the oldest of them has been open"),
    UNCOMMITTED_ROWS("mortise.rows.uncommitted", "gauge", "database", "rows that open transactions have changed"),
    LOCKS(
            "mortise.locks",
            "gauge",
            "database, kind",
            "granted locks; rows are counted while somebody waits for them or shares them"),
    WAITING("mortise.lock.waiting", "gauge", "database", "requests that wait for a lock now"),
    LONGEST_WAIT(
            "mortise.lock.waiting.longest", "gauge, seconds", "database", "how long the oldest of them has waited"),
    WAITS(
            "mortise.lock.waits",
            "timer, histogram",
            "database, table, outcome",
            "waits that have ended; at most 100 tables, the rest as `other`"),
    DEADLOCKS("mortise.deadlocks", "counter", "database", "deadlocks that were broken"),
    TIMEOUTS("mortise.timeouts", "counter", "database", "waits that ended at their timeout"),
    REFUSED("mortise.refused", "counter", "database", "statements that were refused because their session was busy"),
    STATEMENTS("mortise.statements", "timer", "database", "statements that have ended");

    private final String meter;
    private final String kind;
    private final String tags;
    private final String meaning;

    MortiseMeter(String meter, String kind, String tags, String meaning) {
        this.meter = meter;
        this.kind = kind;
        this.tags = tags;
        this.meaning = meaning;
    }

    /** Its name in Micrometer. */
    public String meter() {
        return meter;
    }

    /** What it measures, in a few words. */
    public String meaning() {
        return meaning;
    }

    /** Its line in docs/operations.md. */
    public String row() {
        return "| `" + meter + "` | " + kind + " | " + tags + " | " + meaning + " |\n";
    }
}
