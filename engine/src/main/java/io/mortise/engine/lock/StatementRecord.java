package io.mortise.engine.lock;

import io.mortise.engine.text.Cut;
import io.mortise.engine.text.UserName;
import java.util.Optional;

/**
 * A statement, as every lock that it takes remembers it. Immutable, and shared by those locks.
 *
 * @param id unique while the engine runs; 0 for {@link #NONE}
 * @param name the client's name for it; empty if it gave none
 * @param sql the text as the client gave it, without values
 * @param startNanos when it began, on the engine's clock
 * @param thread the thread it runs on
 * @param sqlLength characters of the text that the client gave: {@code sql} may be its beginning only
 * @param outer the statement that runs it, by a trigger or a function; empty if the client does
 */
public record StatementRecord(
        long id,
        int session,
        UserName user,
        String name,
        String sql,
        long startNanos,
        Thread thread,
        int sqlLength,
        Optional<StatementRecord> outer) {
    /** Stands where no statement is known. */
    public static final StatementRecord NONE = new StatementRecord(0, 0, UserName.NONE, "", "", 0, new Thread("none"));

    /** A statement of the client's own. */
    public StatementRecord(
            long id,
            int session,
            UserName user,
            String name,
            String sql,
            long startNanos,
            Thread thread,
            int sqlLength) {
        this(id, session, user, name, sql, startNanos, thread, sqlLength, Optional.empty());
    }

    /** A statement whose text is here whole. */
    public StatementRecord(
            long id, int session, UserName user, String name, String sql, long startNanos, Thread thread) {
        this(id, session, user, name, sql, startNanos, thread, sql.length());
    }

    /** The same statement, shown with this text. */
    public StatementRecord withSql(String shown) {
        return new StatementRecord(id, session, user, name, shown, startNanos, thread, sqlLength, outer);
    }

    /** The same statement, run by another one; by the client if that is {@link #NONE}. */
    public StatementRecord inside(StatementRecord other) {
        return other == NONE
                ? this
                : new StatementRecord(id, session, user, name, sql, startNanos, thread, sqlLength, Optional.of(other));
    }

    /** The client's own statement, within which this one runs; this one, if it is that. */
    public StatementRecord outermost() {
        return outer.map(StatementRecord::outermost).orElse(this);
    }

    /** What the thread is called now, in as much of it as tells which. */
    public String threadName() {
        return Cut.of(thread.getName(), Cut.NAME);
    }

    /**
     * The id that is text: the client's, or one made from the number. Made when asked for: most are never looked at.
     */
    public String queryId() {
        return name.isEmpty() ? "q-" + id : name;
    }
}
