package io.mortise.engine.storage.ending;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a session runs, and whether it has been told to end: the one place where an ending from outside is decided
 * against the statement's success. Thread-safe; {@link #tell} is for any thread, everything else for the thread that
 * runs the session's statements.
 *
 * <pre>
 *   idle ------begins-----> running ------ends, departs-----> idle
 *   running ----tell------> told    ------ends, departs-----> idle; who calls carries out what was told
 *   idle -------tell------> due     ------takeDue-----------> idle; the same. No statement begins before that
 * </pre>
 *
 * <p>Every arrow is one compare-and-set; those that lead away from told and due wait for {@link #whileTold}, which runs
 * what stops the statement: it cannot hit the next one. So a statement that asks {@link #told} at its last moment, and
 * finds nothing, has succeeded: what comes later finds the transaction, and never the statement. A client of the driver
 * is inside from {@code announce} to {@code departs}, with any number of parts of a batch or a list. What it is told
 * between two of them the next one hears. Over other routes each statement begins and ends by itself.
 */
public final class Fate {
    /** Told, and not yet carried out; {@link StatementRecord#NONE} if nothing ran. */
    private record Told(StatementRecord statement, WaitEnding ending) {
        boolean isDue() {
            return statement == StatementRecord.NONE;
        }
    }

    /** Null while idle; a {@link StatementRecord} while it runs; a {@link Told}. */
    private final AtomicReference<@Nullable Object> now = new AtomicReference<>();
    /**
     * Held while what was told is stopped, and while that state is left. The mutex of the lock room is taken inside it.
     */
    private final Object stopping = new Object();

    /** Why the statement that runs, or ran last, was told to end: for the words of its error. */
    private volatile Optional<WaitEnding> last = Optional.empty();

    /** The number of that statement. */
    private volatile long lastIn;

    /** Is a client of the driver inside? */
    private boolean announced;

    /** What a statement was told after it had entered its session and before it was announced here. */
    private record Early(long statement, WaitEnding ending) {}

    private volatile @Nullable Early early;

    /** Whom an ending has reached. */
    public enum Reached {
        /** What was meant does not run, and the ending concerns nothing else. */
        NOBODY,
        /** The statement that runs will end, or its transaction right after it. */
        STATEMENT,
        /** Nothing runs: a thread that can enter the session has to end the transaction, or the session. */
        TRANSACTION
    }

    /**
     * Tells the session to end what it runs, if that is what is meant.
     *
     * @param which asked with what runs; with {@link StatementRecord#NONE} if nothing does
     */
    public Reached tell(Predicate<StatementRecord> which, WaitEnding ending) {
        while (true) {
            Object seen = now.get();
            StatementRecord statement = statement(seen);
            boolean isIdle = statement == StatementRecord.NONE;
            if (!which.test(statement) || isIdle && !ending.end().endsTransaction()) {
                return Reached.NOBODY;
            }
            boolean counts = !(seen instanceof Told told) || ending.isStrongerThan(told.ending());
            if (!counts || now.compareAndSet(seen, new Told(statement, ending))) {
                if (counts) {
                    remember(statement, ending);
                }
                return isIdle ? Reached.TRANSACTION : Reached.STATEMENT;
            }
        }
    }

    /**
     * Tells one statement to end, and no other. It may be about to be announced: then it hears of this as soon as it
     * is.
     *
     * @return has it been told?
     */
    public boolean tell(long statement, WaitEnding ending) {
        if (tell(running -> running.id() == statement, ending) == Reached.STATEMENT) {
            return true;
        }
        // Written before the second look: who is announced meanwhile looks the other way round.
        early = new Early(statement, ending);
        return statement(now.get()).id() == statement
                && tell(running -> running.id() == statement, ending) == Reached.STATEMENT;
    }

    /**
     * Stops what has been told to end, unless that is over already.
     *
     * @param stop handed the strongest ending that was told; must not block, since the statement's end waits for it
     */
    public void whileTold(Consumer<WaitEnding> stop) {
        synchronized (stopping) {
            told().ifPresent(stop);
        }
    }

    /** One arrow that may lead away from told or due. */
    private boolean moves(@Nullable Object seen, @Nullable Object next) {
        if (!(seen instanceof Told)) {
            return now.compareAndSet(seen, next);
        }
        synchronized (stopping) {
            return now.compareAndSet(seen, next);
        }
    }

    /** Who ends with its session, and is told more while it does, is about to hear the first. */
    private void remember(StatementRecord statement, WaitEnding ending) {
        if (isClosed() && (statement == StatementRecord.NONE || statement.id() == lastIn)) {
            return;
        }
        lastIn = statement.id();
        last = Optional.of(ending);
    }

    private boolean isClosed() {
        return last.filter(ending -> ending.end() == WaitEnd.SESSION_CLOSED).isPresent();
    }

    private static StatementRecord statement(@Nullable Object seen) {
        if (seen instanceof Told told) {
            return told.statement();
        }
        return seen == null ? StatementRecord.NONE : (StatementRecord) seen;
    }

    /**
     * A client of the driver has come in with a statement or another call.
     *
     * @return false if something is due: it has to be carried out first
     */
    public boolean announce(StatementRecord statement) {
        announced = begins(statement);
        return announced;
    }

    /** A statement begins; the same. */
    public boolean start(StatementRecord statement) {
        return announced || begins(statement);
    }

    private boolean begins(StatementRecord statement) {
        Object seen = now.get();
        if (seen instanceof Told told && told.ending().end().endsTransaction()) {
            // Not due only if the statement before broke off without a word.
            if (!told.isDue()) {
                moves(seen, new Told(StatementRecord.NONE, told.ending()));
            }
            return false;
        }
        if (!moves(seen, statement)) {
            return false;
        }
        // A session that was closed stays closed.
        if (last.isPresent() && !isClosed()) {
            last = Optional.empty();
        }
        Early meant = early;
        if (meant != null && meant.statement() == statement.id()) {
            tell(meant.statement(), meant.ending());
        }
        return true;
    }

    /**
     * The statement has done its work. This is the moment that decides: what comes later is too late for it.
     *
     * @return why it has to be undone all the same; {@link #ends} then takes that away
     */
    public Optional<WaitEnding> succeeds() {
        while (true) {
            Object seen = now.get();
            if (seen instanceof Told told && told.ending().end().endsTransaction()) {
                return Optional.of(told.ending());
            }
            if (announced || moves(seen, null)) {
                return Optional.empty();
            }
        }
    }

    /** Has the session been told something that it has not carried out? */
    public boolean isTold() {
        return now.get() instanceof Told;
    }

    /** What the session has been told and has not carried out. */
    public Optional<WaitEnding> told() {
        return now.get() instanceof Told told ? Optional.of(told.ending()) : Optional.empty();
    }

    /** Why the statement that runs, or ran last, was told to end. */
    public Optional<WaitEnding> last() {
        return last;
    }

    /** Is something to be carried out that nobody inside can know of? */
    public boolean isDue() {
        return now.get() instanceof Told told && told.isDue();
    }

    /**
     * No statement runs any more.
     *
     * @return what has to be carried out now: the transaction, or the session, was told to end
     */
    public Optional<WaitEnding> ends() {
        return announced ? takeTransactionEnding(now.get()) : leaves();
    }

    // A client that was told to cancel is still inside, and may come to the next row of its batch.
    private Optional<WaitEnding> takeTransactionEnding(@Nullable Object seen) {
        Object before = seen;
        while (before instanceof Told told && told.ending().end().endsTransaction()) {
            if (moves(before, told.statement())) {
                return Optional.of(told.ending());
            }
            before = now.get();
        }
        return Optional.empty();
    }

    /** The same when a statement has succeeded that cannot be undone: what it was told becomes due. */
    public void endsForGood() {
        if (announced) {
            return; // It is carried out as the client departs.
        }
        leaves().ifPresent(ending -> tell(running -> running == StatementRecord.NONE, ending));
    }

    /** The client of the driver goes out again; the same as {@link #ends}. */
    public Optional<WaitEnding> departs() {
        if (!announced) {
            return Optional.empty();
        }
        announced = false;
        return leaves();
    }

    private Optional<WaitEnding> leaves() {
        Object seen = now.get();
        while (!moves(seen, null)) {
            seen = now.get();
        }
        return seen instanceof Told told && told.ending().end().endsTransaction()
                ? Optional.of(told.ending())
                : Optional.empty();
    }

    /** What is due, for one caller to carry out. */
    public Optional<WaitEnding> takeDue() {
        Object seen = now.get();
        return seen instanceof Told told && told.isDue() && moves(seen, null)
                ? Optional.of(told.ending())
                : Optional.empty();
    }
}
