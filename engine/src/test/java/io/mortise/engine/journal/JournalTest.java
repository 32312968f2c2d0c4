package io.mortise.engine.journal;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.ROW_2;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.running;
import static io.mortise.engine.scene.Scene.seconds;
import static io.mortise.engine.scene.Scene.statement;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.journal.LockStats.TableStats;
import io.mortise.engine.journal.TransactionEntry.State;
import io.mortise.engine.journal.failure.FailureScript;
import io.mortise.engine.journal.failure.SerialFailure;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome.Acquired;
import io.mortise.engine.lock.WaitOutcome.Refused;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.scene.Doctors;
import io.mortise.engine.text.UserName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class JournalTest {
    private static final int SIZE = 100;

    private final Journal journal = new Journal(SIZE, NAMES);
    private final SessionJournal five = journal.open(5, new UserName("SA"));
    private final SessionJournal seven = journal.open(7, new UserName("BOB"));

    @Test
    void aStatementIsRememberedWithItsTransactionAndItsEnd() {
        seven.statementStarted(DEBIT);
        seven.transactionStarted(214, NOW - 2);
        seven.transactionEnded(NOW - 1, State.COMMITTED);
        seven.statementEnded(DEBIT, NOW, 1, 23505);

        assertThat(journal.statements())
                .containsExactly(new StatementEntry(
                        42,
                        7,
                        new UserName("BOB"),
                        214,
                        1,
                        "",
                        DEBIT.sql(),
                        "http-12",
                        DEBIT.startNanos(),
                        NOW,
                        1,
                        23505,
                        DEBIT.sqlLength(),
                        StatementEntry.NO_BATCH));
    }

    @Test
    void whatIsWrittenBehindTheEndOfASessionIsNotKept() {
        SessionJournal nine = journal.open(9, new UserName("SA"));
        journal.close(nine);
        journal.close(seven);
        for (SessionJournal late : List.of(nine, seven)) {
            late.statementStarted(DEBIT);
            late.statementEnded(DEBIT, NOW, 1, 0);
        }

        assertThat(journal.statements()).isEmpty();
    }

    @Test
    void longTextsPushOutTheOldestOfASmallRingAndOfAllSessionsTogether() {
        String text = "x".repeat(4000);
        journal.limit(4096, 200_000);
        for (int id = 1; id <= 2000; id++) {
            StatementRecord statement =
                    new StatementRecord(id, 7, new UserName("BOB"), "", text + id, NOW, Thread.currentThread());
            SessionJournal session = id % 2 == 0 ? five : seven;
            session.statementStarted(statement);
            session.statementEnded(statement, NOW, 1, 0);
            journal.errorRaised(SEVEN, statement, NOW, new SQLException(text + text, "HYT00", 50200));
        }

        assertThat(journal.statements().stream()
                        .mapToLong(entry -> entry.sql().length())
                        .sum())
                .isBetween(100_000L, 350_000L);
        assertThat(journal.statements()).last().extracting(StatementEntry::id).isEqualTo(2000L);
        assertThat(journal.errors()).last().extracting(ErrorEntry::id).isEqualTo(2000L);
        assertThat(journal.errors().stream().mapToLong(ErrorEntry::characters).sum())
                .isBetween(100_000L, 200_000L);
        assertThat(journal.errors())
                .allSatisfy(entry -> assertThat(entry.text()).hasSizeLessThan(4096));
    }

    /** Sessions take numbers in blocks: those of two sessions do not tell which came first. */
    @Test
    void statementsStandInTheOrderInWhichTheyBeganWhateverTheirNumbers() {
        long[] numbers = {65, 3, 66, 4};
        for (int i = 0; i < numbers.length; i++) {
            SessionJournal session = i % 2 == 0 ? five : seven;
            StatementRecord statement = new StatementRecord(
                    numbers[i], i % 2 == 0 ? 5 : 7, new UserName("BOB"), "", "-", NOW + i, Thread.currentThread());
            session.statementStarted(statement);
            session.statementEnded(statement, NOW + 10, 1, 0);
        }

        assertThat(journal.statements()).extracting(StatementEntry::id).containsExactly(65L, 3L, 66L, 4L);
    }

    @Test
    void ofALongNameOfAStatementTheBeginningIsKept() {
        String name = "n".repeat(1_000_000);
        five.statementEnded(
                new StatementRecord(1, 5, new UserName("SA"), name, "SELECT 1", NOW, Thread.currentThread()),
                NOW,
                1,
                0);

        assertThat(journal.statements())
                .singleElement()
                .satisfies(entry -> assertThat(entry.name()).hasSizeLessThanOrEqualTo(Journal.TEXT));
    }

    @Test
    void aStatementThatTookNoLockHasNoTransaction() {
        five.transactionStarted(209, NOW);
        five.transactionEnded(NOW, State.COMMITTED);
        runs(five, 1);

        assertThat(journal.statements()).extracting(StatementEntry::transaction).containsExactly(0L);
    }

    @Test
    void theLastStatementsOfAllSessionsAreKeptInTheOrderInWhichTheyBegan() {
        for (int id = 1; id <= 1000; id++) {
            runs(id % 3 == 0 ? five : seven, id);
        }

        assertThat(journal.statements())
                .extracting(StatementEntry::id)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(901, 1000).boxed().toList());
    }

    @Test
    void memoryIsBoundedByTheSizeAndOneSegmentASession() {
        for (int id = 1; id <= 10_000; id++) {
            runs(five, id);
        }

        int kept = journal.statementHistory().segments().stream()
                .mapToInt(History.Segment::rows)
                .sum();
        assertThat(kept).isBetween(SIZE, SIZE + 2 * History.Segment.ROWS);
    }

    @Test
    void statementsOutliveTheirSession() {
        runs(five, 1);
        journal.close(five);
        runs(journal.open(5, new UserName("EVE")), 2);

        assertThat(journal.statements())
                .extracting(StatementEntry::id, StatementEntry::user, StatementEntry::sequence)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, new UserName("SA"), 1L),
                        org.assertj.core.groups.Tuple.tuple(2L, new UserName("EVE"), 1L));
    }

    @Test
    void aSmallerJournalForgetsTheOldest() {
        for (int id = 1; id <= 1000; id++) {
            runs(five, id);
        }

        journal.resize(10);

        assertThat(journal.statements())
                .hasSize(10)
                .last()
                .extracting(StatementEntry::id)
                .isEqualTo(1000L);
    }

    @Test
    @Timeout(60)
    void whatManySessionsWriteAtOnceIsReadWhole() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Void>> writers = IntStream.range(0, 4)
                    .<Callable<Void>>mapToObj(writer -> () -> {
                        SessionJournal session = journal.open(100 + writer, new UserName("W"));
                        for (int i = 0; i < 5000; i++) {
                            runs(session, 4L * i + writer);
                        }
                        return null;
                    })
                    .toList();
            List<Future<Void>> running = writers.stream().map(threads::submit).toList();
            do {
                assertThat(journal.statements())
                        .allMatch(entry -> entry.sql().equals("SQL " + entry.id()) && entry.rows() == entry.id());
            } while (!running.stream().allMatch(Future::isDone));
            for (Future<Void> writer : running) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(journal.statements()).hasSize(SIZE).doesNotHaveDuplicates();
    }

    @Test
    void anEndedTransactionHasAnEndAndAnOpenOneNeverDropsOut() {
        five.transactionStarted(1, 10);
        for (int tno = 2; tno < 1000; tno++) {
            seven.transactionStarted(tno, 10 * tno);
            seven.transactionEnded(10 * tno + 5, tno % 2 == 0 ? State.COMMITTED : State.ROLLED_BACK);
        }

        assertThat(journal.transactions())
                .hasSize(SIZE + 1)
                .startsWith(new TransactionEntry(new OwnerId(5, 1), new UserName("SA"), 10, State.OPEN, 0))
                .endsWith(
                        new TransactionEntry(new OwnerId(7, 998), new UserName("BOB"), 9980, State.COMMITTED, 9985),
                        new TransactionEntry(new OwnerId(7, 999), new UserName("BOB"), 9990, State.ROLLED_BACK, 9995));
    }

    @Test
    void anEndWithoutAStartIsNoTransaction() {
        five.transactionEnded(NOW, State.COMMITTED);

        assertThat(journal.transactions()).isEmpty();
    }

    @Test
    void theErrorLogHasTheTextOfTheException() {
        for (int i = 0; i <= SIZE; i++) {
            journal.errorRaised(SEVEN, DEBIT, NOW, new SQLException("no " + i, "HYT00", 50200));
        }

        assertThat(journal.errors())
                .hasSize(SIZE)
                .last()
                .isEqualTo(new ErrorEntry(
                        101,
                        NOW,
                        SEVEN,
                        new UserName("BOB"),
                        50200,
                        "HYT00",
                        ErrorEntry.Message.of("no 100"),
                        DEBIT.sql(),
                        DEBIT.sqlLength()));
    }

    @Test
    void waitsAreCountedByTableWithTheHottestRow() {
        for (int i = 0; i < 200; i++) {
            waited(new LockTarget.Row(ACCOUNTS, 1000 + i), 1);
            waited(ROW_2, 2);
        }
        WaitReport report = new WaitReport(
                pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X)),
                running(SEVEN, DEBIT),
                9,
                0,
                List.of(),
                List.of());
        journal.waitEnded(report.request(), Duration.ofNanos(9), new Refused(WaitEnding.of(WaitEnd.TIMEOUT), report));
        journal.deadlockFound(crossedTransfers());

        assertThat(journal.lockStats().copy())
                .containsExactly(new TableStats(ACCOUNTS, 401, 609, 9, 1, 1, 0, 802, Optional.of(ROW_2)));
    }

    @Test
    void aDeadlockKeepsTheNamesOfWhatWasLocked() {
        journal.deadlockFound(crossedTransfers());

        assertThat(journal.deadlocks())
                .singleElement()
                .satisfies(past -> assertThat(past.names().of(ROW_2).text()).isEqualTo("PUBLIC.ACCOUNTS(ID=2)"));
    }

    /** The one that survives goes on at once, and may have ended before the listeners are told. */
    @Test
    void whatHasGoneOnSinceIsNoStepOfItsScript() {
        five.statementStarted(CREDIT);
        five.transactionStarted(209, 1);
        five.statementEnded(statement(1, FIVE, "SA", "UPDATE ACCOUNTS SET A = 1", "t"), 2, 1, 0);
        five.statementEnded(CREDIT, NOW + 1, 1, 0);
        StatementRecord next =
                new StatementRecord(50, 5, new UserName("SA"), "", "NEXT", NOW + 2, Thread.currentThread());
        five.statementStarted(next);
        five.statementEnded(next, NOW + 3, 1, 0);

        journal.deadlockFound(crossedTransfers());

        assertThat(journal.deadlocks()
                        .get(0)
                        .script(Sight.ofAll(NAMES))
                        .lines()
                        .map(line -> line.replaceAll(" -- .*", "")))
                .containsExactly(
                        "a: UPDATE ACCOUNTS SET A = 1",
                        "a: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1",
                        "b: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2",
                        "-- deadlock, victim b (a has done as much)");
    }

    /** The other has committed, and goes on, while the one that gives way is told. */
    @Test
    void whatHasGoneOnSinceIsNoStepOfAFailuresScript() {
        five.statementStarted(SUM);
        five.transactionStarted(209, 1);
        five.statementEnded(SUM, NOW - 3, 1, 0);
        StatementRecord next =
                new StatementRecord(50, 5, new UserName("SA"), "", "NEXT", NOW + 2, Thread.currentThread());
        five.statementStarted(next);
        five.statementEnded(next, NOW + 3, 1, 0);
        five.transactionEnded(NOW + 4, TransactionEntry.State.COMMITTED);

        SerialFailure failure = journal.failed(Doctors.bothHaveRead());

        assertThat(FailureScript.of(failure))
                .contains("a: " + SUM.sql())
                .doesNotContain("NEXT")
                .doesNotContain("a: COMMIT");
    }

    /** Rows are free before the journal has the end of the transaction that has committed. */
    @Test
    void whoMustHaveCommittedHasDoneSoInAFailuresScript() {
        five.statementStarted(CREDIT);
        five.transactionStarted(209, 1);
        five.statementEnded(CREDIT, NOW - 3, 1, 0);

        String before = FailureScript.of(journal.failed(Doctors.rowChangedByFive()));
        five.transactionEnded(NOW + 4, TransactionEntry.State.COMMITTED);
        String after = FailureScript.of(journal.failed(Doctors.rowChangedByFive()));

        assertThat(before).isEqualTo(after).isEqualTo("""
                        a: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1
                        a: COMMIT
                        b: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2
                        -- serialization failure, victim b
                        """);
    }

    @Test
    void aDeadlockBecomesAScriptOfItsSteps() {
        five.statementStarted(DEBIT);
        five.transactionStarted(209, 1);
        five.statementEnded(statement(1, FIVE, "SA", "UPDATE ACCOUNTS SET A = 1\n WHERE ID = 2", "t"), 2, 1, 0);
        seven.statementStarted(DEBIT);
        seven.transactionStarted(214, 3);
        seven.statementEnded(statement(2, SEVEN, "BOB", "UPDATE ACCOUNTS SET A = 2 WHERE ID = 1", "t"), 4, 1, 0);

        journal.deadlockFound(crossedTransfers());

        assertThat(journal.deadlocks().get(0).script(Sight.ofAll(NAMES))).isEqualTo("""
                        a: UPDATE ACCOUNTS SET A = 1 WHERE ID = 2
                        b: UPDATE ACCOUNTS SET A = 2 WHERE ID = 1
                        a: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1 \
                        -- waits for b, EX ROW on PUBLIC.ACCOUNTS(ID=1)
                        b: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2 \
                        -- waits for a, EX ROW on PUBLIC.ACCOUNTS(ID=2)
                        -- deadlock, victim b (a has done as much)
                        """);
    }

    @Test
    void deadlocksOfOneKindHaveOneShapeWhereverTheCycleBegins() {
        journal.deadlockFound(crossedTransfers());
        var report = crossedTransfers();
        var turned = new io.mortise.engine.lock.DeadlockReport(
                2, NOW, List.of(report.members().get(1), report.members().get(0)), FIVE);
        journal.deadlockFound(turned);

        List<PastDeadlock> past = journal.deadlocks();
        assertThat(past.get(0).shape())
                .isEqualTo(past.get(1).shape())
                .containsExactly(
                        "EX ROW PUBLIC.ACCOUNTS: UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE ID = ?",
                        "EX ROW PUBLIC.ACCOUNTS: UPDATE ACCOUNTS SET BALANCE = BALANCE - ? WHERE ID = ?");
    }

    private void waited(LockTarget target, long nanos) {
        LockRow request = pending(SEVEN, target, LockMode.X, DEBIT, holds(FIVE, LockMode.X));
        journal.waitEnded(request, Duration.ofNanos(nanos), new Acquired(nanos));
    }

    private static void runs(SessionJournal session, long id) {
        StatementRecord statement =
                new StatementRecord(id, 0, UserName.NONE, "", "SQL " + id, seconds(id), Thread.currentThread());
        session.statementStarted(statement);
        session.statementEnded(statement, seconds(id) + 1, id, 0);
    }
}
