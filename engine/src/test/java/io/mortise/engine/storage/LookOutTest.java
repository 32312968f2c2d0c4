package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitOutcome;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who wants a row that another has for a moment looks out for it, and does not stand in line. Here a moment is long
 * enough for everything that happens in it.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LookOutTest {
    private static final String UPDATE = "UPDATE T SET V = V + 1 WHERE ID = 1";
    private static final String OTHER = "UPDATE T SET V = V + 1 WHERE ID = 2";
    private static final String VALUE = "SELECT V FROM T WHERE ID = 1";
    private static final long TEN_MINUTES = 600_000_000;

    private final Scene scene = Scene.inMemory();

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor a;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor b;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor c;

    @BeforeEach
    void begin() throws Exception {
        a = scene.actor().inTransaction();
        b = scene.actor().inTransaction();
        c = scene.actor().inTransaction();
        a.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        a.runs("INSERT INTO T VALUES (1, 0), (2, 0)");
        a.commits();
        scene.storage().locks().setBarging(TEN_MINUTES);
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "nobody looks out on one processor");
    }

    @AfterEach
    void close() throws Exception {
        Ambush.lift();
        scene.close();
    }

    /** Updates the row; when it begins to look out, that happens. */
    private Future<Integer> updates(Scene.Actor actor, Callable<?> meanwhile) {
        return actor.does(() -> {
            Ambush.lay(Spot.ROW_LOOKED_FOR, () -> {
                try {
                    meanwhile.call();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            try (Statement statement = actor.connection.createStatement()) {
                return statement.executeUpdate(UPDATE);
            }
        });
    }

    private static Callable<?> committing(Scene.Actor actor) {
        return () -> {
            actor.commits();
            return 0;
        };
    }

    @Test
    void aRowThatComesFreeIsTakenWithoutAWait() throws Exception {
        a.runs(UPDATE);

        assertThat(Scene.finish(updates(b, committing(a)))).isEqualTo(1);

        assertThat(Ambush.lift()).isFalse();
        assertThat(scene.waited()).isFalse();
        assertThat(scene.storage().locks().snapshot().rows()).allMatch(row -> row.granted());
        b.commits();
        assertThat(a.reads(VALUE)).isEqualTo(2);
        a.commits();
        scene.endsEmpty();
    }

    @Test
    void soIsOneWhoseChangeIsRolledBack() throws Exception {
        a.runs(UPDATE);

        assertThat(Scene.finish(updates(b, () -> {
                    a.rollsBack();
                    return 0;
                })))
                .isEqualTo(1);

        assertThat(scene.waited()).isFalse();
        b.commits();
        assertThat(a.reads(VALUE)).isEqualTo(1);
        a.commits();
        scene.endsEmpty();
    }

    @Test
    void soIsOneThatIsDeletedMeanwhile() throws Exception {
        a.runs("DELETE FROM T WHERE ID = 1");

        assertThat(Scene.finish(updates(b, committing(a)))).isZero();

        b.commits();
        scene.endsEmpty();
    }

    /** When the wait of this one is over, that happens before it tries the row. */
    private void wakes(Scene.Actor actor, Runnable first) {
        scene.storage().locks().addListener(new LockListener() {
            @Override
            public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
                if (request.owner().session() == actor.session.id()) {
                    first.run();
                }
            }
        });
    }

    @Test
    void soIsOneThatASleeperWasHanded() throws Exception {
        CountDownLatch mayWake = new CountDownLatch(1);
        wakes(b, () -> waitFor(mayWake));
        a.runs(UPDATE);
        Future<Integer> sleeper = b.waitsFor(UPDATE);

        assertThat(Scene.finish(updates(c, committing(a)))).isEqualTo(1);

        assertThat(Ambush.lift()).isFalse();
        assertThat(scene.waited()).as("stood in line").isFalse();
        c.commits();
        mayWake.countDown();
        assertThat(Scene.finish(sleeper)).isEqualTo(1);
        b.commits();
        assertThat(a.reads(VALUE)).isEqualTo(3);
        a.commits();
        scene.endsEmpty();
    }

    @Test
    void nobodyLooksOutPastOneThatIsAwake() throws Exception {
        CountDownLatch mayWake = new CountDownLatch(1);
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        wakes(b, () -> {
            waitFor(mayWake);
            Ambush.lay(Spot.ROW_LOOKED_FOR, () -> {
                looks.countDown();
                waitFor(goesOn);
            });
        });
        a.runs(UPDATE);
        Future<Integer> awake = b.waitsFor(UPDATE);
        a.commits();
        c.runs(UPDATE);
        mayWake.countDown();
        assertThat(waitFor(looks)).isTrue();
        Scene.Actor newcomer = scene.actor().inTransaction();

        Future<Integer> update = updates(newcomer, () -> 0);

        newcomer.isSeenToWait(UPDATE);
        assertThat(Ambush.lift()).as("nobody looked out").isTrue();
        c.commits();
        goesOn.countDown();
        assertThat(Scene.finish(awake)).isEqualTo(1);
        b.commits();
        assertThat(Scene.finish(update)).isEqualTo(1);
        newcomer.commits();
        assertThat(a.reads(VALUE)).isEqualTo(4);
        a.commits();
        scene.endsEmpty();
    }

    @Test
    void whoHasTheRowForLongerIsWaitedFor() throws Exception {
        a.runs(UPDATE);
        Future<Integer> update = updates(b, () -> 0);
        b.isSeenToWait(UPDATE);
        assertThat(Ambush.lift()).isFalse();

        a.commits();

        assertThat(Scene.finish(update)).isEqualTo(1);
        b.commits();
        scene.endsEmpty();
    }

    @Test
    void whoSnatchesTheRowIsWaitedFor() throws Exception {
        a.runs(UPDATE);
        Future<Integer> update = updates(b, () -> {
            a.commits();
            c.runs(UPDATE);
            return 0;
        });
        b.isSeenToWait(UPDATE);

        c.commits();

        assertThat(Scene.finish(update)).isEqualTo(1);
        b.commits();
        assertThat(a.reads(VALUE)).isEqualTo(3);
        a.commits();
        scene.endsEmpty();
    }

    @Test
    void nobodyLooksOutForOneThatWaitsItself() throws Exception {
        c.runs(OTHER);
        a.runs(UPDATE);
        Future<Integer> other = a.waitsFor(OTHER);
        Future<Integer> update = updates(b, () -> 0);
        b.isSeenToWait(UPDATE);

        c.commits();
        Scene.finish(other);
        a.commits();

        Scene.finish(update);
        assertThat(Ambush.lift()).as("nobody looked out").isTrue();
        b.commits();
        scene.endsEmpty();
    }

    @Test
    void nobodyLooksOutForOneThatLooksOutItself() throws Exception {
        c.runs(OTHER);
        a.runs(UPDATE);
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        Future<Integer> other = a.does(() -> {
            Ambush.lay(Spot.ROW_LOOKED_FOR, () -> {
                looks.countDown();
                assertThat(waitFor(goesOn)).isTrue();
            });
            try (Statement statement = a.connection.createStatement()) {
                return statement.executeUpdate(OTHER);
            }
        });
        assertThat(waitFor(looks)).isTrue();
        Future<Integer> update = updates(b, () -> 0);
        b.isSeenToWait(UPDATE);
        assertThat(Ambush.lift()).as("nobody looked out").isTrue();
        c.commits();
        goesOn.countDown();

        Scene.finish(other);
        a.commits();
        Scene.finish(update);
        b.commits();
        scene.endsEmpty();
    }

    private static boolean waitFor(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nobodyLooksOutWhereNobodyMayPass() throws Exception {
        scene.storage().locks().setBarging(0);
        a.runs(UPDATE);
        Future<Integer> update = updates(b, () -> 0);
        b.isSeenToWait(UPDATE);
        a.commits();

        Scene.finish(update);
        assertThat(Ambush.lift()).as("nobody looked out").isTrue();
        b.commits();
        scene.endsEmpty();
    }

    @Test
    void anErrorMeanwhileLeavesNothing() throws Exception {
        a.runs(UPDATE);
        assertThatThrownBy(() -> Scene.finish(updates(b, () -> {
                    throw new IllegalStateException("injected");
                })))
                .hasStackTraceContaining("injected");
        b.rollsBack();
        assertThat(b.session.owner().isHeldUp()).isFalse();
        a.commits();

        scene.endsEmpty();
        assertThat(Scene.finish(updates(b, () -> 0))).isEqualTo(1);
        b.commits();
        scene.endsEmpty();
    }

    @Test
    void whoIsCancelledMeanwhileEnds() throws Exception {
        a.runs(UPDATE);
        Future<Integer> update = b.does(() -> {
            try (Statement statement = b.connection.createStatement()) {
                Ambush.lay(Spot.ROW_LOOKED_FOR, () -> cancel(statement));
                return statement.executeUpdate(UPDATE);
            }
        });

        assertThatThrownBy(() -> Scene.finish(update)).hasMessageContaining("cancel");

        b.rollsBack();
        a.commits();
        scene.endsEmpty();
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }
}
