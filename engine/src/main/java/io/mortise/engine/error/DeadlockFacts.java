package io.mortise.engine.error;

import java.io.Serializable;
import java.util.List;

/**
 * A deadlock. Immutable.
 *
 * @param id what SYS.DEADLOCKS calls it
 * @param cycle in waiting order: each waits for the next, the last for the first
 * @param victim the session that was rolled back
 */
public record DeadlockFacts(long id, List<Link> cycle, int victim) implements Serializable {
    public DeadlockFacts {
        cycle = List.copyOf(cycle);
    }

    /**
     * One party.
     *
     * @param target what it waits for, {@code PUBLIC.ACCOUNTS(ID=42)}
     */
    public record Link(Participant party, String target) implements Serializable {}
}
