package io.mortise.engine.journal.log;

import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.OwnerId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class JamTest {
    private static LockRow waits(int session, int... blockers) {
        LockRow.Blocker[] inTheWay = IntStream.of(blockers)
                .mapToObj(blocker -> holds(new OwnerId(blocker, 100), LockMode.X))
                .toArray(LockRow.Blocker[]::new);
        return pending(new OwnerId(session, 200), ROW_1, LockMode.X, DEBIT, inTheWay);
    }

    @Test
    void whoWaitsDirectlyOrBehindOthersIsCountedOnce() {
        List<LockRow> rows = List.of(waits(2, 1), waits(3, 1, 2), waits(4, 3), waits(6, 5), waits(-7, 4));

        assertThat(Jam.behind(1, rows)).containsExactlyInAnyOrder(2, 3, 4, 7);
        assertThat(Jam.behind(5, rows)).containsExactly(6);
        assertThat(Jam.behind(6, rows)).isEmpty();
    }

    @Test
    void aCircleIsWalkedOnceAndAChainOfAnyLength() {
        assertThat(Jam.behind(1, List.of(waits(1, 2), waits(2, 1)))).containsExactly(2);

        List<LockRow> chain = new ArrayList<>();
        for (int i = 1; i < 50_000; i++) {
            chain.add(waits(i + 1, i));
        }
        assertThat(Jam.behind(1, chain)).hasSize(49_999);
    }
}
