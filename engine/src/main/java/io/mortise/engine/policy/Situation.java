package io.mortise.engine.policy;

/**
 * The circumstances in which a statement runs. Immutable; one instance for each combination, so that asking a policy
 * allocates nothing.
 */
public record Situation(StatementKind kind, Isolation isolation, Mode mode) {
    /** Who ends a transaction: each statement its own, or the client. */
    public enum Mode {
        AUTOCOMMIT,
        TRANSACTION
    }

    private static final Isolation[] ISOLATIONS = Isolation.values();
    private static final Mode[] MODES = Mode.values();
    private static final Situation[] ALL = all();

    /** The shared instance. */
    public static Situation of(StatementKind kind, Isolation isolation, Mode mode) {
        return ALL[(kind.ordinal() * ISOLATIONS.length + isolation.ordinal()) * MODES.length + mode.ordinal()];
    }

    public boolean isSerializable() {
        return isolation == Isolation.SERIALIZABLE;
    }

    private static Situation[] all() {
        StatementKind[] kinds = StatementKind.values();
        Situation[] all = new Situation[kinds.length * ISOLATIONS.length * MODES.length];
        int next = 0;
        for (StatementKind kind : kinds) {
            for (Isolation isolation : ISOLATIONS) {
                for (Mode mode : MODES) {
                    all[next++] = new Situation(kind, isolation, mode);
                }
            }
        }
        return all;
    }
}
