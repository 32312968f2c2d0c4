package io.mortise.engine.session.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.gate.InFlightGate.Entry;
import io.mortise.engine.text.UserName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An Error on the way into a session, in line for it or on the way out: nobody is kept out by a thread that has gone.
 */
@Timeout(60)
final class GateFaultsTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final ExecutorService third = Executors.newSingleThreadExecutor();
    private final Semaphore parked = new Semaphore(0);
    private final InFlightGate gate = new InFlightGate(new Parking(System::nanoTime, nanos -> {
        parked.release();
        LockSupport.parkNanos(nanos);
    }));

    @AfterEach
    void endThreads() {
        Ambush.lift();
        other.shutdownNow();
        third.shutdownNow();
    }

    @Test
    void aStatementThatFailsOnItsWayInIsNotInside() throws Exception {
        assertThatThrownBy(() -> failing(Spot.SESSION_TAKEN, () -> gate.tryEnter(statement("A"))))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(gate.inFlight()).isEmpty();
        assertThat(gate.isInside()).isFalse();
        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isTrue();
    }

    @Test
    void aStatementThatFailsAsItIsLetInLetsTheNextIn() throws Exception {
        gate.tryEnter(statement("A"));
        Future<Entry> second =
                other.submit(() -> failing(Spot.SESSION_TAKEN, () -> gate.await(SlotWaiter.of(statement("B")), LONG)));
        parked.acquire();
        Future<Entry> next = third.submit(() -> gate.await(SlotWaiter.of(statement("C")), LONG));
        parked.acquire();

        gate.exit();

        assertThatThrownBy(second::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThat(next.get()).isEqualTo(Entry.ADMITTED);
    }

    @Test
    void whatWasPutOffRunsThoughTheWayInFails() throws Exception {
        List<String> ran = new ArrayList<>();
        failing(Spot.SESSION_TAKEN, () -> {
            gate.whenFree(() -> ran.add("free"));
            return Entry.ADMITTED;
        });
        assertThat(ran).containsExactly("free");

        gate.tryEnter(statement("A"));
        on(other, () -> {
            gate.whenFree(() -> ran.add("left"));
            return true;
        });
        failing(Spot.SESSION_TAKEN, () -> {
            gate.exit();
            return Entry.ADMITTED;
        });
        assertThat(ran).containsExactly("free", "left");
        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isTrue();
    }

    @Test
    void aStatementThatFailsInLineIsNeverLetIn() throws Exception {
        gate.tryEnter(statement("A"));
        Future<Entry> failed =
                other.submit(() -> failing(Spot.SESSION_LINED, () -> gate.await(SlotWaiter.of(statement("B")), LONG)));
        assertThatThrownBy(failed::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThat(gate.inLine()).isEmpty();

        gate.exit();

        assertThat(gate.inFlight()).isEmpty();
        assertThat(on(third, () -> gate.tryEnter(statement("C")))).isTrue();
    }

    @Test
    void aStatementThatFailsInLineThoughItWasLetInLeavesAgain() throws Exception {
        // It finds the gate taken, which is free by the time that it stands in line.
        assertThatThrownBy(() -> failing(Spot.SESSION_LINED, () -> gate.await(SlotWaiter.of(statement("A")), LONG)))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(gate.inFlight()).isEmpty();
        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isTrue();
    }

    @Test
    void aStatementThatFailsOnItsWayOutLetsTheNextIn() throws Exception {
        gate.tryEnter(statement("A"));
        Future<Entry> next = other.submit(() -> gate.await(SlotWaiter.of(statement("B")), LONG));
        parked.acquire();
        List<String> ran = new ArrayList<>();
        on(third, () -> {
            gate.whenLeft(() -> ran.add("put off"));
            return true;
        });

        assertThatThrownBy(() -> failing(Spot.SESSION_LEFT, () -> {
                    gate.exit();
                    return true;
                }))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(next.get()).isEqualTo(Entry.ADMITTED);
        assertThat(ran).containsExactly("put off");
    }

    @Test
    void whoeverReadsAResultIsNotKeptOutByThoseThatWaitForItsEnd() throws Exception {
        gate.tryEnter(statement("SELECT"));
        Stream stream = gate.openStream();
        gate.exit();
        Future<Entry> waiter = other.submit(() -> gate.await(SlotWaiter.of(statement("B")), LONG));
        parked.acquire();

        assertThat(gate.await(SlotWaiter.of(statement("UPDATE in the loop")), LONG))
                .isEqualTo(Entry.ADMITTED);
        gate.exit();
        assertThat(gate.enterUnlessRunning(SlotWaiter.of(statement("one that would be refused")), LONG))
                .isEqualTo(Entry.ADMITTED);
        gate.exit();
        assertThat(gate.tryEnter(SlotWaiter.of(statement("one that would be tried again"))))
                .isTrue();
        gate.exit();
        gate.resume(stream);
        gate.closeStream(stream);
        gate.exit();

        assertThat(waiter.get()).isEqualTo(Entry.ADMITTED);
    }

    private static <T> T failing(Spot spot, Callable<T> step) throws Exception {
        Ambush.lay(spot, Ambush::fail);
        return step.call();
    }

    private static <T> T on(ExecutorService thread, Callable<T> step) throws Exception {
        return thread.submit(step).get();
    }

    private static StatementRecord statement(String sql) {
        return new StatementRecord(1, 7, new UserName("SA"), "", sql, 0, Thread.currentThread());
    }
}
