package io.mortise.engine.lock;

import org.jspecify.annotations.Nullable;

/** A request that waits in a queue. Called under the mutex. */
final class Pending {
    final LockQueue queue;
    final OwnerId owner;
    /** What it will hold: the mode asked for, joined with what it holds already. */
    final LockMode mode;
    /** Does its owner hold a weaker lock on the target already? */
    boolean conversion;
    /** Does it wait behind everybody, those who come later included? */
    final boolean last;

    /** Does somebody wait for what its owner holds? Then it goes before newcomers for whom nobody waits. */
    boolean urgent;
    /** How many urgent requests the queue had seen when this one came. */
    long cameAfterUrgent;

    final StatementRecord statement;
    final long requestedNanos;
    /** When it was first handed the target, and found it taken; 0 before. */
    long handedNanos;

    int passedOver;

    /** The search that has put everybody ahead of this request on its list, and the modes it looked with, as bits. */
    long searchedIn;

    int searchedModes;

    /** Its neighbours in the {@link WaitingLine}. */
    @Nullable
    Pending previous;

    @Nullable
    Pending next;

    Pending(LockQueue queue, LockMode mode, LockRequest request) {
        this.queue = queue;
        this.owner = request.owner();
        this.mode = mode;
        this.last = request.place() == WaitRule.Place.LAST;
        this.conversion = !last && queue.grantOf(owner).isPresent();
        this.statement = request.statement();
        this.requestedNanos = request.nanos();
    }

    /** Its owner has come to hold the target while it waits; one that goes last stays so. */
    void becomesConversion() {
        conversion = !last;
        urgent = false;
    }
}
