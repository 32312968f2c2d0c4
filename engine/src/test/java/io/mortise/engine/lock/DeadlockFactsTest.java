package io.mortise.engine.lock;

import static io.mortise.engine.lock.LockMode.X;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.ArrayList;
import java.util.List;
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
        DeadlockReport report = closes.cycles().get(0).report();
        assertThat(report.victim()).isEqualTo(new OwnerId(1, 1));
        assertThat(report.victimParty().rowsChanged()).isEqualTo(3);
        assertThat(report.atNanos()).isEqualTo(4);
    }

    @Test
    void theStackOfTheCloserIsKnownAsSoonAsTheDeadlockIs() {
        statementOf(a, new Thread());
        statementOf(b, Thread.currentThread());
        asks(a, ACCOUNTS, 1);
        asks(b, ORDERS, 2);
        asks(a, ORDERS, 3);
        Waiter.Cycle cycle = asksHere().cycles().get(0);
        assertThat(cycle.report().members().get(0).party().stack())
                .extracting(StackTraceElement::getMethodName)
                .contains("asksHere");
    }

    @Test
    void theVictimPutsDownWhereItStandsBeforeItGoesOn() throws InterruptedException {
        List<Waiter.Cycle> found = new ArrayList<>();
        Thread victim = new Thread(() -> goesOnHere(found.get(0)));
        statementOf(a, victim);
        a.setDeadlockPriority(-5);
        asks(a, ACCOUNTS, 1);
        asks(b, ORDERS, 2);
        asks(a, ORDERS, 3);
        found.addAll(asks(b, ACCOUNTS, 4).cycles());
        victim.start();
        victim.join();
        assertThat(found.get(0).report().victimParty().stack())
                .extracting(StackTraceElement::getMethodName)
                .contains("goesOnHere");
    }

    private static void statementOf(LockOwner owner, Thread thread) {
        owner.starts(new StatementRecord(owner.session(), owner.session(), UserName.NONE, "", "", 0, thread));
    }

    private Arbiter.Answer asksHere() {
        return asks(b, ACCOUNTS, 4);
    }

    private static void goesOnHere(Waiter.Cycle cycle) {
        cycle.givesWay();
    }
}
