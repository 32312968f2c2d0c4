package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.IX;
import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import org.junit.jupiter.api.Test;

/** No threads: what closes a way around the mutex, and keeps it closed until the lock table has decided. */
final class FastPathTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 39);
    private static final LockTarget.Schema SCHEMA = new LockTarget.Schema(1);

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
        assertThat(a.take(gate, IX, fastPath)).isTrue();

        fastPath.close(ACCOUNTS, table);

        assertThat(c.take(gate, IX, fastPath)).isFalse();
        assertThat(table.request(strong(b, ACCOUNTS))).isInstanceOf(Decision.Waiting.class);
        assertThat(c.take(gate, IX, fastPath)).isFalse();
    }

    @Test
    void nobodyPassesBetweenTheClosingOfASchemaAndTheDecision() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        assertThat(a.take(gate, IX, fastPath)).isTrue();

        fastPath.close(SCHEMA, table);

        assertThat(c.take(gate, IX, fastPath)).isFalse();
        assertThat(table.request(strong(b, SCHEMA))).isInstanceOf(Decision.Waiting.class);
        assertThat(c.take(gate, IX, fastPath)).isFalse();
    }

    @Test
    void aWayThatWasClosedIsOpenAgainWhenTheStrongLockHasGone() {
        TableGate gate = fastPath.gate(ACCOUNTS);
        fastPath.close(ACCOUNTS, table);
        assertThat(table.request(strong(b, ACCOUNTS))).isInstanceOf(Decision.Granted.class);

        table.releaseAll(b.id(), 0);

        assertThat(a.take(gate, IX, fastPath)).isTrue();
    }
}
