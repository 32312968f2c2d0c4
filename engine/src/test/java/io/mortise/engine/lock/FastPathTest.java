package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.IS;
import static io.mortise.engine.lock.LockMode.IX;
import static io.mortise.engine.lock.LockMode.S;
import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.text.UserName;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No threads: what closes a way around the mutex, and keeps it closed until the lock table has decided. */
final class FastPathTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 39);
    private static final LockTarget.Schema SCHEMA = new LockTarget.Schema(1);

    private static final LockTarget.RowKey KEY = new LockTarget.RowKey(ACCOUNTS, 7);

    private final Parties parties = new Parties();
    private final FastPath fastPath = new FastPath(parties);
    private final LockTable table = new LockTable(new Victims(parties), fastPath::changed);
    private final LockOwner a = owner(1);
    private final LockOwner b = owner(2);
    private final LockOwner c = owner(3);

    private LockOwner owner(int session) {
        LockOwner owner = new LockOwner(session, new UserName("SA"));
        parties.add(owner);
        owner.begin(100 + session, 0);
        return owner;
    }

    private static LockRequest strong(LockOwner owner, LockTarget target) {
        return new LockRequest(owner.id(), target, X, StatementRecord.NONE, 0, WaitRule.Place.IN_LINE);
    }

    @Test
    void nobodyPassesBetweenTheClosingOfATableAndTheDecision() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();

        fastPath.close(ACCOUNTS, table);

        assertThat(c.slots().take(gate, IX, fastPath)).isFalse();
        assertThat(table.request(strong(b, ACCOUNTS))).isInstanceOf(Decision.Waiting.class);
        assertThat(c.slots().take(gate, IX, fastPath)).isFalse();
    }

    @Test
    void nobodyPassesBetweenTheClosingOfASchemaAndTheDecision() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();

        fastPath.close(SCHEMA, table);

        assertThat(c.slots().take(gate, IX, fastPath)).isFalse();
        assertThat(table.request(strong(b, SCHEMA))).isInstanceOf(Decision.Waiting.class);
        assertThat(c.slots().take(gate, IX, fastPath)).isFalse();
    }

    @Test
    void aWayThatWasClosedIsOpenAgainWhenTheStrongLockHasGone() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        fastPath.close(ACCOUNTS, table);
        assertThat(table.request(strong(b, ACCOUNTS))).isInstanceOf(Decision.Granted.class);

        table.releaseAll(b.id(), 0);

        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();
    }

    @Test
    void nobodyPassesBetweenTheClosingOfAKeyAndTheDecision() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(gate.tryShareKey(a, KEY)).isTrue();

        fastPath.close(KEY, table);

        assertThat(gate.tryShareKey(c, KEY)).isFalse();
        assertThat(table.request(strong(b, KEY))).isInstanceOf(Decision.Waiting.class);
        fastPath.decided(KEY);
        assertThat(gate.tryShareKey(c, KEY)).isFalse();
        assertThat(gate.isShared(KEY, b)).as("it is in the table now").isFalse();
    }

    @Test
    void theWayToAKeyIsOpenAgainWhenNobodyWantsItOtherwise() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        fastPath.close(KEY, table);
        assertThat(table.request(strong(b, KEY))).isInstanceOf(Decision.Granted.class);
        fastPath.decided(KEY);
        assertThat(gate.tryShareKey(a, KEY)).isFalse();

        table.releaseAll(b.id(), 0);

        assertThat(gate.tryShareKey(a, KEY)).isTrue();
        assertThat(fastPath.mayBeContended(KEY)).isFalse();
    }

    @Test
    void aSchemaThatIsClosedFindsKeysToo() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(gate.tryShareKey(a, KEY)).isTrue();

        fastPath.close(SCHEMA, table);

        assertThat(gate.tryShareKey(c, KEY)).isFalse();
        assertThat(table.request(strong(b, SCHEMA))).isInstanceOf(Decision.Waiting.class);
        assertThat(table.queue(KEY).flatMap(queue -> queue.grantOf(a.id()))).isPresent();
    }

    @Test
    void whoLooksForKeysWhereThereWereNoneForLongFindsThatOutOnce() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(gate.mayKeep(KEY)).isFalse();
        assertThat(gate.tryShareKey(a, KEY)).isTrue();
        assertThat(gate.mayKeep(KEY)).isTrue();
        assertThat(gate.isShared(KEY, a)).as("its own is no hindrance").isFalse();
        assertThat(gate.mayKeep(KEY)).as("its own is there").isTrue();
        assertThat(gate.isShared(new LockTarget.RowKey(ACCOUNTS, 8), b)).isFalse();
        assertThat(gate.isShared(KEY, b)).isTrue();

        a.end();

        assertThat(gate.isShared(KEY, b)).isFalse();
        assertThat(gate.mayKeep(KEY)).isFalse();
        a.begin(200, 0);
        assertThat(gate.tryShareKey(a, KEY)).isTrue();
        assertThat(gate.isShared(KEY, b)).isTrue();
    }

    /** It may have looked before that key was taken. */
    @Test
    void whoHasFoundNoKeysDoesNotHideOneThatHasComeMeanwhile() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        gate.keyTaken();
        long early = gate.lookForKeys();
        gate.keyTaken();
        long late = gate.lookForKeys();

        gate.foundNoKeys(early);

        assertThat(gate.mayKeep(KEY)).isTrue();
        gate.foundNoKeys(late);
        assertThat(gate.mayKeep(KEY)).isFalse();
    }

    @Test
    void keysLeaveRoomForTables() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        int keys = 0;
        while (gate.tryShareKey(a, new LockTarget.RowKey(ACCOUNTS, keys))) {
            keys++;
        }

        assertThat(keys).isEqualTo(8);
        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();
        assertThat(a.slots().taken()).hasSize(9);
        assertThat(a.giveBack(new LockTarget.RowKey(ACCOUNTS, 3))).isTrue();
        assertThat(gate.tryShareKey(a, new LockTarget.RowKey(ACCOUNTS, 99))).isTrue();
        assertThat(a.end()).as("a place in the middle was empty").isTrue();
    }

    private Optional<Decision> wanted = Optional.empty();

    private void wantsTheKey() {
        fastPath.close(KEY, table);
        wanted = Optional.of(table.request(strong(b, KEY)));
        fastPath.decided(KEY);
    }

    @Test
    void whoFindsTheWayClosedBehindItGoesBack() {
        Ambush.lay(Spot.SLOT_CHOSEN, this::wantsTheKey);

        assertThat(fastPath.gate(ACCOUNTS).tryShareKey(a, KEY)).isFalse();

        assertThat(wanted).containsInstanceOf(Decision.Granted.class);
        assertThat(a.slots().taken()).isEmpty();
    }

    @Test
    void whoWasSeenByTheCloserHasTheKey() {
        Ambush.lay(Spot.SLOT_WRITTEN, this::wantsTheKey);

        assertThat(fastPath.gate(ACCOUNTS).tryShareKey(a, KEY)).isTrue();

        assertThat(wanted).containsInstanceOf(Decision.Waiting.class);
        assertThat(a.slots().taken()).isEmpty();
        assertThat(a.end()).isTrue();
    }

    private boolean isInTable(LockOwner owner) {
        return table.queue(ACCOUNTS).flatMap(queue -> queue.grantOf(owner.id())).isPresent();
    }

    /** A serializable transaction reads a table and then writes it. */
    @Test
    void anIntentionThatGrowsGoesAroundTheMutexToo() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(a.slots().take(gate, IS, fastPath)).isTrue();
        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();
        assertThat(isInTable(a)).isFalse();

        fastPath.close(ACCOUNTS, table);

        assertThat(a.slots().taken()).isEmpty();
        LockRequest shared = new LockRequest(b.id(), ACCOUNTS, S, StatementRecord.NONE, 0, WaitRule.Place.IN_LINE);
        assertThat(table.request(shared)).isInstanceOf(Decision.Waiting.class);
        assertThat(a.end()).isTrue();
    }

    @Test
    void whoSeesTheDoorCloseBehindASecondIntentionHasItInTheTable() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(a.slots().take(gate, IS, fastPath)).isTrue();
        Ambush.lay(Spot.SLOT_WRITTEN, () -> fastPath.close(ACCOUNTS, table));

        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();

        assertThat(table.request(strong(b, ACCOUNTS))).isInstanceOf(Decision.Waiting.class);
        assertThat(a.end()).isTrue();
    }

    /** The owner takes the second back while the closer has it in its hand: the first stays in the table. */
    @Test
    void whoTakesTheSecondIntentionBackKeepsTheFirst() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(a.slots().take(gate, IS, fastPath)).isTrue();
        assertThat(a.slots().take(gate, IX, fastPath)).isTrue();
        Ambush.lay(
                Spot.SLOT_ADOPTED,
                () -> Ambush.lay(
                        Spot.SLOT_ADOPTED,
                        () -> assertThat(a.slots().giveBack(ACCOUNTS)).isFalse()));

        fastPath.close(ACCOUNTS, table);

        assertThat(Ambush.lift()).isFalse();
        assertThat(a.slots().taken()).isEmpty();
        assertThat(isInTable(a)).isTrue();
        assertThat(table.request(strong(b, ACCOUNTS))).isInstanceOf(Decision.Waiting.class);
        assertThat(a.end()).isTrue();
    }

    @AfterEach
    void nobodyLiesInWait() {
        Ambush.lift();
    }
}
