package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.ROW_2;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.granted;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.running;
import static io.mortise.engine.scene.Scene.seconds;
import static io.mortise.engine.view.Stage.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class LockViewsTest {
    private static final OwnerId NINE = new OwnerId(9, 220);

    /** 5 has changed row 1 and is idle; 7 waits for that row, and 9 stands behind 7. */
    private final Stage stage = new Stage()
            .locks(
                    granted(FIVE, ACCOUNTS, LockMode.IX, CREDIT),
                    implicit(granted(FIVE, ROW_1, LockMode.X, CREDIT)),
                    pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X, CREDIT)),
                    pending(
                            NINE,
                            ROW_1,
                            LockMode.X,
                            SUM,
                            holds(FIVE, LockMode.X, CREDIT),
                            new LockRow.Blocker(SEVEN, EdgeKind.QUEUED_AHEAD, LockMode.X, DEBIT)))
            .rowLocks(
                    implicit(granted(FIVE, ROW_1, LockMode.X, CREDIT)),
                    implicit(granted(FIVE, ROW_2, LockMode.X, CREDIT)))
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
            .party(running(SEVEN, DEBIT))
            .session(FIVE, State.IDLE_IN_TRANSACTION, SUM)
            .session(SEVEN, State.RUNNING, DEBIT);

    @Test
    void allLocksAreShownAsKognitioWouldWithoutIntents() throws SQLException {
        assertThat(stage.rows("SYS.IPE_ALLLOCKS", BOB))
                .containsExactly(
                        "5|209|SA|39|PUBLIC|ACCOUNTS|EX|ROW|10|ID=1|GRANTED|11:59:55|11:59:56|1000|-|-",
                        "7|214|BOB|39|PUBLIC|ACCOUNTS|EX|ROW|10|ID=1|PENDING|11:59:57|-|3000|5|209",
                        "9|220||39|PUBLIC|ACCOUNTS|EX|ROW|10|ID=1|PENDING|11:59:57|-|3000|5|209",
                        "5|209|SA|39|PUBLIC|ACCOUNTS|EX|ROW|20|ID=2|GRANTED|11:59:55|11:59:56|1000|-|-");
    }

    @Test
    void anUpdateHeldUpByATableLockIsPendingOnARow() throws SQLException {
        Stage held = new Stage()
                .locks(
                        granted(FIVE, ACCOUNTS, LockMode.X, CREDIT),
                        pending(SEVEN, ACCOUNTS, LockMode.IX, DEBIT, holds(FIVE, LockMode.X)));

        assertThat(held.rows("SYS.IPE_ALLLOCKS", ADMIN, "SESSION, LOCK_TYPE, LOCK_LEVEL, ROW_HASH, STATUS"))
                .containsExactly("5|EX|TAB|-2147483648|GRANTED", "7|EX|ROW|-2147483648|PENDING");
    }

    @Test
    void systemLocksAreKognitiosAndNamesAreNot() throws SQLException {
        Stage held = new Stage()
                .locks(
                        granted(FIVE, new LockTarget.System(), LockMode.X, CREDIT),
                        granted(FIVE, new LockTarget.Name("nightly"), LockMode.X, CREDIT),
                        granted(
                                FIVE,
                                new LockTarget.Facet(ACCOUNTS, LockTarget.Facet.Half.INSERT),
                                LockMode.IX,
                                CREDIT));

        assertThat(held.rows("SYS.IPE_ALLLOCKS", ADMIN, "TABLE_NAME, LOCK_TYPE, LOCK_LEVEL"))
                .containsExactly("-|EX|SYS", "ACCOUNTS|SH|TAB");
        assertThat(held.rows("SYS.LOCKS", ADMIN, "TARGET_KIND, FACET, ROW_KEY, MODE"))
                .containsExactly("SYSTEM|-|-|X", "ADVISORY|-|nightly|X", "FACET|INSERT|-|IX");
    }

    @Test
    void everyHeldLockKnowsTheStatementThatTookIt() throws SQLException {
        assertThat(stage.rows(
                        "SYS.LOCKS",
                        ADMIN,
                        "SESSION, TARGET_KIND, ROW_KEY, MODE, STATUS, ACQUIRED_AT, WAITED_MS, ACQUIRED_BY, STATEMENT_ID,"
                                + " THREAD_NAME, IS_IMPLICIT, BLOCKING_SESSION, PASSED_OVER"))
                .containsExactly(
                        "5|TABLE|-|IX|GRANTED|11:59:56|1000|" + CREDIT.sql() + "|41|report-1|false|-|0",
                        "5|ROW|ID=1|X|GRANTED|11:59:56|1000|" + CREDIT.sql() + "|41|report-1|true|-|0",
                        "7|ROW|ID=1|X|PENDING|-|3000|" + DEBIT.sql() + "|42|http-12|false|5|2",
                        "9|ROW|ID=1|X|PENDING|-|3000|" + SUM.sql() + "|40|report-1|false|5|2",
                        "5|ROW|ID=2|X|GRANTED|11:59:56|1000|" + CREDIT.sql() + "|41|report-1|true|-|0");
    }

    @Test
    void aNoteOfAReadLocksNothingAndItsKeysAreShownAsThoseOfRowsAre() throws SQLException {
        Stage noted = new Stage()
                .notes(
                        new Sources.ReadNote(FIVE, ACCOUNTS, "ID=1", CREDIT),
                        new Sources.ReadNote(FIVE, ACCOUNTS, "", CREDIT))
                .session(FIVE, State.RUNNING, CREDIT);

        assertThat(
                        noted.rows(
                                "SYS.LOCKS",
                                ADMIN,
                                "SESSION, TARGET_KIND, TABLE_NAME, ROW_KEY, MODE, LOCK_TYPE, LOCK_LEVEL, STATUS, WAITED_MS, ACQUIRED_BY"))
                .containsExactly(
                        "5|RANGE|ACCOUNTS|ID=1|SIREAD|-|-|GRANTED|0|" + CREDIT.sql(),
                        "5|TABLE|ACCOUNTS|-|SIREAD|-|-|GRANTED|0|" + CREDIT.sql());
        Reader stranger = new Reader(9, new UserName("EVE"), false, 1, table -> OptionalLong.empty());
        assertThat(noted.rows("SYS.LOCKS", stranger, "ROW_KEY, ACQUIRED_BY")).containsExactly("-|-", "-|-");
        assertThat(noted.rows("SYS.IPE_ALLLOCKS", ADMIN)).isEmpty();
    }

    @Test
    void anotherUsersSqlIsSeenByAdministratorsAndByThatUserOnly() throws SQLException {
        assertThat(stage.rows("SYS.LOCKS", BOB, "SESSION, ACQUIRED_BY"))
                .containsExactly("5|-", "5|-", "7|" + DEBIT.sql(), "9|-", "5|-");
        assertThat(stage.rows("SYS.LOCK_WAITS", BOB, "SQL_TEXT, BLOCKING_SQL, BLOCKING_LAST_SQL"))
                .containsExactly(DEBIT.sql() + "|-|-", "-|-|-", "-|" + DEBIT.sql() + "|" + DEBIT.sql());
    }

    @Test
    void everyEdgeOfTheGraphIsAWait() throws SQLException {
        assertThat(stage.rows(
                        "SYS.LOCK_WAITS",
                        ADMIN,
                        "SESSION, TNO, USER_NAME, MODE, TABLE_NAME, ROW_KEY, WAITED_MS, EDGE_KIND, BLOCKING_SESSION,"
                                + " BLOCKING_TNO, BLOCKING_USER, BLOCKING_MODE, BLOCKING_STATE, BLOCKING_IDLE_MS,"
                                + " BLOCKING_TRANSACTION_MS"))
                .containsExactly(
                        "7|214|BOB|X|ACCOUNTS|ID=1|3000|HOLDS|5|209|SA|X|IDLE IN TRANSACTION|41000|60000",
                        "9|220||X|ACCOUNTS|ID=1|3000|HOLDS|5|209|SA|X|IDLE IN TRANSACTION|41000|60000",
                        "9|220||X|ACCOUNTS|ID=1|3000|QUEUED_AHEAD|7|214|BOB|X|LOCK WAIT|-|20000");
    }

    @Test
    void aWaitNamesTheStatementThatTookTheLockAndTheOneThatRanLast() throws SQLException {
        assertThat(stage.rows("SYS.LOCK_WAITS", ADMIN, "BLOCKING_SQL, BLOCKING_LAST_SQL"))
                .startsWith(CREDIT.sql() + "|" + SUM.sql());
    }

    @Test
    void theLocksReportHasALineALock() throws SQLException {
        assertThat(stage.rows("SYS.IPE_LOCKS_REPORT", BOB))
                .startsWith(
                        "5|SA|EX ROW PUBLIC.ACCOUNTS(ID=1)|GRANTED|1000|-|-",
                        "7|BOB|EX ROW PUBLIC.ACCOUNTS(ID=1)|PENDING|3000|5|" + DEBIT.sql());
    }

    @Test
    void theBlockingLocksReportHasWhatBlocksTheReader() throws SQLException {
        assertThat(stage.rows("SYS.IPE_BLOCKING_LOCKS_REPORT", BOB))
                .containsExactly("7|" + DEBIT.sql() + "|EX ROW PUBLIC.ACCOUNTS(ID=1)|3000|5|SA|-");
        assertThat(stage.rows("SYS.IPE_BLOCKING_LOCKS_REPORT", ADMIN)).isEmpty();
    }

    @Test
    void theBlockingTreeHasASessionOnceUnderTheFirstInItsWay() throws SQLException {
        assertThat(stage.rows(
                        "SYS.BLOCKING_TREE",
                        ADMIN,
                        "ROOT_SESSION, DEPTH, PATH, SESSION, BLOCKED_COUNT, WAITS_FOR, EDGE_KIND, WAITED_MS"))
                .containsExactly(
                        "5|0|5|5|2|-|-|-",
                        "5|1|5 > 7|7|0|EX ROW PUBLIC.ACCOUNTS(ID=1)|HOLDS|3000",
                        "5|1|5 > 9|9|0|EX ROW PUBLIC.ACCOUNTS(ID=1)|HOLDS|3000");
    }

    @Test
    void theBlockingTreeReadsWellInATerminal() throws SQLException {
        Stage chain = new Stage()
                .locks(
                        pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X)),
                        pending(NINE, ROW_2, LockMode.X, SUM, holds(SEVEN, LockMode.X)))
                .session(FIVE, State.IDLE_IN_TRANSACTION, CREDIT)
                .session(SEVEN, State.RUNNING, DEBIT)
                .session(NINE, State.RUNNING, SUM);

        assertThat(chain.rows("SYS.BLOCKING_TREE", BOB, "TREE"))
                .containsExactly(
                        "session 5 SA, idle in transaction, blocks 2",
                        "  └ session 7 BOB, waits 3000 ms for EX ROW PUBLIC.ACCOUNTS(ID=1), blocks 1: " + DEBIT.sql(),
                        "    └ session 9 SA, waits 3000 ms for EX ROW PUBLIC.ACCOUNTS(ID=2)");
    }

    @Test
    void aCircleThatIsBeingBrokenStillMakesATree() throws SQLException {
        Stage circle = new Stage()
                .locks(
                        pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X)),
                        pending(FIVE, ROW_2, LockMode.X, CREDIT, holds(SEVEN, LockMode.X)));

        assertThat(circle.rows("SYS.BLOCKING_TREE", ADMIN, "PATH")).containsExactly("5", "5 > 7");
    }

    @Test
    void allTablesOfAStatementShowOneMoment() throws SQLException {
        Views views = new Views(stage.sources(), (by, session, value) -> {});

        for (var table : views.tables()) {
            Stage.text(table, ADMIN, "*");
        }

        assertThat(stage.snapshots).isEqualTo(1);
    }

    private static LockRow implicit(LockRow row) {
        return new LockRow(
                row.owner(),
                row.target(),
                row.mode(),
                row.granted(),
                row.requestedNanos(),
                row.grantedNanos(),
                row.statement(),
                true,
                row.blockers(),
                row.passedOver());
    }
}
