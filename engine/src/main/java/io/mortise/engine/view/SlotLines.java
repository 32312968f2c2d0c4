package io.mortise.engine.view;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.SessionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes locks and waits of those who stand in line for a session's statement slot. Stateless.
 *
 * <p>The lock manager knows a wait in line only if the thread has a transaction open in another session. Then it is
 * that transaction's wait, and can be part of a deadlock. Any other wait in line is one of the session itself, without
 * a transaction: the session that the statement was given to waits for the statement that it runs.
 */
final class SlotLines {
    private SlotLines() {}

    static LockSnapshot addTo(LockSnapshot managed, List<SessionRow> sessions) {
        List<LockRow> added = new ArrayList<>();
        Map<LockTarget, List<LockRow>> slots = managed.rows().stream()
                .filter(row -> row.target() instanceof LockTarget.StatementSlot)
                .collect(Collectors.groupingBy(LockRow::target));
        for (SessionRow session : sessions) {
            if (!session.inLine().isEmpty()) {
                LockTarget slot = new LockTarget.StatementSlot(session.id());
                addLine(session, slot, slots.getOrDefault(slot, List.of()), added);
            }
        }
        if (added.isEmpty()) {
            return managed;
        }
        added.addAll(0, managed.rows());
        return new LockSnapshot(managed.atNanos(), List.copyOf(added), managed.parties());
    }

    /** Does a statement wait for the slot of its own session, without a transaction of another? */
    static boolean isOfOneSession(LockRow row) {
        return row.target() instanceof LockTarget.StatementSlot slot
                && !row.granted()
                && row.owner().session() == slot.session();
    }

    private static void addLine(SessionRow session, LockTarget slot, List<LockRow> there, List<LockRow> added) {
        Set<Long> waiting = there.stream().map(row -> row.statement().id()).collect(Collectors.toSet());
        OwnerId inside = new OwnerId(session.id(), 0);
        if (there.stream().noneMatch(LockRow::granted)) {
            added.add(row(inside, slot, session.statement(), List.of()));
        }
        List<Blocker> blockers = List.of(new Blocker(inside, EdgeKind.STATEMENT_SLOT, LockMode.X, session.statement()));
        for (StatementRecord statement : session.inLine()) {
            if (!waiting.contains(statement.id())) {
                added.add(row(inside, slot, statement, blockers));
            }
        }
    }

    private static LockRow row(OwnerId owner, LockTarget slot, StatementRecord statement, List<Blocker> blockers) {
        long since = statement.startNanos();
        return new LockRow(owner, slot, LockMode.X, blockers.isEmpty(), since, since, statement, true, blockers, 0);
    }
}
