package io.mortise.engine.session;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitRule;
import io.mortise.engine.lock.WaitWatch;
import io.mortise.engine.session.gate.Parking;
import io.mortise.engine.session.gate.SlotWaiter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A wait for the one statement slot of a session, by a thread that has a transaction open in another. It is an edge of
 * the waits-for graph like any other: that transaction cannot end while its thread stands here. One thread.
 *
 * <p>The gate decides who enters. The lock manager is told of the wait, and blocks the thread instead of a plain park.
 * It finds the deadlock that the wait closes, and lets go when the gate has admitted the waiter.
 */
final class SlotWaits {
    private final LockManager locks;
    private final Session behalf;
    private final LockTarget slot;
    private final Session wanted;
    private @Nullable WaitOutcome lost;

    /** @param behalf whose transaction the thread is in */
    SlotWaits(Session wanted, Session behalf) {
        this.locks = wanted.locks();
        this.behalf = behalf;
        this.slot = new LockTarget.StatementSlot(wanted.id());
        this.wanted = wanted;
    }

    /** How this waiter waits: in the graph, and by the same clock as all others. */
    Parking parking(Parking usual, SlotWaiter waiter) {
        return new Parking(usual.nanoTime(), nanos -> block(waiter, nanos));
    }

    private void block(SlotWaiter waiter, long nanos) {
        WaitWatch watch = new WaitWatch() {
            @Override
            public Optional<WaitEnding> ending() {
                return waiter.endingFromOutside();
            }

            @Override
            public Optional<StatementRecord> statement() {
                return Optional.of(waiter.statement());
            }

            @Override
            public boolean hasLetGo(OwnerId slotHolder) {
                return waiter.isAdmitted();
            }
        };
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
        Holding holder =
                new Holding(new OwnerId(wanted.id(), 0), wanted.inFlight().orElse(StatementRecord.NONE));
        WaitOutcome outcome =
                locks.acquireFrom(holder, behalf.storage().owner(), slot, LockMode.X, new WaitRule(millis, watch));
        if (outcome instanceof WaitOutcome.Acquired) {
            // Whether it may enter, the gate says; here it only stood in the graph.
            locks.release(behalf.storage().owner().id(), slot);
        } else if (outcome instanceof WaitOutcome.DeadlockVictim victim) {
            lost = victim;
            waiter.end(WaitEnding.of(WaitEnd.DEADLOCK_VICTIM));
        } else if (outcome instanceof WaitOutcome.Refused refused) {
            waiter.end(refused.ending());
        }
    }

    /** The deadlock that this wait was the victim of. */
    Optional<WaitOutcome> lost() {
        return Optional.ofNullable(lost);
    }

    Session behalf() {
        return behalf;
    }
}
