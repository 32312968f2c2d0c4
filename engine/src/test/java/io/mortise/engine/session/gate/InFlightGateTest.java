package io.mortise.engine.session.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.InFlightGate.Entry;
import io.mortise.engine.setting.BusyMode;
import io.mortise.engine.text.UserName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class InFlightGateTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final ExecutorService third = Executors.newSingleThreadExecutor();
    /** One permit for every time a thread of this test is about to park: it is in line then. */
    private final Semaphore parked = new Semaphore(0);

    private final InFlightGate gate = new InFlightGate(new Parking(System::nanoTime, nanos -> {
        parked.release();
        LockSupport.parkNanos(nanos);
    }));

    @AfterEach
    void endThreads() {
        other.shutdownNow();
        third.shutdownNow();
    }

    @Test
    void aSecondThreadIsKeptOutUntilTheFirstLeaves() throws Exception {
        assertThat(gate.tryEnter(statement("A"))).isTrue();
        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isFalse();

        gate.exit();

        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isTrue();
        assertThat(gate.inFlight().orElseThrow().sql()).isEqualTo("B");
    }

    @Test
    void theThreadInsideComesInAgainAndLeavesAsOften() throws Exception {
        gate.tryEnter(statement("outer"));
        assertThat(gate.isInside()).isTrue();
        gate.reenter();
        gate.exit();

        assertThat(gate.inFlight().orElseThrow().sql()).isEqualTo("outer");
        assertThat(on(other, gate::isInside)).isFalse();

        gate.exit();
        assertThat(gate.inFlight()).isEmpty();
        assertThat(gate.isInside()).isFalse();
    }

    @Test
    void threadsThatTakeTurnsAreNeverRefused() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            ExecutorService turn = i % 2 == 0 ? other : third;
            boolean entered = on(turn, () -> {
                boolean in = gate.tryEnter(statement("turn"));
                gate.exit();
                return in;
            });
            assertThat(entered).as("turn %d", i).isTrue();
        }
    }

    @Test
    void whoeverWaitsIsServedInTheOrderOfComing() throws Exception {
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        gate.tryEnter(statement("first"));
        List<Future<?>> waiting = new ArrayList<>();
        List<ExecutorService> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "waiter " + i;
            ExecutorService thread = Executors.newSingleThreadExecutor();
            threads.add(thread);
            waiting.add(thread.submit(() -> {
                gate.await(SlotWaiter.of(statement(name)), LONG);
                served.add(name);
                gate.exit();
            }));
            parked.acquire();
        }

        gate.exit();
        for (Future<?> wait : waiting) {
            wait.get();
        }
        threads.forEach(ExecutorService::shutdown);

        assertThat(served)
                .containsExactly(
                        "waiter 0", "waiter 1", "waiter 2", "waiter 3", "waiter 4", "waiter 5", "waiter 6", "waiter 7");
        assertThat(gate.inFlight()).isEmpty();
    }

    @Test
    void aNewcomerDoesNotPassTheOneThatWaits() throws Exception {
        gate.tryEnter(statement("first"));
        Future<Entry> waiter = other.submit(() -> gate.await(SlotWaiter.of(statement("waiter")), LONG));
        parked.acquire();

        gate.exit();

        assertThat(gate.tryEnter(statement("newcomer"))).isFalse();
        assertThat(waiter.get()).isEqualTo(Entry.ADMITTED);
        assertThat(gate.inFlight().orElseThrow().sql()).isEqualTo("waiter");
    }

    @Test
    void aWaitEndsBusyWhenItsTimeIsOver() throws Exception {
        gate.tryEnter(statement("first"));

        Entry entry = on(other, () -> gate.await(SlotWaiter.of(statement("late")), 1_000_000));

        assertThat(entry).isEqualTo(Entry.BUSY);
        gate.exit();
        assertThat(on(other, () -> gate.tryEnter(statement("later")))).isTrue();
    }

    @Test
    void aWaitCanBeEndedFromOutside() throws Exception {
        gate.tryEnter(statement("first"));
        CountDownLatch made = new CountDownLatch(1);
        List<SlotWaiter> waiters = new ArrayList<>();
        Future<Entry> wait = other.submit(() -> {
            SlotWaiter waiter = SlotWaiter.of(statement("cancelled"));
            waiters.add(waiter);
            made.countDown();
            return gate.await(waiter, LONG);
        });
        made.await();
        parked.acquire();

        gate.endWaits(statement -> true, new WaitEnding(WaitEnd.CANCELLED, 9));

        assertThat(wait.get()).isEqualTo(Entry.ENDED);
        assertThat(waiters.get(0).ending()).contains(new WaitEnding(WaitEnd.CANCELLED, 9));
    }

    @Test
    void anInterruptEndsAWaitAndTheFlagStays() throws Exception {
        gate.tryEnter(statement("first"));

        boolean flag = on(other, () -> {
            SlotWaiter waiter = SlotWaiter.of(statement("interrupted"));
            Thread.currentThread().interrupt();
            Entry entry = gate.await(waiter, LONG);
            assertThat(entry).isEqualTo(Entry.ENDED);
            assertThat(waiter.ending()).contains(WaitEnding.of(WaitEnd.INTERRUPTED));
            return Thread.interrupted();
        });

        assertThat(flag).isTrue();
    }

    @Test
    void aStatementIsRefusedByAnotherStatementButWaitsForAPrepare() throws Exception {
        gate.tryEnter(SlotWaiter.brief(statement("PREPARE")));
        Future<Entry> behindPrepare = other.submit(() -> gate.enterUnlessRunning(SlotWaiter.of(statement("B")), LONG));
        parked.acquire();
        gate.exit();
        assertThat(behindPrepare.get()).isEqualTo(Entry.ADMITTED);

        Entry behindStatement = on(third, () -> gate.enterUnlessRunning(SlotWaiter.of(statement("C")), LONG));

        assertThat(behindStatement).isEqualTo(Entry.BUSY);
    }

    @Test
    void aStreamKeepsItsStatementInFlightUntilItIsClosed() throws Exception {
        gate.tryEnter(statement("SELECT"));
        Stream stream = gate.openStream();
        gate.exit();

        assertThat(gate.isStreaming()).isTrue();
        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isFalse();
        assertThat(on(other, () -> {
                    boolean in = gate.resume(stream);
                    gate.exit();
                    return in;
                }))
                .as("any thread may read it")
                .isTrue();
        assertThat(gate.tryEnter(statement("UPDATE in the loop")))
                .as("its own thread may run statements while it reads")
                .isTrue();
        gate.exit();
        assertThat(gate.inFlight().orElseThrow().sql()).isEqualTo("SELECT");

        gate.resume(stream);
        gate.closeStream(stream);
        gate.exit();
        assertThat(on(other, () -> gate.tryEnter(statement("B")))).isTrue();
    }

    @Test
    void whatIsPutOffIsRunByTheThreadThatLeaves() throws Exception {
        List<String> ran = new ArrayList<>();
        gate.whenFree(() -> ran.add("at once"));
        gate.tryEnter(statement("A"));
        gate.whenFree(() -> ran.add("at once inside"));
        on(other, () -> {
            gate.whenFree(() -> ran.add(Thread.currentThread().getName()));
            return true;
        });

        gate.exit();

        assertThat(ran)
                .containsExactly(
                        "at once", "at once inside", Thread.currentThread().getName());
        assertThat(gate.inFlight()).isEmpty();
    }

    @Test
    void onlyTheStatementThatIsMeantIsHit() throws Exception {
        List<String> hit = new ArrayList<>();
        gate.tryEnter(new StatementRecord(41, 7, new UserName("SA"), "", "A", 0, Thread.currentThread()));

        assertThat(on(other, () -> gate.ifRunning(40, () -> hit.add("40")))).isFalse();
        assertThat(on(other, () -> gate.ifRunning(41, () -> hit.add("41")))).isTrue();
        gate.exit();

        assertThat(on(other, () -> gate.ifRunning(41, () -> hit.add("41 again"))))
                .isFalse();
        assertThat(hit).containsExactly("41");
    }

    @Test
    void aStatementThatLeavesWhileItIsLookedForIsNotHitAndNobodyFails() throws Exception {
        StatementRecord statement = new StatementRecord(41, 7, new UserName("SA"), "", "A", 0, Thread.currentThread());
        AtomicLong hits = new AtomicLong();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Future<Long> told = other.submit(() -> {
            long yes = 0;
            begun.countDown();
            while (done.getCount() > 0) {
                yes += gate.ifRunning(41, hits::incrementAndGet) ? 1 : 0;
            }
            return yes;
        });

        begun.await();
        for (int i = 0; i < 1_000_000 && !told.isDone(); i++) {
            gate.tryEnter(statement);
            gate.exit();
        }
        done.countDown();

        assertThat(told.get()).isEqualTo(hits.get());
        assertThat(gate.inFlight()).isEmpty();
    }

    @Test
    void aStatementThatIsBeingHitCanNotLeave() throws Exception {
        gate.tryEnter(new StatementRecord(41, 7, new UserName("SA"), "", "A", 0, Thread.currentThread()));
        CountDownLatch hitting = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        Future<Boolean> hit = other.submit(() -> gate.ifRunning(41, () -> {
            hitting.countDown();
            awaitUninterrupted(letGo);
        }));
        hitting.await();
        third.submit(letGo::countDown);

        gate.exit();

        assertThat(letGo.getCount()).as("left only after the other had let go").isZero();
        assertThat(hit.get()).isTrue();
        assertThat(gate.inFlight()).isEmpty();
    }

    @Test
    void retryPausesLongerEachTimeUpToASecond() throws Exception {
        AtomicLong clock = new AtomicLong();
        List<Long> pauses = new ArrayList<>();
        Parking parking = new Parking(clock::get, nanos -> {
            pauses.add(TimeUnit.NANOSECONDS.toMillis(nanos));
            clock.addAndGet(nanos);
        });
        InFlightGate timed = new InFlightGate(parking);
        on(other, () -> timed.tryEnter(statement("in flight")));
        BusyRule rule = new BusyRule(BusyMode.RETRY, 7_000, 500);

        Entry entry = rule.enter(timed, SlotWaiter.of(statement("again")), parking);

        assertThat(entry).isEqualTo(Entry.BUSY);
        assertThat(pauses).containsExactly(100L, 200L, 300L, 400L, 500L, 600L, 700L, 800L, 900L, 1000L, 1000L, 500L);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static StatementRecord statement(String sql) {
        return new StatementRecord(1, 7, new UserName("SA"), "", sql, 0, Thread.currentThread());
    }

    private static <T> T on(ExecutorService thread, Callable<T> step) throws Exception {
        return thread.submit(step).get();
    }
}
