package io.mortise.engine.storage.statement;

import io.mortise.engine.journal.Journal;
import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.Secrets;
import java.sql.SQLException;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.jspecify.annotations.Nullable;

/** Makes the records of one session's statements, and tells the journal of them. Thread-safe. */
public final class StatementJournal {
    /** To see what may be kept of a text of no more characters costs less than to remember it. */
    private static final int SHORT = 1_000;

    private final LockOwner owner;
    private final Journal journal;
    private final LongSupplier clock;
    private final StatementNumbers numbers;
    private final SessionJournal entries;
    /**
     * Of the long text that was described last. Written by any thread: one that reads an older one finds it out anew.
     */
    private Kept last = Kept.NOTHING;

    /** What is kept of a text, of which so much may be. */
    private record Kept(String sql, int most, String text) {
        static final Kept NOTHING = new Kept("", 0, "");
    }

    /**
     * @param clock the engine's, in nanoseconds
     * @param numbers sets so many numbers of statements of the database aside, and returns the first
     */
    public StatementJournal(LockOwner owner, Journal journal, LongSupplier clock, IntToLongFunction numbers) {
        this.owner = owner;
        this.journal = journal;
        this.clock = clock;
        this.numbers = new StatementNumbers(numbers);
        this.entries = journal.open(owner.session(), owner.user());
    }

    public SessionJournal entries() {
        return entries;
    }

    long now() {
        return clock.getAsLong();
    }

    /**
     * When a statement has ended, which is now. COMMIT has nothing more to do when the transaction has ended: the clock
     * has been asked then.
     */
    long endOf(StatementRecord ended, @Nullable Command command) {
        return command != null && command.getCommandType() == CommandInterface.COMMIT
                ? entries.transactionEndSince(ended.startNanos(), clock)
                : now();
    }

    /**
     * A record of a statement that the current thread is about to run.
     *
     * @param queryId the client's name for it; empty if it gave none
     */
    public StatementRecord describe(String sql, String queryId) {
        return new StatementRecord(
                numbers.next(),
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
        if (sql.length() <= SHORT) {
            return journal.kept(Secrets.masked(sql));
        }
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
