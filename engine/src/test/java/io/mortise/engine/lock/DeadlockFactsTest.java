package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a report says of the members of a deadlock is what was so when it closed, whoever runs on meanwhile. */
class DeadlockFactsTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 1);
    private static final LockTarget.Table ORDERS = new LockTarget.Table(1, 2);

    private final Parties parties = new Parties();
    private final Arbiter arbiter = new Arbiter(parties, new FastPath(parties));
    private final LockOwner a = owner(1);
    private final LockOwner b = owner(2);

    private LockOwner owner(int session) {
        LockOwner owner = new LockOwner(session, UserName.NONE);
        parties.add(owner);
        owner.begin(session, 0);
        return owner;
    }

    private Arbiter.Answer asks(LockOwner owner, LockTarget target, long nanos) {
        LockRequest request =
                new LockRequest(owner.id(), target, X, StatementRecord.NONE, nanos, WaitRule.Place.IN_LINE);
        return arbiter.ask(new Waiter(request, new WaitRule(1_000, WaitWatch.NOTHING)), Optional.empty());
    }

    @Test
    void aVictimThatHasRolledBackIsReportedWithWhatItHadChanged() {
        a.setDeadlockPriority(-5);
        a.countRowsChanged(3);
        asks(a, ACCOUNTS, 1);
        asks(b, ORDERS, 2);
        asks(a, ORDERS, 3);
        Arbiter.Answer closes = asks(b, ACCOUNTS, 4);
        a.end();
        a.begin(3, 5);
        DeadlockReport report = closes.cycles().get(0).report(found -> found);
        assertThat(report.victim()).isEqualTo(new OwnerId(1, 1));
        assertThat(report.victimParty().rowsChanged()).isEqualTo(3);
        assertThat(report.atNanos()).isEqualTo(4);
    }

    @Test
    void theReportIsCompletedOnce() {
        asks(a, ACCOUNTS, 1);
        asks(b, ORDERS, 2);
        asks(a, ORDERS, 3);
        Waiter.Cycle cycle = asks(b, ACCOUNTS, 4).cycles().get(0);
        DeadlockReport first = cycle.report(parties::withStacks);
        assertThat(cycle.report(found -> found)).isSameAs(first);
    }
}
