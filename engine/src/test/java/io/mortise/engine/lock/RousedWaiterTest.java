package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.engine.text.UserName;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is about to be told that it gives way is woken before that is decided; nobody else is. */
@Timeout(10)
class RousedWaiterTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 1);
    private static final LockTarget.Table ORDERS = new LockTarget.Table(1, 2);
    private static final LockTarget.Row ONE = new LockTarget.Row(ACCOUNTS, 1);
    private static final LockTarget.Row TWO = new LockTarget.Row(ACCOUNTS, 2);

    private final LockManager locks = new LockManager(System::nanoTime);
    private final LockOwner a = owner(1);
    private final LockOwner b = owner(2);
    private final LockOwner c = owner(3);

    private LockOwner owner(int session) {
        LockOwner owner = locks.register(session, UserName.NONE);
        locks.begin(owner);
        return owner;
    }

    /** A waits for a row that another has in storage. */
    private Waiter waitsFor(LockOwner holder) {
        LockRequest request = new LockRequest(a.id(), ONE, LockMode.X, StatementRecord.NONE, 0, WaitRule.Place.IN_LINE);
        Waiter waiter = new Waiter(request, WaitRule.upTo(1_000), Optional.of(holding(holder)));
        a.waits(waiter);
        return waiter;
    }

    private static Holding holding(LockOwner owner) {
        return new Holding(owner.id(), StatementRecord.NONE);
    }

    private void asksForWhatAHas(LockOwner owner, WaitRule rule) {
        locks.acquireFrom(holding(a), owner, TWO, LockMode.X, rule);
    }

    @Test
    void whoWaitsForTheOneWhoAsksIsRoused() {
        assumeSeveralProcessors();
        Waiter waiter = waitsFor(b);
        asksForWhatAHas(b, WaitRule.upTo(1));
        assertThat(waiter.isRoused()).isTrue();
    }

    @Test
    void whoWaitsForAnotherSleepsOn() {
        Waiter waiter = waitsFor(c);
        asksForWhatAHas(b, WaitRule.upTo(1));
        assertThat(waiter.isRoused()).isFalse();
    }

    @Test
    void aRequestThatDoesNotWaitRousesNobody() {
        Waiter waiter = waitsFor(b);
        asksForWhatAHas(b, WaitRule.noWait());
        assertThat(waiter.isRoused()).isFalse();
    }

    @Test
    void nobodyIsRousedAfterItsWait() {
        Waiter waiter = waitsFor(b);
        a.hasWaited(1);
        asksForWhatAHas(b, WaitRule.upTo(1));
        assertThat(waiter.isRoused()).isFalse();
    }

    private Waiter asksForWhatAHas(long nanos) {
        LockRequest request =
                new LockRequest(b.id(), TWO, LockMode.X, StatementRecord.NONE, nanos, WaitRule.Place.IN_LINE);
        return new Waiter(request, WaitRule.upTo(1), Optional.of(holding(a)));
    }

    @Test
    void inAStormFewAreRoused() {
        assumeSeveralProcessors();
        Parties parties = new Parties();
        parties.add(a);
        Waiter first = waitsFor(b);
        parties.rouseFor(asksForWhatAHas(0));
        assertThat(first.isRoused()).isTrue();
        Waiter second = waitsFor(b);
        parties.rouseFor(asksForWhatAHas(9_000_000));
        assertThat(second.isRoused()).isFalse();
        parties.rouseFor(asksForWhatAHas(10_000_000));
        assertThat(second.isRoused()).isTrue();
    }

    @Test
    void whoIsRousedSleepsAgainIfItHearsNothing() {
        Waiter waiter = waitsFor(b);
        waiter.rouse();
        waiter.park(TimeUnit.DAYS.toNanos(1));
        assertThat(waiter.isRoused()).isFalse();
        assertThat(waiter.isOver()).isFalse();
    }

    /** The closer takes its time to tell of the deadlock: until the victim's locks are with others. */
    @Test
    void theVictimGoesOnWhenTheDeadlockIsToldAndItsLocksAreGivenBack() throws Exception {
        AtomicBoolean isTold = new AtomicBoolean();
        try (SessionThread victim = new SessionThread(4, locks);
                SessionThread closer = new SessionThread(5, locks)) {
            locks.addListener(new LockListener() {
                @Override
                public void deadlockFound(DeadlockReport report) {
                    while (locks.waiting(5).isPresent()) {
                        Thread.onSpinWait();
                    }
                    isTold.set(true);
                }
            });
            victim.owner.setDeadlockPriority(-5);
            victim.acquires(ACCOUNTS, LockMode.X);
            closer.acquires(ORDERS, LockMode.X);
            Future<WaitOutcome> waits = victim.waitsFor(ORDERS, LockMode.X);
            Future<WaitOutcome> closes = closer.starts(
                    () -> locks.acquire(closer.owner, ACCOUNTS, LockMode.X, WaitRule.upTo(TimeUnit.HOURS.toMillis(1))));
            assertThat(SessionThread.finish(waits)).isInstanceOf(WaitOutcome.DeadlockVictim.class);
            assertThat(isTold).isFalse();
            victim.releasesAll();
            assertThat(isTold).isTrue();
            assertThat(SessionThread.finish(closes)).isInstanceOf(WaitOutcome.Acquired.class);
        }
    }

    private static void assumeSeveralProcessors() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "nobody is roused on one processor");
    }
}
