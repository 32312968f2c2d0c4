package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.IX;
import static io.mortise.engine.lock.LockMode.S;
import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread a session; each step finishes or is seen waiting, so every interleaving here is the one written down. */
@Timeout(120)
class LockManagerTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 39);
    private static final LockTarget.Table ORDERS = new LockTarget.Table(1, 40);
    private static final LockTarget.Row ROW = new LockTarget.Row(ACCOUNTS, 1);
    private static final WaitRule HOUR = WaitRule.upTo(TimeUnit.HOURS.toMillis(1));

    private final LockManager locks = new LockManager(System::nanoTime);
    private final List<SessionThread> threads = new ArrayList<>();
    private final SessionThread a = thread(1);
    private final SessionThread b = thread(2);

    @AfterEach
    void nothingIsLeft() {
        threads.forEach(SessionThread::close);
        assertThat(locks.snapshot().rows()).isEmpty();
        locks.close();
    }

    private static Holding holding(OwnerId owner) {
        return new Holding(owner, StatementRecord.NONE);
    }

    @Test
    void theVictimIsToldAndTheSurvivorGetsItsLock() throws Exception {
        a.acquires(ACCOUNTS, X);
        b.acquires(ORDERS, X);
        Future<WaitOutcome> aWaits = a.waitsFor(ORDERS, X);
        WaitOutcome bEnds = b.acquires(ACCOUNTS, X);
        assertThat(bEnds).isInstanceOf(WaitOutcome.DeadlockVictim.class);
        DeadlockReport report = ((WaitOutcome.DeadlockVictim) bEnds).report();
        assertThat(report.members())
                .extracting(member -> member.party().owner().session())
                .containsExactly(2, 1);
        assertThat(report.members())
                .allMatch(member -> !member.party().stack().isEmpty() || member.edge() == EdgeKind.HOLDS);
        b.releasesAll();
        assertThat(SessionThread.finish(aWaits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void aVictimThatWaitsIsWokenAndTheCloserWaitsOn() throws Exception {
        a.owner.setDeadlockPriority(-5);
        a.acquires(ACCOUNTS, X);
        b.acquires(ORDERS, X);
        Future<WaitOutcome> aWaits = a.waitsFor(ORDERS, X);
        Future<WaitOutcome> bWaits = b.waitsFor(ACCOUNTS, X);
        assertThat(SessionThread.finish(aWaits)).isInstanceOf(WaitOutcome.DeadlockVictim.class);
        a.releasesAll();
        assertThat(SessionThread.finish(bWaits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void aHolderThatIsEnteredLateClosesCyclesForOthersInTheQueueToo() throws Exception {
        LockTarget.Row other = new LockTarget.Row(ACCOUNTS, 2);
        SessionThread first = thread(3);
        SessionThread second = thread(4);
        a.does(() -> locks.begin(a.owner));
        b.does(() -> locks.begin(b.owner));
        b.owner.countRowsChanged(5);
        Future<WaitOutcome> firstWaits = first.waitsFor(ROW, a, HOUR);
        Future<WaitOutcome> secondWaits = second.waitsFor(ROW, a, HOUR);
        second.owner.countRowsChanged(5);
        a.releasesAll(); // The row is handed to first, but b is faster in storage, and then waits for second:
        SessionThread.finish(firstWaits);
        Future<WaitOutcome> bWaits = b.waitsFor(other, second, HOUR);
        // first looks at storage, finds b, and gives way as one of three; b and second are left waiting for each other.
        WaitOutcome ends = first.does(() -> locks.acquireFrom(holding(b.owner.id()), first.owner, ROW, X, HOUR));
        assertThat(ends).isInstanceOf(WaitOutcome.DeadlockVictim.class);
        WaitOutcome youngest = SessionThread.finish(secondWaits);
        assertThat(youngest).isInstanceOf(WaitOutcome.DeadlockVictim.class);
        second.releasesAll();
        assertThat(SessionThread.finish(bWaits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void aDeadlockIsToldOnce() throws Exception {
        List<DeadlockReport> told = new ArrayList<>();
        locks.addListener(new LockListener() {
            @Override
            public void deadlockFound(DeadlockReport report) {
                told.add(report);
            }
        });
        theVictimIsToldAndTheSurvivorGetsItsLock();
        assertThat(told).hasSize(1);
    }

    // --- every end of a wait, each with its own reason
    // -------------------------------------------------------------------

    @Test
    void noWaitMeansTimeoutAtOnceAndKeepsWhatWasHeld() throws Exception {
        a.acquires(ACCOUNTS, X);
        b.acquires(ORDERS, X);
        assertEnded(b.acquires(ACCOUNTS, X, WaitRule.noWait()), WaitEnd.TIMEOUT);
        assertThat(locks.snapshot().rows()).extracting(LockRow::target).containsExactlyInAnyOrder(ACCOUNTS, ORDERS);
    }

    @Test
    void aTimeoutReportsBlockersAndQueue() throws Exception {
        SessionThread c = thread(3);
        a.acquires(ACCOUNTS, X);
        Future<WaitOutcome> bWaits = b.waitsFor(ACCOUNTS, X);
        WaitReport report = assertEnded(c.acquires(ACCOUNTS, X, WaitRule.upTo(20)), WaitEnd.TIMEOUT);
        assertThat(report.request().blockers())
                .extracting(LockRow.Blocker::kind)
                .containsExactly(EdgeKind.HOLDS, EdgeKind.QUEUED_AHEAD);
        assertThat(report.queue()).extracting(row -> row.owner().session()).containsExactly(2);
        assertThat(report.blockers())
                .extracting(party -> party.owner().session())
                .containsExactly(1, 2);
        assertThat(report.waitedNanos())
                .isGreaterThanOrEqualTo(Duration.ofMillis(20).toNanos());
        a.releasesAll();
        SessionThread.finish(bWaits);
    }

    @Test
    void aWaitEndsAtTheWordOfAnother() throws Exception {
        for (WaitEnd end : List.of(
                WaitEnd.CANCELLED,
                WaitEnd.KILLED,
                WaitEnd.ABORTED,
                WaitEnd.SESSION_CLOSED,
                WaitEnd.CONNECTION_CLOSED)) {
            a.acquires(ACCOUNTS, X);
            Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, X);
            assertThat(locks.endWait(2, new WaitEnding(end, 9))).isTrue();
            WaitOutcome outcome = SessionThread.finish(waits);
            assertEnded(outcome, end);
            assertThat(((WaitOutcome.Refused) outcome).ending().bySession()).isEqualTo(9);
            assertThat(locks.endWait(2, new WaitEnding(end, 9))).isFalse();
        }
    }

    @Test
    void anInterruptEndsTheWaitAndTheFlagStays() throws Exception {
        a.acquires(ACCOUNTS, X);
        AtomicReference<WaitOutcome> outcome = new AtomicReference<>();
        Future<Boolean> flag = b.seenWaiting(b.starts(() -> {
            outcome.set(locks.acquire(b.owner, ACCOUNTS, X, HOUR));
            return Thread.currentThread().isInterrupted();
        }));
        b.interrupt();
        assertThat(SessionThread.finish(flag)).isTrue();
        assertEnded(Objects.requireNonNull(outcome.get()), WaitEnd.INTERRUPTED);
    }

    @Test
    void whatStorageHasBeenToldIsSeenAtTheNextTick() throws Exception {
        AtomicBoolean told = new AtomicBoolean();
        WaitRule rule = new WaitRule(HOUR.timeoutMillis(), new WaitWatch() {
            @Override
            public Optional<WaitEnding> ending() {
                return told.get() ? Optional.of(WaitEnding.of(WaitEnd.QUERY_TIMEOUT)) : Optional.empty();
            }
        });
        a.acquires(ACCOUNTS, X);
        Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, X, rule);
        told.set(true);
        assertEnded(SessionThread.finish(waits), WaitEnd.QUERY_TIMEOUT);
    }

    @Test
    void aRowThatWasLetGoIsSeenAtTheNextTick() throws Exception {
        AtomicBoolean letGo = new AtomicBoolean();
        WaitRule rule = new WaitRule(HOUR.timeoutMillis(), new WaitWatch() {
            @Override
            public boolean hasLetGo(OwnerId holder) {
                return letGo.get();
            }
        });
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));
        Future<WaitOutcome> waits = b.waitsFor(ROW, a, rule);
        letGo.set(true);
        assertThat(SessionThread.finish(waits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void theWatchIsAskedOfWhoeverHoldsTheRowNow() throws Exception {
        SessionThread c = thread(3);
        CompletableFuture<OwnerId> asked = new CompletableFuture<>();
        OwnerId first = a.does(() -> {
            locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX);
            return a.owner.id();
        });
        WaitRule rule = new WaitRule(HOUR.timeoutMillis(), new WaitWatch() {
            @Override
            public boolean hasLetGo(OwnerId holder) {
                return !holder.equals(first) && asked.complete(holder);
            }
        });
        Future<WaitOutcome> second = b.waitsFor(ROW, a, HOUR);
        Future<WaitOutcome> third = c.waitsFor(ROW, a, rule);
        a.releasesAll();
        SessionThread.finish(second);
        b.does(() -> {
            locks.confirm(b.owner, ROW);
            return b.owner;
        });
        assertThat(asked.get(60, TimeUnit.SECONDS)).isEqualTo(b.owner.id());
        assertThat(SessionThread.finish(third)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void shutdownEndsEveryWaitAndWhateverComesLater() throws Exception {
        a.acquires(ACCOUNTS, X);
        Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, X);
        locks.close();
        assertEnded(SessionThread.finish(waits), WaitEnd.SHUTDOWN);
        assertEnded(b.acquires(ORDERS, X), WaitEnd.SHUTDOWN);
    }

    @Test
    void eightWaitersAreServedInTheirOrder() throws Exception {
        locks.setBarging(0);
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));
        List<Integer> served = new ArrayList<>();
        List<Future<WaitOutcome>> waits = new ArrayList<>();
        List<SessionThread> waiters = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiters.add(thread(10 + i));
            waits.add(waiters.get(i).waitsFor(ROW, a, HOUR));
        }
        a.releasesAll();
        for (int i = 0; i < 8; i++) {
            SessionThread.finish(waits.get(i));
            assertThat(waits.stream().filter(Future::isDone)).hasSize(i + 1);
            served.add(i);
            waiters.get(i).releasesAll();
        }
        assertThat(served).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    // --- the fast path
    // -------------------------------------------------------------------------------------------------

    @Test
    void anIntentLockThatIsGivenBackLeavesRoomForTheNext() throws Exception {
        for (int i = 0; i < 100; i++) {
            assertThat(a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX)))
                    .isTrue();
            a.does(() -> {
                locks.release(a.owner.id(), ACCOUNTS);
                return a.owner;
            });
        }
        b.acquires(ACCOUNTS, X);
        assertThat(locks.snapshot().rows()).extracting(LockRow::owner).containsExactly(b.owner.id());
    }

    @Test
    void anIntentLockOfTheFastPathBlocksAStrongLock() throws Exception {
        assertThat(a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX)))
                .isTrue();
        Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, S);
        assertThat(locks.waiting(2).orElseThrow().blockers())
                .extracting(LockRow.Blocker::owner)
                .containsExactly(a.owner.id());
        a.releasesAll();
        assertThat(SessionThread.finish(waits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void theFastPathIsClosedWhileAStrongLockIsWantedAndOpensAgain() throws Exception {
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));
        Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, X);
        SessionThread c = thread(3);
        assertThat(c.does(() -> locks.tryIntent(c.owner, locks.gate(ACCOUNTS), IX)))
                .isFalse();
        assertThat(c.does(() -> locks.tryIntent(c.owner, locks.gate(ORDERS), IX)))
                .isTrue();
        locks.endWait(2, WaitEnding.of(WaitEnd.CANCELLED));
        SessionThread.finish(waits);
        assertThat(c.does(() -> locks.tryIntent(c.owner, locks.gate(ACCOUNTS), IX)))
                .isTrue();
    }

    @Test
    void anIntentLockOfTheFastPathCanBeGivenBackByItself() throws Exception {
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));
        a.does(() -> {
            locks.release(a.owner.id(), ACCOUNTS);
            return true;
        });
        assertThat(b.acquires(ACCOUNTS, X, WaitRule.noWait())).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void aMovedIntentLockIsStillTheOwners() throws Exception {
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));
        Future<WaitOutcome> waits = b.waitsFor(ACCOUNTS, X);
        assertThat(a.acquires(ACCOUNTS, IX)).isInstanceOf(WaitOutcome.Acquired.class);
        a.releasesAll();
        SessionThread.finish(waits);
    }

    @Test
    void aWholeSchemaWaitsForWhatIsLockedInIt() throws Exception {
        LockTarget schema = new LockTarget.Schema(1);
        a.does(() -> locks.tryIntent(a.owner, locks.gate(ACCOUNTS), IX));
        Future<WaitOutcome> waits = b.waitsFor(schema, X);
        SessionThread c = thread(3);
        assertThat(c.does(() -> locks.tryIntent(c.owner, locks.gate(ORDERS), IX)))
                .isFalse();
        Future<WaitOutcome> cWaits = c.waitsFor(ORDERS, IX);
        assertThat(locks.waiting(3).orElseThrow().target()).isEqualTo(schema);
        a.releasesAll();
        SessionThread.finish(waits);
        b.releasesAll();
        SessionThread.finish(cWaits);
        assertThat(a.does(() -> locks.tryIntent(a.owner, locks.gate(ORDERS), IX)))
                .isTrue();
    }

    @Test
    void moreTablesThanSlotsAreLockedAllTheSame() throws Exception {
        for (int table = 100; table < 150; table++) {
            LockTarget.Table target = new LockTarget.Table(1, table);
            if (!a.does(() -> locks.tryIntent(a.owner, locks.gate(target), IX))) {
                a.acquires(target, IX);
            }
        }
        assertThat(locks.snapshot().rows()).hasSize(50);
    }

    // --- statement slots
    // -------------------------------------------------------------------------------------------------

    @Test
    void aStatementSlotAndARowLockInOneCycle() throws Exception {
        LockTarget slotOfB = new LockTarget.StatementSlot(2);
        a.acquires(ACCOUNTS, X);
        Future<WaitOutcome> bWaits = b.waitsFor(ACCOUNTS, X); // in flight on session 2
        Future<WaitOutcome> aWaits =
                a.starts(() -> locks.acquireFrom(holding(new OwnerId(2, 0)), a.owner, slotOfB, X, HOUR));
        assertThat(SessionThread.finish(bWaits))
                .isInstanceOfSatisfying(
                        WaitOutcome.DeadlockVictim.class,
                        victim -> assertThat(victim.report().members())
                                .extracting(DeadlockReport.Member::edge)
                                .containsExactly(EdgeKind.STATEMENT_SLOT, EdgeKind.HOLDS));
        locks.release(new OwnerId(2, 0), slotOfB);
        assertThat(SessionThread.finish(aWaits)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    private static WaitReport assertEnded(WaitOutcome outcome, WaitEnd end) {
        assertThat(outcome).isInstanceOf(WaitOutcome.Refused.class);
        WaitOutcome.Refused refused = (WaitOutcome.Refused) outcome;
        assertThat(refused.ending().end()).isEqualTo(end);
        return refused.report();
    }

    private SessionThread thread(int session) {
        SessionThread thread = new SessionThread(session, locks);
        threads.add(thread);
        return thread;
    }
}
