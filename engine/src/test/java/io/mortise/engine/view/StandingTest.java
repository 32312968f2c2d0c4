package io.mortise.engine.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class StandingTest {
    private static final LockTarget.Name NAME = new LockTarget.Name("n");

    /** Whom each waiter has in its way is told by its own row; here it is counted without them. */
    @Test
    void theCountsAreThoseOfTheEdges() {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            List<LockRow> rows = queue(random);

            Standing standing = new Standing(rows);

            edges(rows)
                    .forEach((session, waiters) -> assertThat(standing.waitersFor(session))
                            .as("session %s of %s, -Dseed=%s", session, rows, seed)
                            .isEqualTo(waiters.size()));
        }
    }

    /** Grants that go together, one or two sessions that convert, and some that wait. */
    private static List<LockRow> queue(Random random) {
        LockMode[] modes = LockMode.values();
        List<LockRow> rows = new ArrayList<>();
        int holders = random.nextInt(4);
        for (int i = 1; i <= holders; i++) {
            LockMode mode = modes[random.nextInt(modes.length)];
            if (rows.stream().allMatch(row -> row.mode().compatibleWith(mode))) {
                rows.add(row(i, mode, true, List.of()));
            }
        }
        int converting = random.nextInt(3);
        int waiters = random.nextInt(6);
        for (int i = 1; i <= converting + waiters; i++) {
            int session = i <= converting ? i : 10 + i;
            LockMode mode = modes[random.nextInt(modes.length)];
            List<LockRow.Blocker> blockers = rows.stream()
                    .filter(row ->
                            row.owner().session() != session && !row.mode().compatibleWith(mode))
                    .map(row -> new LockRow.Blocker(row.owner(), EdgeKind.HOLDS, row.mode(), StatementRecord.NONE))
                    .toList();
            rows.add(row(session, mode, false, blockers));
        }
        return rows;
    }

    private static LockRow row(int session, LockMode mode, boolean granted, List<LockRow.Blocker> blockers) {
        return new LockRow(
                new OwnerId(session, 1), NAME, mode, granted, 0, 0, StatementRecord.NONE, false, blockers, 0);
    }

    private static Map<Integer, Set<Integer>> edges(List<LockRow> rows) {
        Map<Integer, Set<Integer>> waiters = new HashMap<>();
        for (LockRow row : rows) {
            waiters.computeIfAbsent(row.owner().session(), unused -> new HashSet<>());
            row.blockers()
                    .forEach(blocker -> waiters.computeIfAbsent(blocker.owner().session(), unused -> new HashSet<>())
                            .add(row.owner().session()));
        }
        return waiters;
    }
}
