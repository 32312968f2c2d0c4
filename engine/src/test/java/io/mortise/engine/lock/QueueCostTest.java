package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.S;
import static io.mortise.engine.lock.LockMode.SIX;
import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mortise.engine.lock.LockRow.EdgeKind;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one queue costs that many wait in, counted in requests looked at and in bytes, not in time. */
@Timeout(120)
class QueueCostTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 1);
    private static final LockTarget.Row ROW = new LockTarget.Row(TABLE, 1);
    /** Whatever is done for one waiter looks at so many requests at most, however many wait. */
    private static final int STEPS_EACH = 4;

    private static final int BYTES_EACH = 4_000;

    private final LockTable table = new LockTable(
            new Victims(new Victims.Facts() {
                @Override
                public int priority(OwnerId owner) {
                    return 0;
                }

                @Override
                public long rowsChanged(OwnerId owner) {
                    return 0;
                }
            }),
            queue -> {});

    private Decision request(int session, LockTarget target, LockMode mode) {
        OwnerId owner = new OwnerId(session, session + 1);
        return table.request(new LockRequest(owner, target, mode, StatementRecord.NONE, 1, WaitRule.Place.IN_LINE));
    }

    private static List<Integer> shuffled(int waiters) {
        List<Integer> sessions = new ArrayList<>();
        for (int session = 1; session <= waiters; session++) {
            sessions.add(session);
        }
        Collections.shuffle(sessions, new Random(7));
        return sessions;
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 10_000})
    void thoseWhoComeAndGiveUpCostTheSameHoweverManyThereAre(int waiters) {
        request(0, ROW, X);
        LockQueue queue = table.queue(ROW).orElseThrow();
        long bytes = allocated();
        shuffled(waiters).forEach(session -> request(session, ROW, X));

        for (int session : shuffled(waiters)) {
            LockRow row = table.pendingOf(session).orElseThrow();
            assertThat(row.blockers()).hasSizeBetween(1, QueueRows.FEW + 1);
            assertThat(table.aheadOf(session)).hasSizeLessThanOrEqualTo(QueueRows.FEW);
            table.withdraw(session, 2);
        }

        assertThat(queue.steps()).isLessThan((long) STEPS_EACH * waiters);
        assertThat(allocated() - bytes).isLessThan((long) (QueueRows.FEW + 1) * BYTES_EACH * waiters);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 10_000})
    void sharersBehindAWriterAreNotLookedAtOneByOne(int waiters) {
        request(0, TABLE, SIX);
        LockQueue queue = table.queue(TABLE).orElseThrow();
        shuffled(waiters).forEach(session -> request(session, TABLE, S));

        for (int session : shuffled(waiters).subList(0, waiters / 2)) {
            table.withdraw(session, 2);
        }
        table.releaseAll(new OwnerId(0, 1), 3);

        assertThat(table.takeGranted()).hasSize(waiters / 2);
        assertThat(queue.steps()).isLessThan((long) STEPS_EACH * waiters);
    }

    @Test
    void theyAreServedOneByOneInStepsThatDoNotGrow() {
        int waiters = 10_000;
        request(0, ROW, X);
        LockQueue queue = table.queue(ROW).orElseThrow();
        for (int session = 1; session <= waiters; session++) {
            request(session, ROW, X);
        }

        for (int session = 0; session < waiters; session++) {
            table.releaseAll(new OwnerId(session, session + 1), 1);
        }

        assertThat(table.takeGranted()).hasSize(waiters);
        assertThat(queue.steps()).isLessThan((long) STEPS_EACH * waiters);
    }

    @Test
    void aWaiterTakesBoundedMemoryAndSoDoesItsRowInASnapshot() {
        int waiters = 10_000;
        request(0, ROW, X);
        long before = allocated();
        for (int session = 1; session <= waiters; session++) {
            request(session, ROW, X);
        }
        long waiting = allocated() - before;

        List<LockRow> rows = table.rows();

        long shown = allocated() - before - waiting;
        assertThat(waiting / waiters).as("bytes a waiter").isLessThan(BYTES_EACH);
        assertThat(shown / waiters).as("bytes a row").isLessThan(BYTES_EACH);
        LockRow last = rows.get(waiters);
        assertThat(last.blockers()).hasSize(waiters);
        assertThat(last.blockers().get(0).kind()).isEqualTo(EdgeKind.HOLDS);
        assertThat(last.blockers().get(waiters - 1).owner().session()).isEqualTo(waiters - 1);
    }

    @Test
    void rowsWhoseKeysAreMadeToCollideDoNot() {
        long different = java.util.stream.LongStream.rangeClosed(1, 10_000)
                .mapToInt(key -> new LockTarget.Row(TABLE, key << 32 | key).hashCode())
                .distinct()
                .count();

        assertThat(different).isGreaterThan(9_900);
    }

    @Test
    void namesThatAreMadeToCollideCanBeOrdered() {
        LockTarget.Name one = new LockTarget.Name("AaAa");
        LockTarget.Name other = new LockTarget.Name("BBBB");

        assertThat(one).hasSameHashCodeAs(other).isNotEqualTo(other);
        assertThat(one.compareTo(other)).isNegative();
        assertThat(new LockTarget.UniqueKey(TABLE, 1, "AaAa").compareTo(new LockTarget.UniqueKey(TABLE, 1, "BBBB")))
                .isNegative();
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
