package io.mortise.engine.journal.log;

import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.running;
import static io.mortise.engine.scene.Scene.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.text.UserName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody on call reads, word for word. */
@Timeout(120)
final class WaitLogTest {
    private static final LockRow WANTED = pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X, CREDIT));

    private final TestLog wait = new TestLog("mortise.wait");
    private final TestLog deadlock = new TestLog("mortise.deadlock");
    private final WaitLog log =
            new WaitLog("SHOP", new LockManager(() -> NOW), NAMES, session -> session == 5 ? "orders" : "");

    @AfterEach
    void close() {
        log.close();
        wait.close();
        deadlock.close();
    }

    /** Session 7 waits for 5, which is idle. */
    private static WaitReport waited(long seconds) {
        Party five = new Party(
                FIVE,
                new UserName("SA"),
                CREDIT,
                seconds(4),
                0,
                0,
                1,
                List.of(),
                Party.Standing.of(Party.Doing.IDLE_IN_TRANSACTION));
        return new WaitReport(WANTED, running(SEVEN, DEBIT), seconds(seconds), 20_000, List.of(), List.of(five));
    }

    /** Session 7 waits for one that is not session 5. */
    private static WaitReport waitedFor(int session, long seconds) {
        LockRow wanted = pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(new OwnerId(session, 300), LockMode.X, CREDIT));
        WaitReport report = waited(seconds);
        return new WaitReport(
                wanted, report.waiter(), report.waitedNanos(), report.timeoutMillis(), List.of(), report.blockers());
    }

    private static WaitOutcome timedOut(long seconds) {
        return timedOut(waited(seconds));
    }

    private static WaitOutcome timedOut(WaitReport report) {
        return new WaitOutcome.Refused(WaitEnding.of(WaitEnd.TIMEOUT), report);
    }

    @Test
    void aWaitThatHasGrownOldIsToldWithItsBlockerItsPoolAndHowToEndIt() throws Exception {
        log.waitIsOld(waited(5));

        assertThat(wait.take()).isEqualTo("""
                        INFO Session 7 has waited 5000 ms: row ACCOUNTS(hidden) is held by session 5 (thread "report-1", idle in transaction 4000 ms)
                          waited   5000 ms for EX ROW on PUBLIC.ACCOUNTS(hidden) (lock_timeout=20000)
                          waiting  UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2  session 7 BOB, thread "http-12"
                          holder   idle in transaction for 4000 ms        session 5 SA, thread "report-1", last statement: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1
                          hint     commit before the slow call: session 5 has held its locks idle for 4000 ms
                                   or put IDLE_BLOCKER_TIMEOUT=5000 in the URL: a session that stays idle for so many ms while others wait for it is rolled back
                                   to end session 5 now, type in any SQL client on this database: UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = 5
                          database SHOP
                          pools    orders (session 5)""");
    }

    @Test
    void keysAreShownIfEventKeysSaysSo() throws Exception {
        log.setShowingKeys(true);

        log.waitIsOld(waited(5));

        assertThat(wait.take()).contains("row ACCOUNTS(ID=1) is held by session 5");
    }

    @Test
    void aDeadlockIsAWarningWithTheReport() throws Exception {
        log.deadlockFound(crossedTransfers());

        assertThat(deadlock.take())
                .startsWith("WARNING Deadlock between sessions 7 and 5: the transaction of session 7 was rolled back.")
                .contains("7 waits for EX ROW on PUBLIC.ACCOUNTS")
                .doesNotContain("ID=2)")
                .endsWith("  database SHOP\n  pools    orders (session 5)");
    }

    @Test
    void aTimeoutBeforeThatAgeIsToldTooUnlessTheWaitWasShortOrWasTold() throws Exception {
        log.setAge(5000);

        log.waitEnded(WANTED, Duration.ofMillis(999), timedOut(0));
        log.waitEnded(WANTED, Duration.ofSeconds(5), timedOut(5));
        log.waitEnded(WANTED, Duration.ofSeconds(2), new WaitOutcome.Acquired(0));
        log.waitEnded(WANTED, Duration.ofSeconds(2), timedOut(2));

        assertThat(wait.take()).startsWith("INFO Timeout after 2000 ms: row ACCOUNTS(hidden) is held by session 5 (");
        log.setAge(0);
        log.waitEnded(WANTED, Duration.ofSeconds(3), timedOut(3));
        log.setAge(5000);
        log.waitEnded(WANTED, Duration.ofSeconds(4), timedOut(waitedFor(6, 4)));
        assertThat(wait.take()).startsWith("INFO Timeout after 4000 ms");
    }

    @Test
    void tenAMinuteAreTold() throws Exception {
        for (int i = 0; i < 25; i++) {
            log.waitIsOld(waitedFor(10 + i, 5));
        }
        log.waitIsOld(waited(65));

        for (int i = 0; i < 10; i++) {
            assertThat(wait.take()).contains("has waited 5000 ms");
        }
        assertThat(wait.take())
                .contains("has waited 65000 ms")
                .endsWith("  15 more waits of this table were left out: at most 10 a minute are logged, one for each"
                        + " session that holds others up");
    }

    @Test
    void ofTheWaitsForOneSessionTheFirstIsTold() throws Exception {
        log.setAge(5000);
        for (int i = 0; i < 100; i++) {
            log.waitIsOld(waited(5));
            log.waitEnded(WANTED, Duration.ofSeconds(4), timedOut(4));
        }
        log.waitIsOld(waitedFor(6, 7));

        assertThat(wait.take()).contains("has waited 5000 ms").doesNotContain("  others ");
        assertThat(wait.take()).contains("has waited 7000 ms").contains("  199 more waits of this table were left out");
    }

    @Test
    void aLogThatFailsDisturbsNobodyAndTheNextEntryIsWritten() throws Exception {
        wait.failsOnce();

        log.waitIsOld(waited(5));
        log.waitIsOld(waitedFor(6, 6));

        assertThat(wait.take()).contains("has waited 6000 ms").endsWith("1 entries before were lost");
    }
}
