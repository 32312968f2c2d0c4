package io.mortise.engine.storage.serial;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.serial.SerialTransaction;
import io.mortise.engine.serial.SerialTransaction.Kind;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.transaction.SessionWriter;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a session has said of its next serializable transactions: that they only read, and that they are to wait for
 * snapshots that nothing can make wrong. The two settings may be asked for and changed by any thread; the session's own
 * waits.
 *
 * <p>It is the end of another transaction that is waited for, in the graph of waits like any lock. The others are told
 * of nothing: who ends tells the {@code serial} room first and then gives its locks back, and with them its end.
 */
public final class SafeSnapshot {
    private final LockManager locks;
    private final SessionWriter session;
    private final Serializing database;
    private final SessionWaits waits;
    private volatile boolean isReadOnly;
    private volatile boolean isDeferrable;

    SafeSnapshot(SessionWriter session, Serializing database, SessionWaits waits) {
        this.locks = database.locks();
        this.session = session;
        this.database = database;
        this.waits = waits;
    }

    public boolean isReadOnly() {
        return isReadOnly;
    }

    public void setReadOnly(boolean isOnly) {
        isReadOnly = isOnly;
    }

    public boolean isDeferrable() {
        return isDeferrable;
    }

    public void setDeferrable(boolean isWaiting) {
        isDeferrable = isWaiting;
    }

    /** What its next transaction is for; throws if that waits for a safe snapshot, and then may write. */
    Kind kind() {
        if (isDeferrable && !isReadOnly) {
            throw RoutedErrors.of(
                    EngineError.INVALID_SETTING_VALUE.exception(
                            "DEFERRABLE=TRUE is for transactions that only read, and this session may write. Nothing was"
                                    + " done. Call setReadOnly(true), or SET READ_ONLY TRUE; or SET DEFERRABLE FALSE."),
                    "");
        }
        if (!isReadOnly) {
            return Kind.WRITES;
        }
        return isDeferrable ? Kind.DEFERS : Kind.READS;
    }

    /** Waits for the branches that a crash has left: what they have missed nobody knows, and so no snapshot is safe. */
    void awaitBranches() {
        database.branchesInDoubt().forEach(this::awaitEnd);
    }

    /**
     * Waits until it is known whether a snapshot is safe; throws if the wait ends otherwise.
     *
     * @return whether it is; if not, and only then, another one has to be taken
     */
    boolean await(SerialTransaction reader) {
        @Nullable OwnerId before = null;
        Optional<OwnerId> other = database.serializer().awaited(reader);
        while (other.isPresent()) {
            boolean waited = awaitEnd(other.get());
            if (!waited && other.get().equals(before)) {
                throw new AssertionError(before + " has ended, and counts as open");
            }
            before = other.get();
            other = database.serializer().awaited(reader);
        }
        return database.serializer().isSafe(reader);
    }

    /** Returns whether it had to wait. */
    private boolean awaitEnd(OwnerId other) {
        LockTarget end = new LockTarget.Transaction(other);
        WaitOutcome outcome = locks.acquireFrom(
                new Holding(other, StatementRecord.NONE),
                session.owner(),
                end,
                LockMode.S,
                waits.rule(SessionWaits.AS_TOLD));
        waits.checkGranted(outcome);
        locks.release(session.owner().id(), end);
        return outcome instanceof WaitOutcome.Acquired granted && granted.waitedNanos() > 0;
    }
}
