package io.mortise.engine.storage.ending;

import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.thread.EngineThread;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * Ends what one session runs, its transaction, or itself, from outside. It keeps the promise that goes with that: a
 * transaction that is gone is answered with the reason until its client rolls back. {@link Fate} decides, this carries
 * out. Thread-safe.
 */
public final class Endings {
    /** What an ending needs of the session that it ends. */
    public interface Ground {
        /** Runs this if no thread is in the session; false if one is. */
        boolean tryEnter(Runnable action);

        /** Runs this as soon as no other thread is in the session. */
        void enter(Runnable action);

        /** Ends the wait for a lock, if it waits for one, or else cancels what H2 runs. Never blocks. */
        void stop(WaitEnding reason);

        boolean hasTransaction();

        /** Has the transaction to give way to others? For any thread. */
        boolean isToGiveWay();

        /** The error for an ending. */
        SQLException error(WaitEnding reason);
    }

    private static final System.Logger LOG = System.getLogger(Endings.class.getName());
    /** The class of the states that say that the transaction was rolled back. */
    private static final String ROLLED_BACK = "40";

    private final SessionLocal h2;
    private final Party.Occupation occupation;
    private final Ground ground;
    private final Fate fate = new Fate();
    private volatile @Nullable Loss loss;

    /**
     * Why the transaction is gone that the client counts on.
     *
     * @param error made anew for each who is told
     * @param isLasting does it outlive the statement, or has that said itself that the next one begins a new
     *     transaction? The row of a batch has not: H2 runs the rows behind it, and the counts of those before it are
     *     the client's
     */
    private record Loss(Supplier<SQLException> error, boolean isLasting) {}

    public Endings(SessionLocal h2, Party.Occupation occupation, Ground ground) {
        this.h2 = h2;
        this.occupation = occupation;
        this.ground = ground;
    }

    public Fate fate() {
        return fate;
    }

    // By other threads.

    /**
     * Decides that the session ends what it runs, and does nothing yet: that can no longer succeed. {@link #carryOut}
     * follows.
     */
    public void mark(WaitEnding reason) {
        fate.tell(running -> true, reason);
    }

    /** The same for one statement; false if it does not run. */
    public boolean mark(long statement, WaitEnding reason) {
        return fate.tell(statement, reason);
    }

    /**
     * Ends one statement, and never rolls back here.
     *
     * @return false if it is not the one that was announced
     */
    public boolean carryOut(long statement, WaitEnding reason) {
        return fate.tell(statement, reason) && stopped();
    }

    /** Ends the statement that was announced, because the one that is to end runs inside it; false if none runs. */
    public boolean carryOutAround(WaitEnding reason) {
        return fate.tell(running -> running != StatementRecord.NONE, reason) == Fate.Reached.STATEMENT && stopped();
    }

    private boolean stopped() {
        fate.whileTold(ground::stop);
        return true;
    }

    /** The transaction has to give way; nothing happens if it has ended meanwhile. */
    public void giveWay() {
        WaitEnding reason = WaitEnding.of(WaitEnd.GAVE_WAY);
        fate.tell(running -> ground.isToGiveWay(), reason);
        carryOut();
    }

    /**
     * Carries out what {@link #mark} has decided: at once, or as soon as a client that cannot be told is out. What the
     * session has heard of and done by itself meanwhile is over, and its client may be at the next thing: that goes on.
     */
    public void carryOut() {
        fate.whileTold(ground::stop);
        if (fate.isDue() && !ground.tryEnter(this::settleInside)) {
            settleLater();
        }
    }

    // A thread of its own: nobody knows for how long whoever is inside will be. Without one it stays due, and the next
    // call
    // of the session's client carries it out.
    private void settleLater() {
        if (!EngineThread.tryRun("mortise-ending-" + h2.getId(), () -> ground.enter(this::settleInside))) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no thread to end session {0}: its next call does",
                    Integer.toString(h2.getId()));
        }
    }

    private void settleInside() {
        fate.takeDue().ifPresent(this::leave);
    }

    /**
     * Rolls back, and closes the session if it is to go. On the session's thread, or while nobody runs anything in it.
     */
    public void leave(WaitEnding reason) {
        boolean isOver = reason.end() == WaitEnd.GAVE_WAY && loss == null && !ground.isToGiveWay();
        if (h2.isClosed() || isOver) {
            return;
        }
        boolean isMissed = !h2.getAutoCommit() && ground.hasTransaction() && !h2.hasPreparedTransaction();
        if (reason.end() == WaitEnd.ABORTED && isMissed) {
            loseUntilRolledBack(() -> ground.error(reason));
        }
        if (reason.end() == WaitEnd.GAVE_WAY && isMissed && loss == null) {
            outlive(ground.error(reason));
        }
        try {
            rollBack();
        } finally {
            if (reason.end() == WaitEnd.SESSION_CLOSED) {
                h2.close();
            }
        }
    }

    /** The session has lost the transaction by its own error, and nobody has been told yet. */
    private void outlive(SQLException error) {
        Loss lost = loss;
        loss = new Loss(lost == null ? () -> error : lost.error(), true);
    }

    // What has been prepared is no longer this session's to roll back: it was promised. In autocommit everything but
    // the
    // statement that has just been undone was acknowledged: H2 commits a batch with its last row only.
    private void rollBack() {
        if (h2.hasPreparedTransaction()) {
            return;
        }
        if (h2.getAutoCommit()) {
            h2.commit(false);
        } else {
            h2.rollback();
        }
    }

    // By the client, or the statement.

    /**
     * From now on, until its client rolls back, the transaction answers everything with this error. The first counts.
     */
    public void loseUntilRolledBack(Supplier<SQLException> error) {
        if (loss == null) {
            loss = new Loss(error, true);
        }
    }

    /**
     * The statement that runs loses its transaction by this error, and says so itself: the next one begins a new one.
     */
    public void lose(Supplier<SQLException> error) {
        if (loss == null) {
            loss = new Loss(error, false);
        }
    }

    /** Rolls back what a call of the same thread in another session has lost. Nothing runs here. */
    public void rollBackLost() {
        Loss lost = loss;
        if (lost != null) {
            loss = new Loss(lost.error(), true);
            ground.enter(this::rollBack);
        }
    }

    /** Why the transaction is gone that the client counts on. */
    public Optional<SQLException> loss() {
        Loss now = loss;
        return now == null ? Optional.empty() : Optional.of(now.error().get());
    }

    public boolean isLost() {
        return loss != null;
    }

    /** Its client rolls back. */
    public void forgive() {
        loss = null;
    }

    /** A client of the driver has come in; what is due is carried out before. Not inside H2. */
    public void announce(StatementRecord statement) {
        while (!fate.announce(statement)) {
            ground.enter(this::settleInside);
        }
    }

    /** It goes out; what it was told at the last moment is carried out. */
    public void departed() {
        occupation.setInBatch(false);
        fate.departs().ifPresent(reason -> ground.enter(() -> leave(reason)));
    }

    /** An outermost statement begins; what is due is carried out before. */
    public void start(StatementRecord statement) {
        while (!fate.start(statement)) {
            // In autocommit what was told between two statements finds none, and rows of a batch that were counted
            // stay.
            fate.takeDue()
                    .filter(reason -> !h2.getAutoCommit() || reason.end() == WaitEnd.SESSION_CLOSED)
                    .ifPresent(this::leave);
        }
    }

    /** Can there be a reason why a statement that begins may not? */
    public boolean isDisturbed() {
        return loss != null || fate.isTold() || h2.isClosed();
    }

    /** Why a statement that begins may not. */
    public Optional<SQLException> refusal() {
        if (!isDisturbed()) {
            return Optional.empty();
        }
        return loss().or(() -> (h2.isClosed() ? fate.last() : fate.told()).map(ground::error));
    }

    /**
     * The outermost statement has done its work: the error with which it ends all the same; empty if it has succeeded.
     */
    public Optional<SQLException> verdict() {
        // A function may have caught what ended its transaction.
        return loss().or(() -> fate.succeeds().map(ground::error));
    }

    /** It has succeeded, and what it did cannot be undone. */
    public void endedForGood() {
        fate.endsForGood();
        if (fate.isDue()) {
            settleLater();
        }
    }

    /** The outermost statement has failed with this: rolls back what must be. */
    public void failed(SQLException error) {
        boolean commits = h2.getAutoCommit();
        Optional<WaitEnding> told = fate.ends();
        if (told.isPresent()) {
            leave(told.get());
        } else if (loss != null) {
            rollBack();
        }
        Loss now = loss;
        if (now == null) {
            return;
        }
        // A function or a trigger may have made another error of it, which does not say that the transaction is gone.
        boolean isTold = String.valueOf(error.getSQLState()).startsWith(ROLLED_BACK);
        if (commits || isTold && !now.isLasting() && !occupation.isInBatch()) {
            loss = null; // Its client has been told, and counts on nothing that came before.
        } else if (!isTold) {
            loss = new Loss(now.error(), true);
        }
    }
}
