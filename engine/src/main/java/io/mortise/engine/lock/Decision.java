package io.mortise.engine.lock;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.util.List;

/** What the lock table answers to a request. */
sealed interface Decision {
    record Granted() implements Decision {}

    /** The request stands in the queue. */
    record Waiting() implements Decision {}

    /**
     * The request closed a cycle, and the victim's request has been taken out of its queue. If the victim is another
     * owner, the request stands in the queue and has to be {@linkplain LockTable#look looked at} again.
     *
     * @param members in waiting order, the requester first
     */
    record Deadlock(List<Link> members, OwnerId victim) implements Decision {}

    /** A member of a cycle: what it waits for, and why that means waiting for the next member. */
    record Link(LockRow waitsFor, EdgeKind edge) {}
}
