package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ORDERS;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.seconds;
import static io.mortise.engine.view.Stage.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.journal.TransactionEntry;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome.Acquired;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.text.UserName;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HistoryViewsTest {
    private final Stage stage = new Stage();
    private final SessionJournal five = stage.journal.open(5, new UserName("SA"));
    private final SessionJournal seven = stage.journal.open(7, new UserName("BOB"));

    @Test
    void anEndedTransactionHasTwoRowsAndAnOpenOneHasOne() throws SQLException {
        five.transactionStarted(1, NOW - seconds(9));
        five.transactionEnded(NOW - seconds(8), TransactionEntry.State.COMMITTED);
        five.transactionStarted(2, NOW - seconds(7));
        five.transactionEnded(NOW - seconds(6), TransactionEntry.State.ROLLED_BACK);
        seven.transactionStarted(3, NOW - seconds(5));

        assertThat(stage.rows("SYS.IPE_TRANSACTION", BOB))
                .containsExactly(
                        "5|1|START|11:59:51",
                        "5|1|COMMIT|11:59:52",
                        "5|2|START|11:59:53",
                        "5|2|ROLLBACK|11:59:54",
                        "7|3|START|11:59:55");
        assertThat(stage.rows("SYS.TRANSACTIONS", BOB))
                .containsExactly(
                        "5|1|SA|COMMITTED|11:59:51|11:59:52|1000",
                        "5|2|SA|ROLLED BACK|11:59:53|11:59:54|1000",
                        "7|3|BOB|OPEN|11:59:55|-|5000");
    }

    @Test
    void commandsAreThoseThatRanAndThoseThatRun() throws SQLException {
        five.transactionStarted(209, NOW);
        five.statementStarted(CREDIT);
        five.statementEnded(CREDIT, NOW - seconds(1), 3, 0);
        seven.statementStarted(SUM);
        seven.statementEnded(SUM, NOW, -1, 50200);
        stage.session(SEVEN, State.RUNNING, DEBIT).session(FIVE, State.IDLE_IN_TRANSACTION, CREDIT);

        assertThat(stage.rows("SYS.IPE_COMMAND", ADMIN))
                .containsExactly(
                        "7|-|1|" + SUM.sql() + "|11:59:55|12:00|FAILED|-|-",
                        "5|209|1|" + CREDIT.sql() + "|11:59:55|11:59:59|DONE|3|-",
                        "7|214|2|" + DEBIT.sql() + "|11:59:55|-|RUNNING|-|-");
        assertThat(stage.rows(
                        "SYS.STATEMENTS",
                        BOB,
                        "STATEMENT_ID, QUERY_ID, USER_NAME, SQL_TEXT, THREAD_NAME, DURATION_MS, ERROR_CODE"))
                .containsExactly(
                        "40|q-40|BOB|" + SUM.sql() + "|report-1|5000|50200",
                        "41|q-41|SA|-|report-1|4000|-",
                        "42|q-42|BOB|" + DEBIT.sql() + "|http-12|5000|-");
    }

    @Test
    void theErrorLogShowsOthersTheFirstLineOfALockError() throws SQLException {
        stage.journal.errorRaised(
                FIVE,
                CREDIT,
                NOW,
                new SQLException("Lock Manager: session 5 …\n  waiting  " + CREDIT.sql(), "HYT00", 50200));
        stage.journal.errorRaised(
                new OwnerId(5, 0), CREDIT, NOW, new SQLException("Unique index violation: 'secret'", "23505", 23505));

        assertThat(stage.rows("SYS.IPE_ERRORLOG", ADMIN))
                .containsExactly(
                        "1|12:00|5|209|50200|Lock Manager: session 5 …\n  waiting  " + CREDIT.sql(),
                        "2|12:00|5|-|23505|Unique index violation: 'secret'");
        assertThat(stage.rows("SYS.ERRORS", BOB))
                .containsExactly(
                        "1|12:00|5|209|50200|Lock Manager: session 5 …|HYT00|SA|-|55",
                        "2|12:00|5|-|23505|-|23505|SA|-|55");
    }

    @Test
    void aDeadlockHasARowAMember() throws SQLException {
        stage.journal.deadlockFound(crossedTransfers());

        assertThat(stage.rows(
                        "SYS.DEADLOCKS",
                        BOB,
                        "DEADLOCK_ID, EVENT_TIME, CYCLE_ORDER, SESSION, TNO, USER_NAME, WAITS_FOR, WAITS_FOR_SESSION,"
                                + " EDGE_KIND, HOLDS, SQL_TEXT, THREAD_NAME, ROWS_CHANGED, VICTIM, SCRIPT"))
                .containsExactly(
                        "1|12:00|1|7|214|BOB|EX ROW PUBLIC.ACCOUNTS(ID=2)|5|HOLDS|PUBLIC.ACCOUNTS(ID=1)|" + DEBIT.sql()
                                + "|http-12|1|true|-",
                        "1|12:00|2|5|209|SA|EX ROW PUBLIC.ACCOUNTS(ID=1)|7|HOLDS|PUBLIC.ACCOUNTS(ID=2)|-"
                                + "|report-1|1|false|-");
        assertThat(stage.rows("SYS.DEADLOCKS", ADMIN, "SCRIPT"))
                .allMatch(script -> script.endsWith("victim b (a has done as much)\n"));
        assertThat(stage.rows("SYS.DEADLOCKS", ADMIN, "GRAPH_DOT"))
                .allMatch(dot -> dot.startsWith("digraph deadlock_1 {"));
        assertThat(stage.rows("SYS.DEADLOCKS", ADMIN, "GRAPH_JSON")).allMatch(json -> json.startsWith("{\"id\":1,"));
    }

    @Test
    void deadlocksAreGroupedByShapeWithTheWorkThatWasLost() throws SQLException {
        stage.journal.deadlockFound(crossedTransfers());
        stage.journal.deadlockFound(crossedTransfers());

        assertThat(stage.rows("SYS.DEADLOCK_SHAPES", ADMIN))
                .containsExactly("EX ROW PUBLIC.ACCOUNTS: UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE ID = ?\n"
                        + "EX ROW PUBLIC.ACCOUNTS: UPDATE ACCOUNTS SET BALANCE = BALANCE - ? WHERE ID = ?"
                        + "|2|2|20000|12:00|1");
        assertThat(stage.rows("SYS.DEADLOCK_SHAPES", BOB)).isEmpty();
    }

    @Test
    void lockStatisticsShowWhereContentionIs() throws SQLException {
        stage.journal.waitEnded(
                pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X)),
                Duration.ofMillis(7),
                new Acquired(7_000_000));

        assertThat(stage.rows("SYS.LOCK_STATS", BOB)).containsExactly("PUBLIC|ACCOUNTS|1|7|7|0|0|2|ID=1|0");
    }

    @Test
    void tablesTakenInBothOrdersAreAnInversion() throws SQLException {
        five.transactionStarted(1, NOW);
        five.tableTaken(ACCOUNTS, LockMode.IX, CREDIT);
        five.tableTaken(ORDERS, LockMode.S, SUM);
        five.transactionEnded(NOW, TransactionEntry.State.COMMITTED);
        seven.transactionStarted(2, NOW);
        seven.tableTaken(ORDERS, LockMode.X, DEBIT);
        seven.tableTaken(ACCOUNTS, LockMode.IS, SUM);
        seven.transactionEnded(NOW, TransactionEntry.State.COMMITTED);

        String credit = "UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE ID = ?";
        String debit = "UPDATE ACCOUNTS SET BALANCE = BALANCE - ? WHERE ID = ?";
        String sum = "SELECT SUM(BALANCE) FROM ACCOUNTS";
        assertThat(stage.rows("SYS.LOCK_ORDER", ADMIN))
                .containsExactlyInAnyOrder(
                        String.join(
                                "|",
                                "PUBLIC.ACCOUNTS",
                                "PUBLIC.ORDERS",
                                "EX",
                                "SH",
                                credit,
                                sum,
                                "1",
                                "true",
                                debit,
                                sum),
                        String.join(
                                "|",
                                "PUBLIC.ORDERS",
                                "PUBLIC.ACCOUNTS",
                                "EX",
                                "SH",
                                debit,
                                sum,
                                "1",
                                "true",
                                credit,
                                sum));
    }

    @Test
    void everyTableAndColumnIsDescribed() {
        Views views = new Views(stage.sources(), (by, session, value) -> {});

        assertThat(views.tables()).hasSize(23).allSatisfy(table -> {
            assertThat(table.description()).isNotBlank();
            assertThat(table.columns()).allMatch(column -> !column.description().isBlank());
            assertThat(table.columns()).extracting(column -> column.name()).doesNotHaveDuplicates();
        });
    }
}
