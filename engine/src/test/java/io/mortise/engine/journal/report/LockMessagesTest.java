package io.mortise.engine.journal.report;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.running;
import static io.mortise.engine.scene.Scene.seconds;
import static io.mortise.engine.scene.Scene.statement;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.text.UserName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LockMessagesTest {
    private static final StatementRecord CLEAR =
            statement(43, SEVEN, "SA", "UPDATE ACCOUNTS SET BALANCE = 0", "http-12");
    private static final List<StackTraceElement> SENDING = List.of(
            new StackTraceElement("java.net.SocketInputStream", "read", "SocketInputStream.java", 5),
            new StackTraceElement("com.acme.Report", "send", "Report.java", 88));
    private static final Party IDLE_REPORT = new Party(
            FIVE,
            new UserName("SA"),
            SUM,
            seconds(41),
            NOW - seconds(60),
            0,
            0,
            SENDING,
            Party.Standing.of(Party.Doing.IDLE_IN_TRANSACTION));
    private static final WaitReport TIMED_OUT = new WaitReport(
            pending(SEVEN, ACCOUNTS, LockMode.X, CLEAR, holds(FIVE, LockMode.S)),
            running(SEVEN, CLEAR),
            seconds(3),
            3000,
            List.of(),
            List.of(IDLE_REPORT));

    private final LockMessages messages = new LockMessages(Sight.ofAll(NAMES));

    @Test
    void aTimeoutSaysWhoWhatWhereAndWhatToDo() {
        assertThat(messages.timeout(TIMED_OUT)).isEqualTo("""
                        Timeout after 3000 ms: table ACCOUNTS is held by session 5 (thread "report-1", \
                        idle in transaction 41000 ms, at Report.java:88)
                        Lock Manager: session 7 transaction 214 requested EX TAB on table 39. \
                        Conflicts with session 5 transaction 209 SH TAB on table 39
                          waited   3000 ms for EX TAB on PUBLIC.ACCOUNTS (lock_timeout=3000)
                          waiting  UPDATE ACCOUNTS SET BALANCE = 0        session 7 SA, thread "http-12"
                          holder   idle in transaction for 41 s           session 5 SA, thread "report-1", \
                        last statement: SELECT SUM(BALANCE) FROM ACCOUNTS
                          holder's thread is at  com.acme.Report.send(Report.java:88)
                          hint     commit before the slow call: session 5 has held its locks idle for 41000 ms
                                   or put IDLE_BLOCKER_TIMEOUT=5000 in the URL: a session that stays idle for so many \
                        ms while others wait for it is rolled back
                                   to end session 5 now, type in any SQL client on this database: \
                        UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = 5""");
    }

    @Test
    void aHolderThatHasRunAnotherStatementSinceIsToldByBoth() {
        WaitReport report = new WaitReport(
                pending(SEVEN, ROW_1, LockMode.X, CLEAR, holds(FIVE, LockMode.X, CREDIT)),
                running(SEVEN, CLEAR),
                seconds(3),
                3000,
                List.of(),
                List.of(IDLE_REPORT));

        assertThat(messages.timeout(report))
                .contains("last statement: SELECT SUM(BALANCE) FROM ACCOUNTS\n"
                        + "  taken by UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1\n");
        assertThat(new LockMessages(Sight.of(BOB, NAMES)).timeout(report))
                .contains("\n  taken by (another user's statement)");
    }

    @Test
    void aDeadlockNamesEveryMemberAndWhyTheVictimGaveWay() {
        assertThat(messages.deadlock(crossedTransfers())).isEqualTo("""
                        Deadlock between sessions 7 and 5: the transaction of session 7 was rolled back. \
                        Run the transaction again.
                        Lock Manager: session 7 transaction 214 requested EX ROW on table 39. \
                        Deadlock detected: dependency cycle of sessions 7, 5.
                          7 waits for EX ROW on PUBLIC.ACCOUNTS(ID=2) held by 5   \
                        UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2
                            thread "http-12"
                          5 waits for EX ROW on PUBLIC.ACCOUNTS(ID=1) held by 7   \
                        UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1
                            thread "report-1"
                          victim   7 (changed 1 row; 5 changed 1 row and is older), rolled back
                          hint     run the transaction again; so that it does not come back, take the rows \
                        in the same order in every transaction""");
    }

    @Test
    void anotherUsersSqlAndCodeAreHiddenFromWhoMayNotSeeThem() {
        LockMessages toBob = new LockMessages(Sight.of(BOB, NAMES));

        assertThat(toBob.timeout(TIMED_OUT))
                .contains("last statement: (another user's statement)")
                .doesNotContain("SUM(BALANCE)")
                .doesNotContain("com.acme");
        assertThat(toBob.deadlock(crossedTransfers()))
                .contains("held by 5   UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2")
                .contains("held by 7   (another user's statement)");
    }

    @Test
    void anUpdateHeldUpByATableLockRequestedARow() {
        WaitReport held = new WaitReport(
                pending(SEVEN, ACCOUNTS, LockMode.IX, CLEAR, holds(FIVE, LockMode.X)),
                running(SEVEN, CLEAR),
                0,
                0,
                List.of(),
                List.of(running(FIVE, SUM)));

        assertThat(messages.timeout(held))
                .startsWith("Not waited: table ACCOUNTS is held by session 5 (thread \"report-1\", running SELECT"
                        + " SUM(BALANCE) FROM ACCOUNTS)\n"
                        + "Lock Manager: session 7 transaction 214 requested EX ROW on table 39. "
                        + "Conflicts with session 5 transaction 209 EX TAB on table 39\n")
                .contains("\n  holder   SELECT SUM(BALANCE) FROM ACCOUNTS ");
    }

    @Test
    void theQueueIsListedWithoutThoseNamedAlready() {
        OwnerId nine = new OwnerId(9, 220);
        WaitReport queued = new WaitReport(
                TIMED_OUT.request(),
                TIMED_OUT.waiter(),
                seconds(3),
                3000,
                List.of(pending(FIVE, ACCOUNTS, LockMode.X, SUM), pending(nine, ACCOUNTS, LockMode.S, SUM)),
                TIMED_OUT.blockers());

        assertThat(messages.timeout(queued))
                .contains("\n  ahead    session 9 transaction 220 waits for SH TAB on PUBLIC.ACCOUNTS\n")
                .doesNotContain("ahead    session 5");
    }

    @Test
    void everyKindOfTargetHasWordsOfItsOwn() {
        assertThat(List.of(
                        new LockTarget.System(),
                        new LockTarget.Database(),
                        new LockTarget.Schema(3),
                        new LockTarget.GlobalPermission(),
                        ROW_1,
                        new LockTarget.Name("nightly"),
                        new LockTarget.StatementSlot(4)))
                .extracting(target -> messages.what(pending(SEVEN, target, LockMode.X, CLEAR)))
                .containsExactly(
                        "EX SYS on system",
                        "EX SYS on database",
                        "EX SYS on PUBLIC",
                        "EX SYS on globalpermission$",
                        "EX ROW on PUBLIC.ACCOUNTS(ID=1)",
                        "EX on name 'nightly'",
                        "EX on the statement slot of session 4");
    }
}
