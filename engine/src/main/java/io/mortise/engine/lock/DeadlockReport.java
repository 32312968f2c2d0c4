package io.mortise.engine.lock;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.util.List;

/**
 * A deadlock, at the moment it closed. Immutable, but for where its members' threads stand: that is put down before the
 * victim goes on, and put into words when somebody reads it.
 *
 * @param id unique while the engine runs
 * @param atNanos when, on the engine's clock
 * @param members in waiting order: each waits for the next, the last for the first; the first closed the cycle
 */
public record DeadlockReport(long id, long atNanos, List<Member> members, OwnerId victim) {
    /**
     * One member of the cycle.
     *
     * @param waitsFor its pending request
     * @param edge why it waits for the next member
     */
    public record Member(Party party, LockRow waitsFor, EdgeKind edge) {}

    public Party victimParty() {
        return members.stream()
                .map(Member::party)
                .filter(party -> party.owner().equals(victim))
                .findFirst()
                .orElseThrow(() -> new AssertionError("a victim is a member of its cycle"));
    }
}
