package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.Report;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import io.mortise.engine.error.LockFacts;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The messages of the lock manager, line by line, and the same facts as data. */
@Timeout(120)
final class LockReportTest {
    private static final String SUM = "SELECT SUM(BALANCE) FROM ACCOUNTS";
    private static final String CLEAR = "UPDATE ACCOUNTS SET BALANCE = 0";
    private static final String DEBIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = %d";
    private static final String CREDIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = %d";

    @Test
    void aLockTimeoutSaysWhoWhatWhereAndWhatToDo() throws Exception {
        Report report = new Report();
        // From one second on it is worth a look at where the holder's thread stands.
        try (Ring ring = Ring.of(Side.MORTISE, 1_050, ";LOCK_POLICY=kognitio")) {
            Actor five = ring.actor("report-1");
            Actor seven = ring.actor("http-12");
            Attempt sends = five.starts(() -> report.run(five.connection(), SUM));
            report.awaitRead();

            LockTimeoutException error =
                    (LockTimeoutException) seven.starts(CLEAR).failure();
            report.end();
            sends.result();

            assertThat(withoutAccidents(error)).isEqualTo("""
                            Timeout after # ms: table ACCOUNTS is held by session %1$d (thread "report-1", \
                            idle in transaction # ms, at Report.java:#)
                            Lock Manager: session %2$d transaction # requested EX TAB on table #. \
                            Conflicts with session %1$d transaction # SH TAB on table #
                              waited   # ms for EX TAB on PUBLIC.ACCOUNTS (lock_timeout=1050)
                              waiting  UPDATE ACCOUNTS SET BALANCE = 0        session %2$d SA, thread "http-12"
                              holder   idle in transaction for # ms session %1$d SA, thread "report-1", \
                            last statement: SELECT SUM(BALANCE) FROM ACCOUNTS
                              holder's thread is at  com.acme.Report.send(Report.java:#)
                              hint     commit before the slow call: session %1$d has held its locks idle for # ms
                                       or put IDLE_BLOCKER_TIMEOUT=5000 in the URL: a session that stays idle for so \
                            many ms while others wait for it is rolled back
                                       to end session %1$d now, type in any SQL client on this database: \
                            UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = %1$d""".formatted(five.id(), seven.id()));
            expectFacts(error, five, seven);
        }
    }

    private static void expectFacts(LockTimeoutException error, Actor five, Actor seven) {
        LockFacts facts = error.report();
        assertThat(facts.target()).isEqualTo("PUBLIC.ACCOUNTS");
        assertThat(facts.waitedMillis()).isGreaterThanOrEqualTo(1_050);
        assertThat(facts.timeoutMillis()).isEqualTo(1_050);
        assertThat(facts.waiter().session()).isEqualTo(seven.id());
        assertThat(facts.waiter().lock()).isEqualTo("EX TAB");
        assertThat(facts.waiter().sql()).isEqualTo(CLEAR);
        assertThat(error.queue()).isEmpty();
        Participant holder = error.blockers().get(0);
        assertThat(holder.session()).isEqualTo(five.id());
        assertThat(holder.lock()).isEqualTo("SH TAB");
        assertThat(holder.lockedBy()).isEqualTo(SUM);
        assertThat(holder.sql()).isEqualTo(SUM);
        assertThat(holder.thread()).isEqualTo("report-1");
        assertThat(holder.idleMillis()).isGreaterThanOrEqualTo(1_000);
        assertThat(holder.callSite()).startsWith("com.acme.Report.send(Report.java:");
        assertThat(error.isRetryable()).isTrue();
        assertThat(error.isTransactionAlive()).isTrue();
    }

    @Test
    void aWaiterForARowIsToldByWhichStatementTheIdleHolderTookThatRow() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor holder = ring.actor("holder");
            Actor waiter = ring.actor("waiter");
            holder.runs(DEBIT.formatted(1));
            holder.runs(CREDIT.formatted(2));
            Attempt waits = waiter.waits(CREDIT.formatted(1));

            assertThat(ring.query("SELECT ROW_KEY, ACQUIRED_BY FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW'"
                            + " AND STATUS = 'GRANTED' ORDER BY ROW_KEY"))
                    .containsExactly("ID=1 | " + DEBIT.formatted(1), "ID=2 | " + CREDIT.formatted(2));
            assertThat(ring.query("SELECT BLOCKING_SQL, BLOCKING_LAST_SQL FROM SYS.LOCK_WAITS"))
                    .containsExactly(DEBIT.formatted(1) + " | " + CREDIT.formatted(2));
            assertThat(ring.query("SELECT BLOCKING_SQL FROM IPE_BLOCKING_LOCKS_REPORT"))
                    .containsExactly(DEBIT.formatted(1));
            holder.commits();
            assertThat(waits.result()).isEqualTo(1);
        }
    }

    @Test
    void aBlockerIsToldWithTheStatementThatTookTheLockAndTheQueueWithWhatItAsksFor() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor holder = ring.actor("holder");
            Actor first = ring.actor("first");
            Actor second = ring.actor("second");
            holder.runs(DEBIT.formatted(1));
            holder.runs(SUM);
            Attempt ahead = first.waits(CREDIT.formatted(1));
            second.runs("SET LOCK_TIMEOUT 50");

            LockTimeoutException error =
                    (LockTimeoutException) second.starts(DEBIT.formatted(1)).failure();

            assertThat(error.blockers()).extracting(Participant::session).containsExactly(holder.id(), first.id());
            assertThat(error.blockers())
                    .extracting(Participant::lockedBy)
                    .containsExactly(DEBIT.formatted(1), CREDIT.formatted(1));
            assertThat(error.blockers().get(0).sql()).isEqualTo(SUM);
            assertThat(error.queue()).extracting(Participant::session).containsExactly(first.id());
            assertThat(error.queue()).extracting(Participant::lock).containsExactly("EX ROW");
            holder.commits();
            assertThat(ahead.result()).isEqualTo(1);
        }
    }

    @Test
    void aDeadlockNamesItsPartiesAndWhyOneGaveWay() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor five = ring.actor("clerk-5");
            Actor seven = ring.actor("clerk-7");
            five.runs(CREDIT.formatted(2));
            seven.runs(DEBIT.formatted(1));
            Attempt waits = five.waits(CREDIT.formatted(1));

            DeadlockException error =
                    (DeadlockException) seven.starts(DEBIT.formatted(2)).failure();

            assertThat(withoutAccidents(error)).isEqualTo("""
                            Deadlock between sessions %2$d and %1$d: the transaction of session %2$d was rolled back. \
                            Run the transaction again.
                            Lock Manager: session %2$d transaction # requested EX ROW on table #. \
                            Deadlock detected: dependency cycle of sessions %2$d, %1$d.
                              %2$d waits for EX ROW on PUBLIC.ACCOUNTS(ID=2) held by %1$d   \
                            UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2
                                thread "clerk-7"
                                %1$d took it by UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2
                              %1$d waits for EX ROW on PUBLIC.ACCOUNTS(ID=1) held by %2$d   \
                            UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1
                                thread "clerk-5"
                                %2$d took it by UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1
                              victim   %2$d (changed 1 row; %1$d changed 1 row and is older), rolled back
                              hint     run the transaction again; so that it does not come back, take the rows in \
                            the same order in every transaction""".formatted(five.id(), seven.id()));
            expectFacts(error, List.of(seven, five));
            assertThat(waits.result()).isEqualTo(1);
            String remembered = ring.query("SELECT TEXT FROM SYS.ERRORS WHERE SQLSTATE = '40001'")
                    .get(0);
            assertThat(remembered)
                    .as("Kognitio's line is first there")
                    .startsWith("Lock Manager: session ")
                    .contains(String.valueOf(error.getMessage()).lines().toList());
        }
    }

    private static void expectFacts(DeadlockException error, List<Actor> order) {
        DeadlockFacts facts = error.report();
        assertThat(facts.victim()).isEqualTo(order.get(0).id());
        assertThat(facts.cycle())
                .extracting(link -> link.party().session())
                .isEqualTo(order.stream().map(Actor::id).toList());
        assertThat(facts.cycle())
                .extracting(DeadlockFacts.Link::target)
                .containsExactly("PUBLIC.ACCOUNTS(ID=2)", "PUBLIC.ACCOUNTS(ID=1)");
        assertThat(facts.cycle())
                .extracting(link -> link.party().lockedBy())
                .as("the statements that took what the other waits for")
                .containsExactly(DEBIT.formatted(1), CREDIT.formatted(2));
        assertThat(facts.cycle())
                .extracting(link -> link.party().sql())
                .containsExactly(DEBIT.formatted(2), CREDIT.formatted(1));
        assertThat(error.isRetryable()).isTrue();
        assertThat(error.isTransactionAlive()).isFalse();
    }

    /** The message without the numbers that are another each time. */
    private static String withoutAccidents(SQLException error) {
        return String.valueOf(error.getMessage())
                .replaceAll("(transaction|table|waited  ) \\d+", "$1 #")
                .replaceAll("for \\d+ ms +session", "for # ms session")
                .replaceAll("(after|for|idle in transaction) \\d+ ms", "$1 # ms")
                .replaceAll("(thread \"clerk-\\d\") at \\S+", "$1")
                .replaceAll("java:\\d+", "java:#");
    }
}
