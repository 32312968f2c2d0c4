package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.IS;
import static io.mortise.engine.lock.LockMode.IX;
import static io.mortise.engine.lock.LockMode.S;
import static io.mortise.engine.lock.LockMode.SIX;
import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No threads: the table only decides, so an interleaving is the order of the lines. */
class LockTableTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 39);
    private static final LockTarget.Table ORDERS = new LockTarget.Table(1, 40);
    private static final LockTarget.Row ROW = new LockTarget.Row(ACCOUNTS, 1);
    private static final LockTarget.Row OTHER_ROW = new LockTarget.Row(ACCOUNTS, 2);
    private static final OwnerId A = new OwnerId(1, 101);
    private static final OwnerId B = new OwnerId(2, 102);
    private static final OwnerId C = new OwnerId(3, 103);
    private static final OwnerId D = new OwnerId(4, 104);

    private final Map<OwnerId, Integer> priorities = new HashMap<>();
    private final Map<OwnerId, Long> changed = new HashMap<>();
    private final LockTable table = new LockTable(
            new Victims(new Victims.Facts() {
                @Override
                public int priority(OwnerId owner) {
                    return priorities.getOrDefault(owner, 0);
                }

                @Override
                public long rowsChanged(OwnerId owner) {
                    return changed.getOrDefault(owner, 0L);
                }
            }),
            queue -> {});
    private long now = 1_000;

    // --- granting
    // ------------------------------------------------------------------------------------------------------

    @Test
    void compatibleLocksAreGrantedTogether() {
        assertThat(request(A, ACCOUNTS, IX)).isInstanceOf(Decision.Granted.class);
        assertThat(request(B, ACCOUNTS, IX)).isInstanceOf(Decision.Granted.class);
        assertThat(request(C, ACCOUNTS, IS)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void aConflictingRequestWaitsForEveryHolderInTheWay() {
        request(A, ACCOUNTS, IX);
        request(B, ACCOUNTS, IS);
        request(C, ACCOUNTS, IX);
        assertThat(request(D, ACCOUNTS, S)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(D)).containsExactly(A, C);
    }

    @Test
    void aNewcomerThatConflictsWithAWaiterQueuesBehindIt() {
        request(A, ACCOUNTS, IX);
        request(B, ACCOUNTS, S);
        assertThat(request(C, ACCOUNTS, IX)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(C)).containsExactly(B);
        assertThat(kindOfFirstEdge(C)).isEqualTo(EdgeKind.QUEUED_AHEAD);
    }

    @Test
    void aNewcomerThatConflictsWithNobodyPasses() {
        request(A, ACCOUNTS, IX);
        request(B, ACCOUNTS, S);
        assertThat(request(C, ACCOUNTS, IS)).isInstanceOf(Decision.Granted.class);
    }

    @Test
    void waitersAreServedInTheOrderOfTheirComing() {
        request(A, ACCOUNTS, X);
        request(B, ACCOUNTS, X);
        request(C, ACCOUNTS, X);
        request(D, ACCOUNTS, X);
        assertThat(releaseAll(A)).containsExactly(B);
        assertThat(releaseAll(B)).containsExactly(C);
        assertThat(releaseAll(C)).containsExactly(D);
    }

    @Test
    void sharedWaitersAreServedTogetherUpToTheFirstThatConflicts() {
        request(A, ACCOUNTS, X);
        request(B, ACCOUNTS, S);
        request(C, ACCOUNTS, S);
        request(D, ACCOUNTS, X);
        assertThat(releaseAll(A)).containsExactly(B, C);
        assertThat(releaseAll(B)).isEmpty();
        assertThat(releaseAll(C)).containsExactly(D);
    }

    @Test
    void aWaiterThatGoesAwayLetsThoseBehindItIn() {
        request(A, ACCOUNTS, IX);
        request(B, ACCOUNTS, S);
        request(C, ACCOUNTS, IX);
        table.withdraw(B.session(), now);
        assertThat(table.takeGranted()).containsExactly(C);
    }

    // --- conversions
    // ---------------------------------------------------------------------------------------------------

    @Test
    void aCoveredRequestIsGrantedThoughOthersWait() {
        request(A, ACCOUNTS, X);
        request(B, ACCOUNTS, X);
        assertThat(request(A, ACCOUNTS, S)).isInstanceOf(Decision.Granted.class);
        assertThat(modeOf(A)).isEqualTo(X);
    }

    @Test
    void aConversionToTheJoinOfBothModes() {
        request(A, ACCOUNTS, IX);
        assertThat(request(A, ACCOUNTS, S)).isInstanceOf(Decision.Granted.class);
        assertThat(modeOf(A)).isEqualTo(SIX);
    }

    @Test
    void aConversionWaitsBeforeNewcomers() {
        request(A, ACCOUNTS, S);
        request(B, ACCOUNTS, S);
        request(C, ACCOUNTS, X);
        assertThat(request(A, ACCOUNTS, X)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(A)).containsExactly(B);
        assertThat(releaseAll(B)).containsExactly(A);
        assertThat(releaseAll(A)).containsExactly(C);
    }

    @Test
    void twoConversionsThatWaitForEachOtherAreADeadlock() {
        request(A, ACCOUNTS, S);
        request(B, ACCOUNTS, S);
        request(A, ACCOUNTS, X);
        assertDeadlock(request(B, ACCOUNTS, X), B, B, A);
        assertThat(releaseAll(B)).containsExactly(A);
    }

    // --- deadlocks
    // -----------------------------------------------------------------------------------------------------

    @Test
    void theRequestThatClosesACycleNamesTheCycle() {
        request(A, ACCOUNTS, X);
        request(B, ORDERS, X);
        request(A, ORDERS, X);
        assertDeadlock(request(B, ACCOUNTS, X), B, B, A);
        assertThat(releaseAll(B)).containsExactly(A);
    }

    @Test
    void theLowestPriorityGivesWay() {
        priorities.put(A, -1);
        changed.put(B, 0L);
        changed.put(A, 1_000_000L);
        closeCycleOfTwo();
        assertThat(table.pendingOf(A.session())).isEmpty();
        assertThat(table.pendingOf(B.session())).isPresent();
    }

    @Test
    void thenWhoHasChangedLess() {
        changed.put(A, 1L);
        changed.put(B, 2L);
        closeCycleOfTwo();
        assertThat(table.pendingOf(A.session())).isEmpty();
    }

    @Test
    void thenTheYoungest() {
        closeCycleOfTwo();
        assertThat(table.pendingOf(B.session())).isEmpty();
        assertThat(table.pendingOf(A.session())).isPresent();
    }

    @Test
    void aRequestThatJoinsACycleOfOthersIsNoDeadlock() {
        request(A, ACCOUNTS, X);
        request(B, ORDERS, X);
        request(A, ORDERS, X);
        assertThat(request(C, ACCOUNTS, S)).isInstanceOf(Decision.Waiting.class);
    }

    @Test
    void twoCyclesClosedAtOnceAreBrokenOneAfterTheOther() {
        request(A, ACCOUNTS, S);
        request(B, ACCOUNTS, S);
        request(C, ORDERS, X);
        request(A, ORDERS, S);
        request(B, ORDERS, S);
        changed.put(C, 5L);
        Decision first = request(C, ACCOUNTS, X);
        assertThat(first).isInstanceOf(Decision.Deadlock.class);
        Decision second = table.look(C, now);
        assertThat(second).isInstanceOf(Decision.Deadlock.class);
        assertThat(List.of(((Decision.Deadlock) first).victim(), ((Decision.Deadlock) second).victim()))
                .containsExactlyInAnyOrder(A, B);
        assertThat(table.look(C, now)).isInstanceOf(Decision.Waiting.class);
    }

    @Test
    void aCycleWithAQueuePositionIsBrokenByReorderingAndNobodyDies() {
        // granted C{IX accounts}; waiting B{S accounts} behind C, A{IX accounts} behind B; B holds orders, C waits for
        // A.
        request(C, ACCOUNTS, IX);
        request(A, ROW, X);
        request(B, ACCOUNTS, S);
        assertThat(request(A, ACCOUNTS, IX)).isInstanceOf(Decision.Waiting.class);
        assertThat(request(C, ROW, X)).isInstanceOf(Decision.Waiting.class);
        assertThat(table.takeGranted()).containsExactly(A);
        assertThat(releaseAll(A)).containsExactly(C);
        assertThat(releaseAll(C)).containsExactly(B);
    }

    @Test
    void aCycleWithAQueuePositionThatReorderingDoesNotBreakHasAVictim() {
        request(C, ACCOUNTS, IX);
        request(A, ROW, X);
        request(B, ORDERS, X);
        request(B, ACCOUNTS, X); // B waits for C
        request(A, ORDERS, X); // A waits for B
        Decision decision = request(C, ROW, X); // C waits for A: all edges HOLDS
        assertDeadlock(decision, C, C, A, B);
    }

    // --- locks that storage decides on
    // ---------------------------------------------------------------------------------

    @Test
    void aLockThatStorageHasIsEnteredForItsHolder() {
        assertThat(requestFrom(A, B, ROW)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(B)).containsExactly(A);
        assertThat(table.rows()).filteredOn(LockRow::granted).allMatch(LockRow::implicit);
        assertThat(releaseAll(A)).containsExactly(B);
    }

    @Test
    void whoWasPassedOverGoesBackToTheHead() {
        requestFrom(A, B, ROW);
        requestFrom(A, C, ROW);
        releaseAll(A); // handed to B, but D is faster in storage
        assertThat(requestFrom(D, B, ROW)).isInstanceOf(Decision.Waiting.class);
        assertThat(table.pendingOf(B.session()).orElseThrow().passedOver()).isEqualTo(1);
        assertThat(releaseAll(D)).containsExactly(B);
    }

    @Test
    void whoWasGrantedWhatNobodyHadAndFindsItTakenInStorageWaitsForTheTaker() {
        request(A, ROW, X);
        assertThat(requestFrom(D, A, ROW)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(A)).containsExactly(D);
    }

    @Test
    void whileALockIsHandedOverOthersStandBehindItsNewOwner() {
        requestFrom(A, B, ROW);
        releaseAll(A);
        assertThat(requestFrom(D, C, ROW)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(C)).containsExactly(B);
    }

    @Test
    void aLockThatStorageHasLetGoIsGivenOn() {
        requestFrom(A, B, ROW);
        table.releaseLetGo(A, ROW, now);
        assertThat(table.takeGranted()).containsExactly(B);
    }

    @Test
    void aLockThatIsBeingHandedOverIsNotTakenForOneThatWasLetGo() {
        requestFrom(A, B, ROW);
        requestFrom(A, C, ROW);
        releaseAll(A);
        table.releaseLetGo(B, ROW, now);
        assertThat(table.takeGranted()).isEmpty();
        table.confirm(B, ROW);
        table.releaseLetGo(B, ROW, now);
        assertThat(table.takeGranted()).containsExactly(C);
    }

    @Test
    void aLockThatOneHasLetGoIsNotTakenFromAnother() {
        requestFrom(A, B, ROW);
        requestFrom(A, C, ROW);
        releaseAll(A);
        table.confirm(B, ROW);
        table.takeGranted();
        table.releaseLetGo(A, ROW, now);
        assertThat(table.takeGranted()).isEmpty();
    }

    @Test
    void storageSaysThatAnotherHoldsWhatWasLetGo() {
        requestFrom(A, B, ROW);
        assertThat(requestFrom(D, C, ROW)).isInstanceOf(Decision.Waiting.class);
        assertThat(table.rows())
                .filteredOn(LockRow::granted)
                .extracting(LockRow::owner)
                .containsExactly(D);
    }

    @Test
    void aMixedCycleOfStorageAndTableIsFound() {
        requestFrom(A, B, ROW); // B waits for A's row
        request(B, ORDERS, X);
        assertThat(request(A, ORDERS, IX)).isInstanceOf(Decision.Deadlock.class);
    }

    @Test
    void aPassingThreadIsAdmittedWhileNobodyHasBeenHandedTheRow() {
        requestFrom(A, B, ROW);

        assertThat(admits(D, 9_000_000)).isTrue();
        assertThat(table.queue(ROW).orElseThrow().admits(D, now, 0)).isFalse();
    }

    @Test
    void whoWasHandedTheRowAndSleepsIsPassedForTwiceTheBargingTime() {
        requestFrom(A, B, ROW);
        now = 9_000;
        releaseAll(A);

        assertThat(admits(D, 10_999)).isTrue();
        assertThat(admits(D, 11_000)).isFalse();
        assertThat(table.queue(ROW).orElseThrow().admits(D, now, 0)).isFalse();
    }

    @Test
    void whoIsAwakeIsNotPassed() {
        requestFrom(A, B, ROW);
        now = 9_000;
        releaseAll(A);
        table.awakes(C, ROW); // was handed nothing
        assertThat(admits(D, 9_000)).isTrue();

        table.awakes(B, ROW);

        assertThat(admits(D, 9_000)).isFalse();
        assertThat(admits(B, 9_000)).isTrue();
    }

    @Test
    void whoGoesBackToSleepIsPassedAgainUntilItsTimeIsUp() {
        requestFrom(A, B, ROW);
        now = 9_000;
        releaseAll(A);
        table.awakes(B, ROW);
        now = 9_500;
        requestFrom(D, B, ROW); // D had passed it before, and works for long.

        assertThat(admits(C, 9_999)).isTrue();
        assertThat(admits(C, 10_000)).isFalse();
        now = 10_100;
        assertThat(releaseAll(D)).containsExactly(B);
        assertThat(admits(C, 10_999)).isTrue();
        assertThat(admits(C, 11_000)).isFalse();
    }

    @Test
    void theTimeOfTheNextBeginsWhenItIsHandedTheRow() {
        requestFrom(A, B, ROW);
        requestFrom(A, C, ROW);
        now = 9_000;
        releaseAll(A); // B is handed the row, and its thread takes 5,000 to wake.
        now = 14_000;
        table.confirm(B, ROW);
        assertThat(admits(D, 99_000)).isTrue();
        now = 20_000;
        releaseAll(B);

        assertThat(admits(D, 21_999)).isTrue();
        assertThat(admits(D, 22_000)).isFalse();
    }

    @Test
    void theTimeOfTheNextBeginsAtTheHandOverIfTheOneBeforeDoesNotTakeIt() {
        requestFrom(A, B, ROW);
        requestFrom(A, C, ROW);
        now = 9_000;
        releaseAll(A);
        table.awakes(B, ROW);
        now = 14_000;
        table.decline(B, ROW, now);

        assertThat(admits(D, 15_999)).isTrue();
        assertThat(admits(D, 16_000)).isFalse();
    }

    @Test
    void whoComesBetweenHasATimeOfItsOwn() {
        requestFrom(A, B, ROW);
        requestFrom(A, C, ROW);
        now = 9_000;
        releaseAll(A);
        now = 9_500;
        requestFrom(D, B, ROW); // D has passed it.
        table.withdraw(B.session(), now);

        now = 30_000;
        assertThat(releaseAll(D)).containsExactly(C);
        assertThat(admits(A, 31_999)).isTrue();
        assertThat(admits(A, 32_000)).isFalse();
    }

    private boolean admits(OwnerId owner, long nanos) {
        return table.queue(ROW).orElseThrow().admits(owner, nanos, 1_000);
    }

    @Test
    void nobodyPassesASharedRowLock() {
        request(A, ROW, S);
        assertThat(table.queue(ROW).orElseThrow().admits(D, now, 1_000_000)).isFalse();
        assertThat(table.queue(OTHER_ROW)).isEmpty();
    }

    // --- what is left
    // --------------------------------------------------------------------------------------------------

    @Test
    void theTableIsEmptyWhenEverybodyHasGone() {
        request(A, ACCOUNTS, IX);
        requestFrom(A, B, ROW);
        request(C, ACCOUNTS, S);
        table.withdraw(C.session(), now);
        releaseAll(A);
        releaseAll(B);
        assertThat(table.rows()).isEmpty();
        assertThat(table.queue(ACCOUNTS)).isEmpty();
    }

    @Test
    void intentionsAreAnnouncedOnEveryParent() {
        request(A, ACCOUNTS, IX);
        request(B, ORDERS, S);
        table.announceAll();
        assertThat(request(C, new LockTarget.Schema(1), X)).isInstanceOf(Decision.Waiting.class);
        assertThat(blockersOf(C)).containsExactlyInAnyOrder(A, B);
        assertThat(request(D, new LockTarget.Schema(2), X)).isInstanceOf(Decision.Granted.class);
    }

    private void closeCycleOfTwo() {
        request(A, ACCOUNTS, X);
        request(B, ORDERS, X);
        request(A, ORDERS, X);
        assertThat(request(B, ACCOUNTS, X)).isInstanceOf(Decision.Deadlock.class);
    }

    /** The members in waiting order, and who gives way. */
    private static void assertDeadlock(Decision decision, OwnerId victim, OwnerId... members) {
        assertThat(decision).isInstanceOf(Decision.Deadlock.class);
        Decision.Deadlock deadlock = (Decision.Deadlock) decision;
        assertThat(deadlock.victim()).isEqualTo(victim);
        assertThat(deadlock.members())
                .extracting(link -> link.waitsFor().owner())
                .containsExactly(members);
    }

    private Decision request(OwnerId owner, LockTarget target, LockMode mode) {
        return table.request(new LockRequest(owner, target, mode, StatementRecord.NONE, now, WaitRule.Place.IN_LINE));
    }

    private Decision requestFrom(OwnerId holder, OwnerId owner, LockTarget target) {
        return table.requestFrom(
                new LockRequest(holder, target, X, StatementRecord.NONE, now, WaitRule.Place.IN_LINE),
                new LockRequest(owner, target, X, StatementRecord.NONE, now, WaitRule.Place.IN_LINE));
    }

    private List<OwnerId> releaseAll(OwnerId owner) {
        table.releaseAll(owner, now);
        return table.takeGranted();
    }

    private List<OwnerId> blockersOf(OwnerId owner) {
        return table.pendingOf(owner.session()).orElseThrow().blockers().stream()
                .map(LockRow.Blocker::owner)
                .toList();
    }

    private EdgeKind kindOfFirstEdge(OwnerId owner) {
        return table.pendingOf(owner.session()).orElseThrow().blockers().get(0).kind();
    }

    private LockMode modeOf(OwnerId owner) {
        return table.rows().stream()
                .filter(row -> row.owner().equals(owner) && row.granted())
                .findFirst()
                .orElseThrow()
                .mode();
    }
}
