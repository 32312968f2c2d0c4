package io.mortise.engine.lock;

import java.util.Comparator;

/**
 * Says why a deadlock's victim was chosen: what it and the next best choice were compared by. Immutable.
 */
record VictimReason(DeadlockReport report) {
    /** The order in which transactions of a cycle give way. */
    static final Comparator<Party> GIVES_WAY = Comparator.comparingInt(Party::priority)
            .thenComparingLong(Party::rowsChanged)
            .thenComparing(
                    Comparator.<Party>comparingLong(party -> party.owner().transaction())
                            .reversed());

    /** {@code 7 (changed 1 row; 5 changed 1 row and is older)}. */
    String text() {
        Party victim = report.victimParty();
        return victim.owner().session() + " ("
                + report.members().stream()
                        .map(DeadlockReport.Member::party)
                        .filter(party -> !party.owner().equals(victim.owner()))
                        .min(GIVES_WAY)
                        .map(next -> comparison(victim, next))
                        .orElse("alone in the cycle")
                + ")";
    }

    private static String comparison(Party victim, Party next) {
        int other = next.owner().session();
        if (victim.priority() != next.priority()) {
            return "deadlock_priority " + victim.priority() + "; " + other + " has " + next.priority();
        }
        return "changed " + rows(victim) + "; " + other + " changed " + rows(next)
                + (victim.rowsChanged() == next.rowsChanged() ? " and is older" : "");
    }

    private static String rows(Party party) {
        return party.rowsChanged() + (party.rowsChanged() == 1 ? " row" : " rows");
    }
}
