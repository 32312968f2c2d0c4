package io.mortise.engine.journal;

import io.mortise.engine.journal.failure.FailureEvents;
import io.mortise.engine.journal.failure.SerialFailure;
import io.mortise.engine.journal.failure.SerialFailure.Edge;
import io.mortise.engine.journal.failure.SerialFailure.Found;
import io.mortise.engine.journal.failure.SerialFailure.Step;
import io.mortise.engine.journal.report.PastWait;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.text.Cut;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.ByNumber;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What has happened in an open database, as far back as {@code JOURNAL_SIZE} entries of each kind. Thread-safe; reading
 * it holds nobody up.
 */
public final class Journal implements LockListener {
    /** JOURNAL_TEXT where nobody has set it. */
    public static final int TEXT = 4096;

    private final History statements;
    private final History transactions;
    private final Ring<ErrorEntry> errors;
    private final Ring<PastDeadlock> deadlocks;
    private final Ring<PastWait> waits;
    private final Ring<SerialFailure> failures;
    private final LockStats lockStats = new LockStats();
    private final LockOrder lockOrder = new LockOrder();
    private final AtomicLong lastError = new AtomicLong();
    private final AtomicLong lastFailure = new AtomicLong();
    private final List<Consumer<SerialFailure>> failureListeners = new CopyOnWriteArrayList<>();
    private final ByNumber<SessionJournal> sessions = new ByNumber<>(SessionJournal::session);
    private final SessionJournal.Past past = new SessionJournal.Past();
    private volatile int text = TEXT;
    private final TargetNames names;
    private final FlightEvents flight;

    /** @param size the entries that are kept of each kind */
    public Journal(int size, TargetNames names) {
        this.statements = new History(size, StatementEntry.NUMBERS, StatementEntry.TEXTS);
        this.transactions = new History(size, TransactionEntry.NUMBERS, 0);
        this.errors = new Ring<>(size, ErrorEntry::characters);
        this.deadlocks = new Ring<>(size, PastDeadlock::characters);
        this.waits = new Ring<>(size, PastWait::characters);
        this.failures = new Ring<>(size, SerialFailure::characters);
        this.names = names;
        this.flight = new FlightEvents(names);
    }

    /**
     * Bounds what the texts take.
     *
     * @param textBytes of one text, in UTF-8; it counts for what happens from now on
     * @param ringBytes about so much of all texts of each kind
     */
    public void limit(int textBytes, int ringBytes) {
        text = textBytes;
        statements.limit(ringBytes);
        errors.limit(ringBytes);
        deadlocks.limit(ringBytes);
        waits.limit(ringBytes);
        failures.limit(ringBytes);
    }

    /** How much of a text that a client has chosen may be kept. */
    public int textBytes() {
        return text;
    }

    /** What may be kept of a text that a client has chosen. */
    public String kept(String whole) {
        return Cut.of(whole, text);
    }

    /** A session arrives. */
    public SessionJournal open(int session, UserName user) {
        SessionJournal opened = new SessionJournal(session, user, this);
        sessions.put(opened);
        return opened;
    }

    /** A session has gone; what it did stays until it is old. */
    public void close(SessionJournal session) {
        sessions.remove(session);
        session.close();
        past.add(session);
    }

    public void resize(int size) {
        statements.resize(size);
        transactions.resize(size);
        errors.resize(size);
        deadlocks.resize(size);
        waits.resize(size);
        failures.resize(size);
    }

    /** A client was given an error. */
    public void errorRaised(OwnerId owner, StatementRecord statement, long nanos, SQLException error) {
        errors.add(new ErrorEntry(
                lastError.incrementAndGet(),
                nanos,
                owner,
                statement.user(),
                error.getErrorCode(),
                String.valueOf(error.getSQLState()),
                ErrorEntry.Message.of(error, text),
                statement.sql(),
                statement.sqlLength()));
    }

    /** The last statements that have ended, in the order in which they began. */
    public List<StatementEntry> statements() {
        List<StatementEntry> all = statements.segments().stream()
                .flatMap(Journal::statementsOf)
                .sorted(StatementEntry.BY_BEGINNING)
                .toList();
        return all.subList(Math.max(0, all.size() - statements.size()), all.size());
    }

    /** The last transactions that have ended, and all that are open, in the order in which they began. */
    public List<TransactionEntry> transactions() {
        // Those that are open are looked for first: one that ends meanwhile is found among the ended, and once only.
        List<TransactionEntry> open = sessions.all().stream()
                .flatMap(session -> session.open().stream())
                .toList();
        Comparator<TransactionEntry> byBeginning = Comparator.comparingLong(TransactionEntry::startNanos)
                .thenComparing(entry -> entry.owner().transaction());
        List<TransactionEntry> ended = transactions.segments().stream()
                .flatMap(segment ->
                        IntStream.range(0, segment.rows()).mapToObj(row -> TransactionEntry.read(segment, row)))
                .sorted(byBeginning)
                .toList();
        Set<OwnerId> over = new HashSet<>();
        ended.forEach(entry -> over.add(entry.owner()));
        return Stream.concat(
                        ended.subList(Math.max(0, ended.size() - transactions.size()), ended.size()).stream(),
                        open.stream().filter(entry -> !over.contains(entry.owner())))
                .sorted(byBeginning)
                .toList();
    }

    public List<ErrorEntry> errors() {
        return errors.copy();
    }

    public List<PastDeadlock> deadlocks() {
        return deadlocks.copy();
    }

    /** The last waits that have ended, in the order in which they ended. */
    public List<PastWait> waits() {
        return waits.copy();
    }

    public SessionJournal.Counts counts() {
        return past.and(sessions.all());
    }

    public LockStats lockStats() {
        return lockStats;
    }

    public LockOrder lockOrder() {
        return lockOrder;
    }

    /** A table was dropped, or replaced by its altered copy. */
    public void forget(LockTarget.Table table) {
        lockStats.forgetRows(table);
        lockOrder.forget(table);
    }

    public FlightEvents flight() {
        return flight;
    }

    @Override
    public void waitStarted(LockRow request) {
        flight.waitStarted(request);
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        remember(request, waited, PastWait.word(outcome));
        if (outcome.isTimeout()) {
            lockStats.timedOut(request.target());
        }
        flight.waitEnded(request, outcome);
    }

    @Override
    public void waitBroken(LockRow request, Duration waited) {
        remember(request, waited, "ERROR");
        flight.waitBroken(request);
    }

    private void remember(LockRow request, Duration waited, String outcome) {
        lockStats.waited(request.target(), waited.toNanos(), request.passedOver());
        waits.add(PastWait.of(request, names.of(request.target()), waited, outcome));
    }

    @Override
    public void deadlockFound(DeadlockReport report) {
        PastDeadlock past = PastDeadlock.of(report, names, this::recentStatements);
        past.tables().forEach(lockStats::deadlocked);
        deadlocks.add(past);
        flight.deadlockFound(report);
    }

    /** A transaction could not be serialized. */
    public SerialFailure failed(Found found) {
        Map<LockTarget, TargetNames.Name> named = new LinkedHashMap<>();
        for (Edge edge : found.edges()) {
            named.computeIfAbsent(edge.table(), names::of);
        }
        named.keySet().forEach(table -> lockStats.failed((LockTarget.Table) table));
        List<Step> steps = PastSteps.of(found, owner -> sessions.find(owner.session()));
        SerialFailure failure = new SerialFailure(lastFailure.incrementAndGet(), found, named, steps);
        failures.add(failure);
        FailureEvents.told(failure, flight.sight(failure.names()));
        failureListeners.forEach(listener -> listener.accept(failure));
        return failure;
    }

    /** The last transactions that could not be serialized, the oldest first. */
    public List<SerialFailure> failures() {
        return failures.copy();
    }

    /** It is called on the thread whose transaction has failed. */
    public void addFailureListener(Consumer<SerialFailure> listener) {
        failureListeners.add(listener);
    }

    public void removeFailureListener(Consumer<SerialFailure> listener) {
        failureListeners.remove(listener);
    }

    /** How many rows of a statement that runs have been executed, if it is a prepared batch. */
    public Optional<Long> batchRows(StatementRecord statement) {
        SessionJournal session = sessions.get(statement.session());
        return Optional.ofNullable(session)
                .map(running -> running.batchRows(statement.id()))
                .filter(rows -> rows != StatementEntry.NO_BATCH);
    }

    History statementHistory() {
        return statements;
    }

    History transactionHistory() {
        return transactions;
    }

    private List<StatementEntry> recentStatements(OwnerId owner) {
        SessionJournal session = sessions.get(owner.session());
        return session == null ? List.of() : session.recentStatements(owner.transaction());
    }

    static Stream<StatementEntry> statementsOf(History.Segment segment) {
        return IntStream.range(0, segment.rows()).mapToObj(row -> StatementEntry.read(segment, row));
    }
}
