package io.mortise.engine.storage.statement;

import io.mortise.engine.journal.Journal;
import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.Secrets;
import java.sql.SQLException;
import java.util.function.LongSupplier;

/** Makes the records of one session's statements, and tells the journal of them. Thread-safe. */
public final class StatementJournal {
    private final LockOwner owner;
    private final Journal journal;
    private final LongSupplier clock;
    private final LongSupplier numbers;
    private final SessionJournal entries;
    /**
     * Of the statement that was described last. Written by any thread: whoever reads an older one finds it out anew.
     */
    private Kept last = new Kept("", 0, "");

    /** What is kept of a text, of which so much may be. */
    private record Kept(String sql, int most, String text) {}

    /**
     * @param clock the engine's, in nanoseconds
     * @param numbers gives each statement of the database its number
     */
    public StatementJournal(LockOwner owner, Journal journal, LongSupplier clock, LongSupplier numbers) {
        this.owner = owner;
        this.journal = journal;
        this.clock = clock;
        this.numbers = numbers;
        this.entries = journal.open(owner.session(), owner.user());
    }

    public SessionJournal entries() {
        return entries;
    }

    long now() {
        return clock.getAsLong();
    }

    /**
     * A record of a statement that the current thread is about to run.
     *
     * @param queryId the client's name for it; empty if it gave none
     */
    public StatementRecord describe(String sql, String queryId) {
        return new StatementRecord(
                numbers.getAsLong(),
                owner.session(),
                owner.user(),
                queryId,
                kept(sql),
                now(),
                Thread.currentThread(),
                sql.length());
    }

    /** A statement that is run again has the same text, as an object too. */
    @SuppressWarnings("ReferenceEquality")
    private String kept(String sql) {
        Kept known = last;
        int most = journal.textBytes();
        if (known.sql != sql || known.most != most) {
            known = new Kept(sql, most, journal.kept(Secrets.masked(sql)));
            last = known;
        }
        return known.text;
    }

    void raised(StatementRecord statement, long now, SQLException error) {
        journal.errorRaised(owner.id(), statement, now, error);
    }
}
