package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.IX;
import static io.mortise.engine.lock.LockMode.S;
import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.text.UserName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * An Error at each named place of the lock room: whoever it hits holds and wants nothing afterwards, and all others go
 * on.
 */
@Timeout(120)
class LockFaultsTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 39);
    private static final LockTarget.Table ORDERS = new LockTarget.Table(1, 40);
    private static final LockTarget.Row ROW = new LockTarget.Row(ACCOUNTS, 1);
    private static final LockTarget.RowKey KEY = new LockTarget.RowKey(ACCOUNTS, 7);
    private static final WaitRule HOUR = WaitRule.upTo(TimeUnit.HOURS.toMillis(1));

    private final LockManager locks = new LockManager(System::nanoTime);
    private final List<SessionThread> threads = new ArrayList<>();
    private final SessionThread a = thread(1);
    private final SessionThread b = thread(2);
    private final SessionThread c = thread(3);

    private SessionThread thread(int session) {
        SessionThread thread = new SessionThread(session, locks);
        threads.add(thread);
        return thread;
    }

    @AfterEach
    void nothingIsLeft() {
        Ambush.lift();
        threads.forEach(SessionThread::close);
        assertThat(locks.snapshot().rows()).isEmpty();
        locks.close();
    }

    private static WaitOutcome failing(SessionThread thread, Spot spot, LockManager locks, LockTarget target)
            throws Exception {
        return thread.does(() -> {
            Ambush.lay(spot, Ambush::fail);
            return locks.acquire(thread.owner, target, X, HOUR);
        });
    }

    private static void ends(SessionThread thread, LockManager locks) throws Exception {
        thread.does(() -> {
            locks.releaseAll(thread.owner);
            return true;
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Spot.class,
            mode = Mode.INCLUDE,
            names = {"GATE_CLOSED", "SLOT_ADOPTED", "QUEUE_JOINED", "WAIT_BEGINS"})
    void aRequestForKeysThatFailsWhileItIsMadeIsNoRequest(Spot spot) throws Exception {
        sharesKey(a);

        assertThatThrownBy(() -> failing(b, spot, locks, KEY)).hasRootCauseInstanceOf(OutOfMemoryError.class);

        assertThat(Ambush.lift()).as("nobody came to " + spot).isFalse();
        assertThat(locks.waiting(b.owner.session())).isEmpty();
        Future<WaitOutcome> next = c.waitsFor(KEY, X);
        ends(b, locks);
        ends(a, locks);
        assertThat(next.get(SessionThread.NET_SECONDS, TimeUnit.SECONDS)).isInstanceOf(WaitOutcome.Acquired.class);
        ends(c, locks);
        assertThat(locks.mayBeContended(KEY)).isFalse();
        assertThat(sharesKey(a)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Spot.class,
            mode = Mode.INCLUDE,
            names = {"SLOT_CHOSEN", "SLOT_WRITTEN"})
    void aKeyThatWasSharedByHalfGoesWithItsTransaction(Spot spot) throws Exception {
        assertThatThrownBy(() -> a.does(() -> {
                    Ambush.lay(spot, Ambush::fail);
                    return sharesKeyHere(a);
                }))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(Ambush.lift()).as("nobody came to " + spot).isFalse();
        ends(a, locks);

        assertThat(b.does(() -> locks.acquire(b.owner, KEY, X, WaitRule.noWait())))
                .isInstanceOf(WaitOutcome.Acquired.class);
    }

    private boolean sharesKey(SessionThread thread) throws Exception {
        return thread.does(() -> sharesKeyHere(thread));
    }

    private boolean sharesKeyHere(SessionThread thread) {
        locks.begin(thread.owner);
        return locks.gate(ACCOUNTS).tryShareKey(thread.owner, KEY);
    }

    @ParameterizedTest
    @EnumSource(
            value = Spot.class,
            mode = Mode.INCLUDE,
            names = {"GATE_CLOSED", "SLOT_ADOPTED", "QUEUE_JOINED", "WAIT_BEGINS"})
    void aRequestThatFailsWhileItIsMadeIsNoRequest(Spot spot) throws Exception {
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));

        assertThatThrownBy(() -> failing(b, spot, locks, ACCOUNTS)).hasRootCauseInstanceOf(OutOfMemoryError.class);

        assertThat(Ambush.lift()).as("nobody came to " + spot).isFalse();
        assertThat(locks.waiting(b.owner.session())).isEmpty();
        Future<WaitOutcome> next = c.waitsFor(ACCOUNTS, X);
        ends(a, locks);
        assertThat(SessionThread.finish(next)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void aGrantThatFailsWhileItIsEnteredGoesWithItsTransaction() throws Exception {
        assertThatThrownBy(() -> failing(b, Spot.GRANT_ENTERED, locks, ACCOUNTS))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        Future<WaitOutcome> next = c.waitsFor(ACCOUNTS, X);

        ends(b, locks);

        assertThat(SessionThread.finish(next)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void aWaitThatFailsAfterItsEndKeepsTheLockToTheEndOfTheTransaction() throws Exception {
        a.acquires(ACCOUNTS, X);
        Future<WaitOutcome> waits = b.seenWaiting(b.starts(() -> {
            Ambush.lay(Spot.WAIT_ENDED, Ambush::fail);
            return locks.acquire(b.owner, ACCOUNTS, X, HOUR);
        }));
        ends(a, locks);
        assertThatThrownBy(() -> SessionThread.finish(waits)).hasRootCauseInstanceOf(OutOfMemoryError.class);
        Future<WaitOutcome> next = c.waitsFor(ACCOUNTS, X);

        ends(b, locks);

        assertThat(SessionThread.finish(next)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Spot.class,
            names = {"WAIT_BEGINS", "WAIT_ENDED"})
    void whoHearsThatAWaitHasStartedHearsThatItIsOver(Spot spot) throws Exception {
        List<String> heard = new ArrayList<>();
        locks.addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                heard.add("started");
            }

            @Override
            public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
                heard.add("ended");
            }

            @Override
            public void waitBroken(LockRow request, Duration waited) {
                heard.add("broken");
            }
        });
        a.acquires(ACCOUNTS, X);
        Future<WaitOutcome> waits = b.seenWaiting(b.starts(() -> {
            Ambush.lay(spot, Ambush::fail);
            return locks.acquire(b.owner, ACCOUNTS, X, HOUR);
        }));
        ends(a, locks);

        assertThatThrownBy(() -> SessionThread.finish(waits)).hasRootCauseInstanceOf(OutOfMemoryError.class);

        assertThat(heard).containsExactly("started", "broken");
        ends(b, locks);
    }

    @ParameterizedTest
    @EnumSource(
            value = Spot.class,
            names = {"OWNER_ENDED", "GRANT_REMOVED", "GRANTED_NOT_TOLD"})
    void aTransactionWhoseEndFailsHoldsNothingOnceItsSessionHasGone(Spot spot) throws Exception {
        a.acquires(ACCOUNTS, X);
        a.acquires(ORDERS, X);
        Future<WaitOutcome> first = b.waitsFor(ACCOUNTS, X);
        Future<WaitOutcome> second = c.waitsFor(ORDERS, X);

        assertThatThrownBy(() -> a.does(() -> {
                    Ambush.lay(spot, Ambush::fail);
                    locks.releaseAll(a.owner);
                    return true;
                }))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        locks.unregister(a.owner);

        assertThat(Ambush.lift()).as("nobody came to " + spot).isFalse();
        assertThat(SessionThread.finish(first)).isInstanceOf(WaitOutcome.Acquired.class);
        assertThat(SessionThread.finish(second)).isInstanceOf(WaitOutcome.Acquired.class);
        assertThat(locks.snapshot().rows()).allMatch(LockRow::granted);
    }

    @Test
    void aTransactionWhoseEndFailsGivesItsLocksBackAllTheSame() throws Exception {
        a.acquires(ACCOUNTS, X);
        assertThatThrownBy(() -> a.does(() -> {
                    Ambush.lay(Spot.OWNER_ENDED, Ambush::fail);
                    locks.releaseAll(a.owner);
                    return true;
                }))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);

        c.acquires(ACCOUNTS, X);
        a.acquires(ORDERS, X);
        ends(a, locks);
        c.acquires(ORDERS, X);
    }

    @Test
    void aDeadlockThatFailsWhileItIsBrokenIsBrokenAllTheSame() throws Exception {
        a.acquires(ACCOUNTS, X);
        b.acquires(ORDERS, X);
        Future<WaitOutcome> aWaits = a.waitsFor(ORDERS, X);

        assertThatThrownBy(() -> failing(b, Spot.CYCLE_FOUND, locks, ACCOUNTS))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        ends(b, locks);

        assertThat(SessionThread.finish(aWaits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void anIntentLockThatFailsInItsSlotGoesWithTheTransaction() throws Exception {
        assertThatThrownBy(() -> a.does(() -> {
                    Ambush.lay(Spot.SLOT_WRITTEN, Ambush::fail);
                    return locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX);
                }))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        Future<WaitOutcome> next = c.waitsFor(ACCOUNTS, X);

        ends(a, locks);

        assertThat(SessionThread.finish(next)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    /**
     *
     *
     * <pre>
     * a                      b                     c
     * gate open? yes
     *                        closes it, has X
     * slot := IX
     *                                              asks for S: what of a's slot?
     * gate closed: undoes
     * </pre>
     */
    @Test
    void aSlotThatIsWrittenBehindAClosedGateIsNobodysLock() throws Exception {
        boolean taken = a.does(() -> {
            Ambush.lay(Spot.SLOT_CHOSEN, () -> {
                join(b, X);
                Ambush.lay(Spot.SLOT_WRITTEN, () -> assertThat(refused(c, S)).isTrue());
            });
            return locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX);
        });

        assertThat(Ambush.lift()).isFalse();
        assertThat(taken).as("granted past b's exclusive lock").isFalse();
        assertThat(locks.snapshot().rows())
                .filteredOn(row -> row.target().equals(ACCOUNTS))
                .singleElement()
                .satisfies(row -> assertThat(row.owner().session()).isEqualTo(2));
    }

    private static void join(SessionThread thread, LockMode mode) {
        try {
            thread.acquires(ACCOUNTS, mode);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean refused(SessionThread thread, LockMode mode) {
        try {
            return thread.acquires(ACCOUNTS, mode, WaitRule.noWait()) instanceof WaitOutcome.Refused;
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatThrowsKeepsNobodyFromItsNews() throws Exception {
        List<LockRow> told = new ArrayList<>();
        locks.addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                throw new StackOverflowError("injected");
            }
        });
        locks.addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                told.add(request);
            }
        });
        SessionThread d = thread(4); // Listens after the one that throws.
        a.acquires(ROW, X);
        Future<WaitOutcome> waits = d.waitsFor(ROW, X);
        ends(a, locks);

        assertThat(SessionThread.finish(waits)).isInstanceOf(WaitOutcome.Acquired.class);
        assertThat(told).hasSize(1);
    }

    @Test
    void whatIsLeftOfASessionThatIsNoMoreCanBeReleased() throws Exception {
        LockOwner gone = locks.register(9, new UserName("SA"));
        a.does(() -> locks.acquire(gone, ACCOUNTS, X, HOUR));
        locks.unregister(
                locks.register(9, new UserName("SA"))); // Nobody is there any more, as an Error could leave it.
        Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, X);

        assertThat(locks.releaseDefunct()).isEqualTo(1);

        assertThat(SessionThread.finish(waits)).isInstanceOf(WaitOutcome.Acquired.class);
        assertThat(locks.releaseDefunct()).isZero();
    }
}
