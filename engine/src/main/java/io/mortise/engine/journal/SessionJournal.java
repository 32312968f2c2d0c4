package io.mortise.engine.journal;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.Cut;
import io.mortise.engine.text.UserName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What one session adds to the journal. Written by the thread that runs the session's statement, one at a time; read by
 * all.
 *
 * <p>The calls come in the order in which things happen: {@link #statementStarted}, {@link #transactionStarted} and
 * {@link #tableTaken} while it takes its first locks, {@link #transactionEnded} and {@link #statementEnded}, in either
 * order. Statements nest.
 */
public final class SessionJournal {
    private static final VarHandle OPEN_TRANSACTION;
    private static final VarHandle OPENED_NANOS;
    private static final VarHandle ENDED;
    private static final VarHandle RAN_NANOS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OPEN_TRANSACTION = lookup.findVarHandle(SessionJournal.class, "openTransaction", long.class);
            OPENED_NANOS = lookup.findVarHandle(SessionJournal.class, "openedNanos", long.class);
            ENDED = lookup.findVarHandle(SessionJournal.class, "ended", long.class);
            RAN_NANOS = lookup.findVarHandle(SessionJournal.class, "ranNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int session;
    private final UserName user;
    private final History.Writer statements;
    private final History.Writer transactions;
    private final LockOrder.Trail trail;
    private final FlightEvents flight;

    /** 0 while none is open; not 0 only while {@link #openedNanos} is this transaction's. */
    private long openTransaction;

    private long openedNanos;
    private long endedNanos; // when the last transaction ended, if one has
    private boolean hasEnded;

    /** The transaction of the statement that runs: it may end before the statement does. */
    private long statementTransaction;

    /** Events of the statements that run, the innermost last; empty while nobody records. */
    private final Deque<Object> flightEvents = new ArrayDeque<>(1);

    /** The prepared batch whose rows run now, one after another; NONE while none does. */
    private volatile StatementRecord batch = StatementRecord.NONE;

    private final AtomicLong batchRows = new AtomicLong(); // by the thread that writes, without a fence
    private long batchCount;
    private int batchError;
    private long batchNanos;
    private long ended; // statements; and below, how long they ran
    private long ranNanos;

    /** How many statements, and how long they ran. Immutable. */
    public record Counts(long statements, long nanos) {
        private Counts plus(Counts other) {
            return new Counts(statements + other.statements, nanos + other.nanos);
        }
    }

    /** The counts of sessions that have gone. Thread-safe. */
    static final class Past {
        private final AtomicReference<Counts> counts = new AtomicReference<>(new Counts(0, 0));

        void add(SessionJournal gone) {
            if (gone.ended != 0) { // Nobody adds to it any more.
                counts.accumulateAndGet(gone.counts(), Counts::plus);
            }
        }

        Counts and(Collection<SessionJournal> present) {
            return present.stream().map(SessionJournal::counts).reduce(counts.get(), Counts::plus);
        }
    }

    /** From any thread. */
    Counts counts() {
        return new Counts((long) ENDED.getOpaque(this), (long) RAN_NANOS.getOpaque(this));
    }

    SessionJournal(int session, UserName user, Journal journal) {
        this.session = session;
        this.user = user;
        this.statements = journal.statementHistory().open(session, user);
        this.transactions = journal.transactionHistory().open(session, user);
        this.trail = journal.lockOrder().trail();
        this.flight = journal.flight();
    }

    public void statementStarted(StatementRecord statement) {
        statementTransaction = openTransaction;
        flight.statementStarted(statement, flightEvents);
    }

    /**
     * @param rows changed or returned; negative if that is not known
     * @param errorCode 0 if it went well
     */
    public void statementEnded(StatementRecord statement, long nanos, long rows, int errorCode) {
        add(statement, nanos, new FlightEvents.Result(rows, errorCode, StatementEntry.NO_BATCH));
    }

    /**
     * What has started and ended as a statement is the first row of a prepared batch; all of its rows are one entry.
     */
    public void batchStarted(StatementRecord statement) {
        batchRows.setRelease(0);
        batchCount = 0;
        batchError = 0;
        batch = statement;
    }

    /** The next row of the batch starts. */
    public void rowStarted() {
        statementTransaction = openTransaction;
    }

    /** One row of the batch has ended; the arguments are those of {@link #statementEnded}. */
    public void rowEnded(long nanos, long rows, int errorCode) {
        batchNanos = nanos;
        if (errorCode == 0) {
            batchRows.setRelease(batchRows.getPlain() + 1);
            batchCount += Math.max(0, rows);
        } else if (batchError == 0) {
            batchError = errorCode;
        }
    }

    /** No other row follows: the batch becomes an entry, with the sum of its counts and its first error. */
    public void batchEnded() {
        StatementRecord ended = batch;
        if (ended.id() == 0) {
            return;
        }
        batch = StatementRecord.NONE;
        add(ended, batchNanos, new FlightEvents.Result(batchCount, batchError, batchRows.getPlain()));
    }

    /** How many rows of this statement have been executed, if it is a batch that runs; from any thread. */
    public long batchRows(long statement) {
        long rows = batchRows.get();
        return batch.id() == statement && statement != 0 ? rows : StatementEntry.NO_BATCH;
    }

    /** The batch that runs, as an entry of what it has done so far; from any thread. */
    Optional<StatementEntry> openBatch() {
        StatementRecord running = batch;
        long rows = batchRows(running.id());
        return rows <= 0
                ? Optional.empty()
                : Optional.of(new StatementEntry(
                        running.id(),
                        session,
                        user,
                        (long) OPEN_TRANSACTION.getAcquire(this),
                        0,
                        running.name(),
                        running.sql(),
                        running.threadName(),
                        running.startNanos(),
                        0,
                        rows,
                        0,
                        running.sqlLength(),
                        rows));
    }

    private void add(StatementRecord statement, long nanos, FlightEvents.Result result) {
        History.Segment row = statements.room();
        row.put(StatementEntry.ID, statement.id());
        row.put(StatementEntry.TRANSACTION, statementTransaction);
        row.put(StatementEntry.STARTED, statement.startNanos());
        row.put(StatementEntry.ENDED, nanos);
        row.put(StatementEntry.ROWS, result.rows());
        row.put(StatementEntry.ERROR, result.errorCode());
        row.put(StatementEntry.LENGTH, statement.sqlLength());
        row.put(StatementEntry.BATCH, result.batchRows());
        row.put(StatementEntry.NAME, Cut.of(statement.name(), Journal.TEXT));
        row.put(StatementEntry.SQL, statement.sql());
        row.put(StatementEntry.THREAD, statement.threadName());
        row.publish();
        ENDED.setOpaque(this, ended + 1);
        RAN_NANOS.setOpaque(this, ranNanos + nanos - statement.startNanos());
        if (!flightEvents.isEmpty()) {
            flight.statementEnded(statement, result, flightEvents);
        }
    }

    /** The session has taken its first lock since the last transaction, and got this number. */
    public void transactionStarted(long transaction, long nanos) {
        OPENED_NANOS.setRelease(this, nanos);
        OPEN_TRANSACTION.setRelease(this, transaction);
        statementTransaction = transaction;
    }

    /**
     * The statement that runs has asked for its transaction's first lock, under this number, and not been granted it.
     */
    public void lockRefused(long transaction) {
        statementTransaction = transaction;
    }

    /**
     * A table was locked for the statement that runs; told once a transaction and table, and again for a stronger mode.
     * Definitions and the catalogue are left out: their order is not the application's.
     */
    public void tableTaken(LockTarget.Table table, LockMode mode, StatementRecord statement) {
        trail.took(table, mode, statement.sql());
    }

    /** No effect if none is open. */
    public void transactionEnded(long nanos, TransactionEntry.State state) {
        if (openTransaction == 0) {
            return;
        }
        History.Segment row = transactions.room();
        row.put(TransactionEntry.NUMBER, openTransaction);
        row.put(TransactionEntry.STARTED, openedNanos);
        row.put(TransactionEntry.ENDED, nanos);
        endedNanos = nanos;
        hasEnded = true;
        row.put(TransactionEntry.STATE, state.ordinal());
        row.publish();
        OPEN_TRANSACTION.setRelease(this, 0L);
        trail.transactionEnded();
    }

    /** When the last transaction ended, if that was since then; else what the clock says now. */
    public long transactionEndSince(long nanos, LongSupplier clock) {
        return hasEnded && endedNanos - nanos >= 0 ? endedNanos : clock.getAsLong();
    }

    void close() {
        if (batch.thread() == Thread.currentThread()) {
            batchEnded(); // The session is closed from within one of its rows.
        }
        statements.close();
        transactions.close();
    }

    int session() {
        return session;
    }

    /**
     * Statements of a transaction, at most those of one segment: it is reported while somebody waits. From any thread.
     */
    List<StatementEntry> recentStatements(long transaction) {
        return Stream.concat(statements.current().stream().flatMap(Journal::statementsOf), openBatch().stream())
                .filter(entry -> entry.transaction() == transaction)
                .toList();
    }

    /** The end of a transaction, if it was one of the last. From any thread. */
    Optional<TransactionEntry> recentEnd(long transaction) {
        return transactions.current().stream()
                .flatMap(segment ->
                        IntStream.range(0, segment.rows()).mapToObj(row -> TransactionEntry.read(segment, row)))
                .filter(entry -> entry.owner().transaction() == transaction)
                .findFirst();
    }

    /** The transaction that is open, with its start; from any thread. */
    Optional<TransactionEntry> open() {
        // The number is read before and after the time. The writer takes the number away before it writes another time,
        // so the same number twice means that the time is that transaction's; numbers are never used again.
        long before = (long) OPEN_TRANSACTION.getAcquire(this);
        long since = (long) OPENED_NANOS.getAcquire(this);
        long after = (long) OPEN_TRANSACTION.getAcquire(this);
        return before == 0 || before != after
                ? Optional.empty()
                : Optional.of(new TransactionEntry(
                        new OwnerId(session, before), user, since, TransactionEntry.State.OPEN, 0));
    }
}
