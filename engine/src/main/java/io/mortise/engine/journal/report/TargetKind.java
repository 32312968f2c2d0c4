package io.mortise.engine.journal.report;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;

/** The kinds of things that are locked, and what Kognitio calls a lock on one. Immutable. */
public enum TargetKind {
    SYSTEM(LockTarget.System.class, "SYS"),
    DATABASE(LockTarget.Database.class, "SYS"),
    SCHEMA(LockTarget.Schema.class, "SYS"),
    GLOBAL_PERMISSION(LockTarget.GlobalPermission.class, "SYS"),
    TABLE(LockTarget.Table.class, "TAB"),
    FACET(LockTarget.Facet.class, "TAB"),
    ROW(LockTarget.Row.class, "ROW"),
    ROW_KEY(LockTarget.RowKey.class, "ROW"),
    UNIQUE_KEY(LockTarget.UniqueKey.class, "ROW"),
    ADVISORY(LockTarget.Name.class, ""),
    STATEMENT_SLOT(LockTarget.StatementSlot.class, ""),
    TRANSACTION(LockTarget.Transaction.class, "");

    private static final TargetKind[] ALL = values();

    private final Class<? extends LockTarget> type;
    private final String level;

    TargetKind(Class<? extends LockTarget> type, String level) {
        this.type = type;
        this.level = level;
    }

    public static TargetKind of(LockTarget target) {
        for (TargetKind kind : ALL) {
            if (kind.type.isInstance(target)) {
                return kind;
            }
        }
        throw new AssertionError("a kind for every target");
    }

    /**
     * Would Kognitio show this lock? It has no intent locks, so a granted one is left out; one that waits stands for
     * the row request that it announces. It has no locks on names, and none for a statement slot or the end of a
     * transaction.
     */
    public static boolean isKognitio(LockRow lock) {
        TargetKind kind = of(lock.target());
        boolean announces = lock.mode().isIntention() && kind != FACET;
        return !kind.level.isEmpty() && !(lock.granted() && announces);
    }

    /**
     * Kognitio's level: {@code TAB}, {@code ROW} or {@code SYS}. Kognitio knows no intent locks: an intent lock on a
     * table is announced for locks on rows, so it is a row lock there.
     */
    public String level(LockMode mode) {
        return this == TABLE && mode.isIntention() ? ROW.level : level;
    }

    /**
     * Kognitio's type: {@code SH} or {@code EX}. Half a table has no rows of its own: IX on it is SQream's Inclusive.
     */
    public String type(LockMode mode) {
        return mode.isShared() || (this == FACET && mode.isIntention()) ? "SH" : "EX";
    }

    /** The same, and nothing for what can be had in one way only: a statement slot, or a transaction. */
    public String how(LockMode mode) {
        return this == STATEMENT_SLOT || this == TRANSACTION ? "" : typeAndLevel(mode);
    }

    /** {@code EX TAB}; only the type where Kognitio has no level for it. */
    public String typeAndLevel(LockMode mode) {
        return (type(mode) + " " + level(mode)).strip();
    }
}
