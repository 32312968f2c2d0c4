package io.mortise.engine.journal.report;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.Party;
import java.util.List;
import java.util.stream.Collectors;

/** Why one member of a deadlock had to give way and not another. Stateless. */
final class VictimReason {
    private VictimReason() {}

    /**
     * {@code changed 1 row; 5 changed 1 row and is older}: the first of priority, work and age that tells them apart.
     */
    static String of(DeadlockReport report) {
        Party victim = report.victimParty();
        List<Party> others = report.members().stream()
                .map(Member::party)
                .filter(party -> !party.owner().equals(victim.owner()))
                .toList();
        if (others.stream().anyMatch(other -> other.priority() != victim.priority())) {
            return "deadlock_priority " + victim.priority() + "; "
                    + others.stream()
                            .map(other -> other.owner().session() + " has " + other.priority())
                            .collect(Collectors.joining("; "));
        }
        return changed(victim) + "; "
                + others.stream().map(other -> compared(other, victim)).collect(Collectors.joining("; "));
    }

    private static String compared(Party other, Party victim) {
        boolean byAge = other.rowsChanged() == victim.rowsChanged();
        return other.owner().session() + " " + changed(other)
                + (byAge && isOlder(other, victim) ? " and is older" : "");
    }

    private static boolean isOlder(Party other, Party victim) {
        long later = victim.startNanos() - other.startNanos();
        return later > 0
                || later == 0 && other.owner().transaction() < victim.owner().transaction();
    }

    private static String changed(Party party) {
        return "changed " + party.rowsChanged() + (party.rowsChanged() == 1 ? " row" : " rows");
    }
}
