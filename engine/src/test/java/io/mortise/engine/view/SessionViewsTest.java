package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.granted;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.view.Stage.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

final class SessionViewsTest {
    private final Stage stage = new Stage()
            .locks(
                    granted(FIVE, ACCOUNTS, LockMode.IX, CREDIT),
                    granted(FIVE, ROW_1, LockMode.X, CREDIT),
                    pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X)))
            .session(SEVEN, State.RUNNING, DEBIT)
            .session(FIVE, State.IDLE_IN_TRANSACTION, SUM);

    @Test
    void currentSessionsShowWhatTheyRun() throws SQLException {
        assertThat(stage.rows("SYS.IPE_CURSESSIONS", ADMIN))
                .containsExactly(
                        "5|reports|SA|12:00|app|TRANSACTION|209|IDLE IN TRANSACTION|-|-|-|0",
                        "7|-|BOB|12:00|app|TRANSACTION|214|LOCK WAIT|" + DEBIT.sql() + "|42|11:59:55|0");
    }

    @Test
    void aSessionThatNoLongerWaitsInThisMomentRuns() throws SQLException {
        Stage granted = new Stage().session(new OwnerId(7, 0), State.LOCK_WAIT, DEBIT);

        assertThat(granted.rows("SYS.IPE_CURSESSIONS", ADMIN, "MODE, TNO, STATE"))
                .containsExactly("AUTOCOMMIT|-|RUNNING");
    }

    @Test
    void sessionsShowWhomTheyBlockAndWhatTheyRanLast() throws SQLException {
        assertThat(stage.rows(
                        "SYS.SESSIONS",
                        ADMIN,
                        "SESSION, STATE_SINCE, THREAD_NAME, ISOLATION, LOCKS_HELD, ROWS_CHANGED, BLOCKED_BY,"
                                + " BLOCKING_COUNT, LAST_SQL, BORROW_SITE"))
                .containsExactly(
                        "5|11:59:58|report-1|READ COMMITTED|2|1|-|1|" + SUM.sql() + "|com.acme.Pool.take(Pool.java:1)",
                        "7|11:59:58|http-12|READ COMMITTED|0|1|5|0|" + DEBIT.sql()
                                + "|com.acme.Pool.take(Pool.java:1)");
    }

    @Test
    void anotherUsersSqlAndCodeAreNotShown() throws SQLException {
        assertThat(stage.rows("SYS.SESSIONS", BOB, "SESSION, CURRENT_SQL, LAST_SQL, BORROW_SITE"))
                .containsExactly(
                        "5|-|-|-", "7|" + DEBIT.sql() + "|" + DEBIT.sql() + "|com.acme.Pool.take(Pool.java:1)");
    }

    @Test
    void settingAbortAbortsTheSessionOfThatRow() throws SQLException {
        Views views = new Views(
                stage.sources(),
                (by, session, value) -> stage.aborts.add(by.session() + " aborts " + session.id() + ": " + value));
        VirtualTable<SessionViews.Row> table = curSessions(views);

        try (var rows = table.rows(ADMIN)) {
            SessionViews.Row five = rows.findFirst().orElseThrow();
            Stage.column(table, "ABORT").update().orElseThrow().update(ADMIN, five, 2);
        }

        assertThat(stage.aborts).containsExactly("1 aborts 5: 2");
    }

    @Test
    void processesAreTheStatementsThatRun() throws SQLException {
        assertThat(stage.rows("SYSTEM.PROCESSES", BOB))
                .containsExactly("q-42|BOB|5.0|" + DEBIT.sql() + "|7|-|0|-|-|http-12|LOCK WAIT|42|7|-");
    }

    @Test
    void aBatchThatRunsSaysHowFarItIs() throws SQLException {
        SessionJournal seven = stage.journal.open(7, new UserName("BOB"));
        seven.statementStarted(DEBIT);
        seven.batchStarted(DEBIT);
        seven.rowEnded(1, 1, 0);
        seven.rowEnded(1, 1, 0);

        assertThat(stage.rows("SYSTEM.PROCESSES", BOB, "BATCH_ROWS")).containsExactly("2");
        assertThat(stage.rows("SYS.IPE_COMMAND", BOB, "BATCH_ROWS")).containsExactly("2");
    }

    @Test
    void namedSessionsShowWhoHoldsThem() throws SQLException {
        assertThat(stage.rows("SYSTEM.SESSIONS", ADMIN)).containsExactly("reports|SA|5|2|-|12:01");
    }

    @Test
    void connectionsAreShownWithMinusOneWhileIdle() throws SQLException {
        assertThat(stage.rows("SYS.SHOW_CONNECTIONS", ADMIN))
                .containsExactly("localhost|5|12:00|-1|-|-", "localhost|7|12:00|42|11:59:55|" + DEBIT.sql());
    }

    @Test
    void theServersStatusShowsWhoStandsInAQueue() throws SQLException {
        assertThat(stage.rows("SYS.SHOW_SERVER_STATUS", ADMIN))
                .containsExactly(
                        "mortise|-|7|localhost|0|BANK|BOB|app|42|" + DEBIT.sql() + "|11:59:55|In queue|11:59:57");
    }

    @Test
    void sqreamShowsLocksThatAreHeldByItsNames() throws SQLException {
        Stage sqream = new Stage()
                .policy(PolicyName.SQREAM)
                .locks(
                        granted(FIVE, new LockTarget.Database(), LockMode.IX, CREDIT),
                        granted(FIVE, new LockTarget.GlobalPermission(), LockMode.X, CREDIT),
                        granted(FIVE, new LockTarget.Schema(3), LockMode.IX, CREDIT),
                        granted(
                                FIVE,
                                new LockTarget.Facet(ACCOUNTS, LockTarget.Facet.Half.INSERT),
                                LockMode.IX,
                                CREDIT),
                        granted(FIVE, new LockTarget.Facet(ACCOUNTS, LockTarget.Facet.Half.UPDATE), LockMode.X, CREDIT))
                .session(FIVE, State.RUNNING, CREDIT);

        String statement = "41|" + CREDIT.sql() + "|SA|localhost|0|";
        assertThat(sqream.rows("SYS.SHOW_LOCKS", ADMIN))
                .containsExactly(
                        statement + "database$BANK|Inclusive|11:59:55|11:59:56|1|1",
                        statement + "globalpermission$|Exclusive|11:59:55|11:59:56|1|1",
                        statement + "schema$BANK$PUBLIC|Inclusive|11:59:55|11:59:56|1|1",
                        statement + "table$BANK$PUBLIC$ACCOUNTS$Insert|Inclusive|11:59:55|11:59:56|1|1",
                        statement + "table$BANK$PUBLIC$ACCOUNTS$Update|Exclusive|11:59:55|11:59:56|1|1");
    }

    @Test
    void theOtherPoliciesShowTablesToSqreamsTools() throws SQLException {
        Stage mvcc = new Stage()
                .locks(
                        granted(FIVE, new LockTarget.Schema(3), LockMode.IX, CREDIT),
                        granted(FIVE, ACCOUNTS, LockMode.IX, CREDIT),
                        granted(FIVE, ROW_1, LockMode.X, CREDIT),
                        granted(SEVEN, ACCOUNTS, LockMode.S, DEBIT));

        assertThat(mvcc.rows("SYS.SHOW_LOCKS", ADMIN, "LOCKED_OBJECT, LOCKMODE, IS_STATEMENT_ACTIVE"))
                .containsExactly("table$BANK$PUBLIC$ACCOUNTS|Exclusive|0", "table$BANK$PUBLIC$ACCOUNTS|Inclusive|0");
    }

    @Test
    void parametersShowTheValueAndTheDefault() throws SQLException {
        assertThat(stage.rows("SYS.PARAMETERS", BOB, "PARAMETER, SETTING, DEFAULT_SETTING, UNIT, SCOPE"))
                .contains("journal_size|200|10000|-|DATABASE", "lkti|86400|86400|s|DATABASE", "serve|-|-|-|DATABASE");
    }

    @SuppressWarnings("unchecked") // The table of that name is made of these rows.
    private static VirtualTable<SessionViews.Row> curSessions(Views views) {
        return (VirtualTable<SessionViews.Row>) views.tables().stream()
                .filter(table -> table.name().equals("IPE_CURSESSIONS"))
                .findFirst()
                .orElseThrow();
    }
}
