package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.ROW_2;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.granted;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.seconds;
import static io.mortise.engine.view.Stage.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.scene.Doctors;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Event;
import org.junit.jupiter.api.Test;

/**
 * Each column of each table, and each field of each event, has a test that knows what happened, and a line here that
 * names it. A new one without a line fails, and so does a line whose test is gone.
 */
final class EveryColumnTest {
    private static final String PROOFS = """
            SYS.IPE_ALLLOCKS | LockViewsTest.allLocksAreShownAsKognitioWouldWithoutIntents | SESSION TNO USER_NAME TABLE_ID SCHEMA_NAME TABLE_NAME LOCK_TYPE LOCK_LEVEL ROW_HASH ROW_KEY STATUS REQUEST_TIME GRANT_TIME WAIT_MS BLOCKING_SESSION BLOCKING_TNO
            SYS.LOCKS | EveryColumnTest.aLockHasAllThatIsKnownOfIt | SESSION TNO USER_NAME TARGET_KIND TABLE_ID SCHEMA_NAME TABLE_NAME FACET ROW_HASH ROW_KEY MODE LOCK_TYPE LOCK_LEVEL STATUS REQUESTED_AT ACQUIRED_AT WAITED_MS ACQUIRED_BY STATEMENT_ID THREAD_NAME CALL_SITE BLOCKING_SESSION BLOCKING_TNO PASSED_OVER
            SYS.LOCKS | LockViewsTest.everyHeldLockKnowsTheStatementThatTookIt | IS_IMPLICIT
            SYS.IPE_LOCKS_REPORT | LockViewsTest.theLocksReportHasALineALock | SESSION USER_NAME LOCKED STATUS WAIT_MS BLOCKING_SESSION SQL_TEXT
            SYS.LOCK_WAITS | EveryColumnTest.aWaitHasBothSides | SESSION TNO USER_NAME MODE TARGET_KIND SCHEMA_NAME TABLE_NAME ROW_KEY SQL_TEXT OUTER_SQL THREAD_NAME WAITED_MS EDGE_KIND BLOCKING_SESSION BLOCKING_TNO BLOCKING_USER BLOCKING_MODE BLOCKING_STATE BLOCKING_BRANCH BLOCKING_SQL BLOCKING_LAST_SQL BLOCKING_THREAD BLOCKING_CALL_SITE BLOCKING_IDLE_MS BLOCKING_TRANSACTION_MS PASSED_OVER
            SYS.LOCK_WAIT_HISTORY | WaitHistoryViewTest.aWaitThatHasEndedHasBothSides | SESSION TNO USER_NAME MODE TARGET_KIND SCHEMA_NAME TABLE_NAME ROW_KEY SQL_TEXT THREAD_NAME EDGE_KIND BLOCKING_SESSION BLOCKING_TNO BLOCKING_USER BLOCKING_MODE BLOCKING_SQL BLOCKERS BEGIN_TIME END_TIME WAITED_MS OUTCOME
            SYS.IPE_BLOCKING_LOCKS_REPORT | LockViewsTest.theBlockingLocksReportHasWhatBlocksTheReader | SESSION SQL_TEXT LOCKED WAIT_MS BLOCKING_SESSION BLOCKING_USER
            SYS.IPE_BLOCKING_LOCKS_REPORT | EveryColumnTest.theReportNamesTheStatementThatTookTheLock | BLOCKING_SQL
            SYS.BLOCKING_TREE | EveryColumnTest.aNodeOfTheTreeHasAllThatIsKnownOfIt | ROOT_SESSION DEPTH PATH SESSION TNO USER_NAME STATE BLOCKED_COUNT WAITS_FOR EDGE_KIND WAITED_MS SQL_TEXT TREE
            SYS.IPE_CURSESSIONS | SessionViewsTest.currentSessionsShowWhatTheyRun | SESSION SESSION_NAME USER_NAME LOGIN_TIME CLIENT_INFO MODE TNO STATE CURRENT_SQL STATEMENT_ID STATEMENT_START
            SYS.IPE_CURSESSIONS | SessionViewsTest.settingAbortAbortsTheSessionOfThatRow | ABORT
            SYS.SESSIONS | EveryColumnTest.aSessionHasAllThatIsKnownOfIt | SESSION SESSION_NAME USER_NAME LOGIN_TIME CLIENT_INFO MODE TNO STATE CURRENT_SQL STATEMENT_ID STATEMENT_START ABORT STATE_SINCE THREAD_NAME ISOLATION LOCKS_HELD ROWS_CHANGED BLOCKED_BY BLOCKING_COUNT LAST_SQL CALL_SITE BORROW_SITE BLOCKED_ON INNER_SQL
            SYS.IPE_TRANSACTION | HistoryViewsTest.anEndedTransactionHasTwoRowsAndAnOpenOneHasOne | SESSION TNO EVENT EVENT_TIME
            SYS.TRANSACTIONS | HistoryViewsTest.anEndedTransactionHasTwoRowsAndAnOpenOneHasOne | SESSION TNO USER_NAME STATUS START_TIME END_TIME DURATION_MS
            SYS.IPE_COMMAND | HistoryViewsTest.commandsAreThoseThatRanAndThoseThatRun | SESSION TNO SEQ SQL_TEXT START_TIME END_TIME STATUS ROWS_AFFECTED BATCH_ROWS
            SYS.STATEMENTS | EveryColumnTest.aStatementOfThePastHasAllThatIsKnownOfIt | SESSION TNO SEQ SQL_TEXT START_TIME END_TIME STATUS ROWS_AFFECTED BATCH_ROWS STATEMENT_ID QUERY_ID SQL_LENGTH USER_NAME THREAD_NAME DURATION_MS ERROR_CODE
            SYS.IPE_ERRORLOG | HistoryViewsTest.theErrorLogShowsOthersTheFirstLineOfALockError | ID EVENT_TIME SESSION TNO CODE TEXT
            SYS.ERRORS | HistoryViewsTest.theErrorLogShowsOthersTheFirstLineOfALockError | ID EVENT_TIME SESSION TNO CODE TEXT SQLSTATE USER_NAME
            SYS.ERRORS | EveryColumnTest.anErrorHasTheStatementThatFailed | SQL_TEXT SQL_LENGTH
            SYS.DEADLOCKS | HistoryViewsTest.aDeadlockHasARowAMember | DEADLOCK_ID EVENT_TIME CYCLE_ORDER SESSION TNO USER_NAME WAITS_FOR WAITS_FOR_SESSION EDGE_KIND HOLDS SQL_TEXT THREAD_NAME ROWS_CHANGED VICTIM GRAPH_DOT GRAPH_JSON SCRIPT
            SYS.DEADLOCKS | EveryColumnTest.aMemberOfADeadlockHasThePlaceOfItsThread | CALL_SITE
            SYS.DEADLOCK_SHAPES | HistoryViewsTest.deadlocksAreGroupedByShapeWithTheWorkThatWasLost | SHAPE DEADLOCKS ROWS_LOST TIME_LOST_MS LAST_TIME LAST_DEADLOCK_ID
            SYS.SERIALIZATION_FAILURES | FailureViewsTest.aFailureHasARowAConflictWithBothSides | FAILURE_ID EVENT_TIME KIND SESSION TNO USER_NAME WHY HINT CONFLICT_ORDER READER_SESSION READER_TNO READER_USER READ_PLACE READ_SQL READ_THREAD WRITER_SESSION WRITER_TNO WRITER_USER WROTE_PLACE WROTE_SQL WROTE_THREAD
            SYS.SERIALIZATION_FAILURES | FailureViewsTest.theScriptHasTheStepsInOrderAndTheLastIsTheOneThatWasRefused | SCRIPT
            SYS.SERIALIZATION_FAILURES | FailureViewsTest.theDrawingHasANodeATransactionAndAnEdgeAConflict | GRAPH_DOT GRAPH_JSON
            SYS.SERIALIZATION_FAILURES | FailureViewsTest.failuresThatAreAlikeHaveOneShape | SHAPE
            SYS.LOCK_STATS | EveryColumnTest.statisticsOfATableAreCountedApart | SCHEMA_NAME TABLE_NAME WAITS WAIT_MS LONGEST_WAIT_MS TIMEOUTS DEADLOCKS SERIALIZATION_FAILURES PASSED_OVER HOTTEST_ROW
            SYS.LOCK_ORDER | HistoryViewsTest.tablesTakenInBothOrdersAreAnInversion | FIRST_TABLE THEN_TABLE FIRST_LOCK THEN_LOCK FIRST_SQL THEN_SQL TRANSACTIONS INVERTED INVERSE_FIRST_SQL INVERSE_THEN_SQL
            SYS.PARAMETERS | SessionViewsTest.parametersShowTheValueAndTheDefault | PARAMETER SETTING DEFAULT_SETTING UNIT SCOPE
            SYS.PARAMETERS | EveryColumnTest.aParameterIsDescribedAsInTheSettings | DESCRIPTION
            SYSTEM.PROCESSES | SessionViewsTest.processesAreTheStatementsThatRun | QUERY_ID USER_NAME ELAPSED QUERY SESSION_ID SESSION_NAME IS_CANCELLED READ_ROWS MEMORY_USAGE THREAD_NAME STATE STATEMENT_ID SESSION
            SYSTEM.PROCESSES | SessionViewsTest.aBatchThatRunsSaysHowFarItIs | BATCH_ROWS
            SYSTEM.SESSIONS | SessionViewsTest.namedSessionsShowWhoHoldsThem | SESSION_NAME USER_NAME SESSION CONNECTIONS CLOSES_AT
            SYSTEM.SESSIONS | EveryColumnTest.aNamedSessionNamesTheQueryThatHoldsIt | HOLDER_QUERY_ID
            SYS.SHOW_LOCKS | SessionViewsTest.sqreamShowsLocksThatAreHeldByItsNames | STATEMENT_ID STATEMENT_STRING USERNAME SERVER PORT LOCKED_OBJECT LOCKMODE STATEMENT_START_TIME LOCK_START_TIME IS_SNAPSHOT_ACTIVE
            SYS.SHOW_LOCKS | SessionViewsTest.theOtherPoliciesShowTablesToSqreamsTools | IS_STATEMENT_ACTIVE
            SYS.SHOW_CONNECTIONS | SessionViewsTest.connectionsAreShownWithMinusOneWhileIdle | IP CONN_ID CONN_START_TIME STMT_ID STMT_START_TIME STMT
            SYS.SHOW_SERVER_STATUS | SessionViewsTest.theServersStatusShowsWhoStandsInAQueue | SERVICE INSTANCE CONNECTION_ID SERVERIP SERVERPORT DATABASE_NAME USER_NAME CLIENTIP STATEMENTID STATEMENT STATEMENTSTARTTIME STATEMENTSTATUS STATEMENTSTATUSSTART
            mortise.LockWait | FlightEventsTest.aLockWaitNamesItsBlocker | session transaction lock outcome blockingSession blockingTransaction blockers sql outerSql
            mortise.Deadlock | FlightEventsTest.aDeadlockCarriesItsReport | id sessions victim report
            mortise.SerializationFailure | FlightEventsTest.aSerializationFailureCarriesItsReport | id kind session transaction report
            mortise.SessionLocked | FlightEventsTest.aRefusedStatementNamesTheOneInFlight | session inFlight thread refused
            mortise.Statement | FlightEventsTest.aStatementThatRunsInsideAnotherIsAnEventOfItsOwn | id session user sql rows errorCode batchRows
            """;

    /** Of EVE, who waits on the thread of the test. */
    private static final StatementRecord HERE = new StatementRecord(
            43,
            SEVEN.session(),
            new UserName("EVE"),
            "night-run",
            "DELETE FROM ORDERS",
            NOW - seconds(2),
            Thread.currentThread());

    /** What EVE's client has called, and what that runs. */
    private static final StatementRecord CALL = new StatementRecord(
            39, SEVEN.session(), new UserName("EVE"), "", "CALL PURGE()", NOW - seconds(3), Thread.currentThread());

    private static final StatementRecord INSIDE = HERE.inside(CALL);

    /** 5 has read row 2 since it took row 1, and is idle; 7 waits for row 1, on this thread. */
    private final Stage stage = new Stage()
            .locks(
                    granted(FIVE, new LockTarget.Facet(ACCOUNTS, LockTarget.Facet.Half.UPDATE), LockMode.X, CREDIT),
                    pending(SEVEN, ROW_1, LockMode.S, INSIDE, holds(FIVE, LockMode.X, CREDIT)),
                    granted(FIVE, ROW_1, LockMode.X, CREDIT))
            .party(new Party(
                    FIVE,
                    new UserName("SA"),
                    SUM,
                    seconds(41),
                    NOW - seconds(60),
                    0,
                    2,
                    List.of(),
                    Party.Standing.of(Party.Doing.IDLE_IN_TRANSACTION)))
            .session(FIVE, State.IDLE_IN_TRANSACTION, SUM)
            .session(SEVEN, State.RUNNING, INSIDE);

    @Test
    void everyColumnAndEveryFieldHasATestThatKnowsWhatHappened() throws Exception {
        Map<String, List<String>> proved = new TreeMap<>();
        for (String line : PROOFS.lines().toList()) {
            String[] parts = line.split(" \\| ");
            checkThatThereIs(parts[1]);
            proved.computeIfAbsent(parts[0], unused -> new ArrayList<>()).addAll(List.of(parts[2].split(" ")));
        }
        proved.values().forEach(columns -> columns.sort(null));

        assertThat(proved).isEqualTo(all());
    }

    private static void checkThatThereIs(String test) throws ReflectiveOperationException {
        String[] names = test.split("\\.");
        String room = names[0].startsWith("Flight") ? "io.mortise.engine.journal." : "io.mortise.engine.view.";
        assertThat(Class.forName(room + names[0]).getDeclaredMethod(names[1]).isAnnotationPresent(Test.class))
                .as(test)
                .isTrue();
    }

    private Map<String, List<String>> all() throws ClassNotFoundException {
        Views views = new Views(stage.sources(), (by, session, value) -> {});
        Map<String, List<String>> all = new TreeMap<>();
        Stream.concat(views.tables().stream(), views.tableFunctions().stream().map(function -> function.table()))
                .forEach(table -> all.put(table.schema() + "." + table.name(), columns(table)));
        for (Class<?> event : events()) {
            if (Event.class.isAssignableFrom(event)) {
                all.put(
                        "mortise." + event.getSimpleName(),
                        Arrays.stream(event.getDeclaredFields())
                                .filter(field -> !field.isSynthetic())
                                .map(field -> field.getName())
                                .sorted()
                                .toList());
            }
        }
        return all;
    }

    private static List<Class<?>> events() throws ClassNotFoundException {
        List<Class<?>> all = new ArrayList<>();
        for (String room : List.of("FlightEvents", "failure.FailureEvents")) {
            all.addAll(
                    List.of(Class.forName("io.mortise.engine.journal." + room).getDeclaredClasses()));
        }
        return all;
    }

    private static List<String> columns(VirtualTable<?> table) {
        return table.columns().stream().map(column -> column.name()).sorted().toList();
    }

    @Test
    void aLockHasAllThatIsKnownOfIt() throws SQLException {
        List<String> rows = stage.rows("SYS.LOCKS", ADMIN);

        assertThat(rows.get(0))
                .isEqualTo(
                        "5|209|SA|FACET|39|PUBLIC|ACCOUNTS|UPDATE|-2147483648|-|X|EX|TAB|GRANTED|11:59:55|11:59:56|1000|"
                                + CREDIT.sql() + "|41|report-1|-|false|-|-|0");
        assertThat(rows.get(1))
                .matches(
                        "7\\|214\\|EVE\\|ROW\\|39\\|PUBLIC\\|ACCOUNTS\\|-\\|10\\|ID=1\\|S\\|SH\\|ROW\\|PENDING\\|11:59:57"
                                + "\\|-\\|3000\\|DELETE FROM ORDERS\\|43\\|"
                                + HERE.thread().getName()
                                + "\\|\\S+\\(\\S+\\.java:\\d+\\)\\|false\\|5\\|209\\|2");
    }

    @Test
    void aWaitHasBothSides() throws SQLException {
        Stage turned = new Stage()
                .locks(pending(FIVE, ROW_1, LockMode.S, CREDIT.inside(SUM), holds(SEVEN, LockMode.X, DEBIT)))
                .party(new Party(
                        SEVEN,
                        new UserName("EVE"),
                        HERE,
                        seconds(41),
                        NOW - seconds(60),
                        0,
                        2,
                        List.of(),
                        new Party.Standing(Party.Doing.PREPARED, "X1", 0)))
                .session(FIVE, State.RUNNING, CREDIT)
                .session(SEVEN, State.PREPARED, HERE);

        assertThat(turned.rows("SYS.LOCK_WAITS", ADMIN))
                .singleElement()
                .asString()
                .matches(
                        "5\\|209\\|SA\\|S\\|ROW\\|PUBLIC\\|ACCOUNTS\\|ID=1\\|UPDATE ACCOUNTS SET BALANCE = BALANCE \\+ 10"
                                + " WHERE ID = 1\\|SELECT SUM\\(BALANCE\\) FROM ACCOUNTS\\|report-1\\|3000\\|HOLDS\\|7\\|214\\|EVE\\|X\\|PREPARED\\|X1\\|UPDATE ACCOUNTS"
                                + " SET BALANCE = BALANCE - 10 WHERE ID = 2\\|DELETE FROM ORDERS\\|"
                                + HERE.thread().getName()
                                + "\\|\\S+\\(\\S+\\.java:\\d+\\)\\|41000\\|60000\\|2");
    }

    @Test
    void theReportNamesTheStatementThatTookTheLock() throws SQLException {
        Stage own = new Stage()
                .locks(pending(FIVE, ROW_1, LockMode.X, CREDIT, holds(SEVEN, LockMode.X, DEBIT)))
                .session(FIVE, State.RUNNING, CREDIT)
                .session(SEVEN, State.IDLE_IN_TRANSACTION, HERE);

        assertThat(own.rows("SYS.IPE_BLOCKING_LOCKS_REPORT", ADMIN))
                .containsExactly("5|" + CREDIT.sql() + "|EX ROW PUBLIC.ACCOUNTS(ID=1)|3000|7|EVE|" + DEBIT.sql());
    }

    @Test
    void aNodeOfTheTreeHasAllThatIsKnownOfIt() throws SQLException {
        assertThat(stage.rows("SYS.BLOCKING_TREE", ADMIN))
                .containsExactly(
                        "5|0|5|5|209|SA|IDLE IN TRANSACTION|1|-|-|-|" + SUM.sql()
                                + "|session 5 SA, idle in transaction, blocks 1: " + SUM.sql(),
                        "5|1|5 > 7|7|214|EVE|LOCK WAIT|0|SH ROW PUBLIC.ACCOUNTS(ID=1)|HOLDS|3000|DELETE FROM ORDERS"
                                + "|  └ session 7 EVE, waits 3000 ms for SH ROW PUBLIC.ACCOUNTS(ID=1): DELETE FROM ORDERS,"
                                + " inside CALL PURGE()");
    }

    @Test
    void aSessionHasAllThatIsKnownOfIt() throws SQLException {
        List<String> rows = stage.rows("SYS.SESSIONS", ADMIN);

        assertThat(rows.get(0))
                .isEqualTo("5|reports|SA|12:00|app|TRANSACTION|209|IDLE IN TRANSACTION|-|-|-|0|11:59:58|report-1"
                        + "|READ COMMITTED|2|1|-|1|" + SUM.sql() + "|-|com.acme.Pool.take(Pool.java:1)|-|-");
        assertThat(rows.get(1))
                .matches(
                        "7\\|-\\|EVE\\|12:00\\|app\\|TRANSACTION\\|214\\|LOCK WAIT\\|CALL PURGE\\(\\)\\|39\\|11:59:57\\|0"
                                + "\\|11:59:58\\|" + HERE.thread().getName()
                                + "\\|READ COMMITTED\\|0\\|1\\|5\\|0\\|CALL PURGE\\(\\)"
                                + "\\|\\S+\\(\\S+\\.java:\\d+\\)\\|com.acme.Pool.take\\(Pool.java:1\\)\\|-\\|DELETE FROM ORDERS");
    }

    @Test
    void aStatementOfThePastHasAllThatIsKnownOfIt() throws SQLException {
        SessionJournal seven = stage.journal.open(7, new UserName("EVE"));
        seven.transactionStarted(214, NOW - seconds(2));
        seven.statementStarted(HERE);
        seven.statementEnded(HERE, NOW - seconds(1), 12, 0);
        seven.statementStarted(DEBIT);
        seven.batchStarted(DEBIT);
        seven.rowEnded(NOW - seconds(4), 2, 0);
        seven.rowStarted();
        seven.rowEnded(NOW - seconds(4), 1, 0);
        seven.rowStarted();
        seven.rowEnded(NOW - seconds(3), -1, 23505);
        seven.batchEnded();

        assertThat(new Stage().rows("SYS.STATEMENTS", ADMIN)).isEmpty();
        assertThat(stage.rows("SYS.STATEMENTS", ADMIN))
                .contains(
                        "7|214|2|" + DEBIT.sql() + "|11:59:55|11:59:57|FAILED|3|2|42|q-42|55|EVE|http-12|2000|23505",
                        "7|214|1|DELETE FROM ORDERS|11:59:58|11:59:59|DONE|12|-|43|night-run|18|EVE|"
                                + HERE.thread().getName() + "|1000|-");
    }

    @Test
    void anErrorHasTheStatementThatFailed() throws SQLException {
        stage.journal.errorRaised(SEVEN, HERE, NOW, new SQLException("no", "22000", 7));

        assertThat(stage.rows("SYS.ERRORS", ADMIN))
                .containsExactly("1|12:00|7|214|7|no|22000|EVE|DELETE FROM ORDERS|18");
    }

    @Test
    void aMemberOfADeadlockHasThePlaceOfItsThread() throws SQLException {
        DeadlockReport crossed = crossedTransfers();
        List<DeadlockReport.Member> members = crossed.members().stream()
                .map(member -> new DeadlockReport.Member(standing(member.party()), member.waitsFor(), member.edge()))
                .toList();
        stage.journal.deadlockFound(new DeadlockReport(crossed.id(), crossed.atNanos(), members, crossed.victim()));

        assertThat(stage.rows("SYS.DEADLOCKS", ADMIN, "SESSION, CALL_SITE"))
                .containsExactly("7|com.acme.Bank.pay7(Bank.java:7)", "5|com.acme.Bank.pay5(Bank.java:5)");
    }

    private static Party standing(Party party) {
        int session = party.owner().session();
        return new Party(
                party.owner(),
                party.user(),
                party.statement(),
                party.idleNanos(),
                party.startNanos(),
                party.priority(),
                party.rowsChanged(),
                List.of(new StackTraceElement("com.acme.Bank", "pay" + session, "Bank.java", session)),
                party.standing());
    }

    @Test
    void statisticsOfATableAreCountedApart() throws SQLException {
        for (int i = 1; i <= 4; i++) {
            stage.journal.waitEnded(
                    pending(SEVEN, i == 1 ? ROW_1 : ROW_2, LockMode.X, DEBIT, holds(FIVE, LockMode.X)),
                    Duration.ofMillis(10L * i),
                    i < 4 ? new WaitOutcome.Acquired(1) : timedOut());
        }
        stage.journal.deadlockFound(crossedTransfers());
        stage.journal.deadlockFound(crossedTransfers());
        for (int i = 0; i < 3; i++) {
            stage.journal.failed(Doctors.bothHaveRead());
        }

        assertThat(stage.rows("SYS.LOCK_STATS", ADMIN)).containsExactly("PUBLIC|ACCOUNTS|4|100|40|1|2|8|ID=2|3");
    }

    private static WaitOutcome timedOut() {
        return new WaitOutcome.Refused(
                WaitEnding.of(WaitEnd.TIMEOUT),
                new WaitReport(
                        pending(SEVEN, ROW_2, LockMode.X, DEBIT),
                        standing(crossedTransfers().victimParty()),
                        1,
                        1,
                        List.of(),
                        List.of()));
    }

    @Test
    void aParameterIsDescribedAsInTheSettings() throws SQLException {
        assertThat(stage.rows("SYS.PARAMETERS", ADMIN, "PARAMETER, DESCRIPTION"))
                .contains("session_id|name of a session that connections of the same user share");
    }

    @Test
    void aNamedSessionNamesTheQueryThatHoldsIt() throws SQLException {
        Stage busy = new Stage().session(FIVE, State.RUNNING, CREDIT);

        assertThat(busy.rows("SYSTEM.SESSIONS", ADMIN, "SESSION_NAME, HOLDER_QUERY_ID"))
                .containsExactly("reports|q-41");
    }
}
