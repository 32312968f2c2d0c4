package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.EVE;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.view.Stage.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitOutcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is told of waits that are over. */
final class WaitHistoryViewTest {
    private static final String TABLE = "SYS.LOCK_WAIT_HISTORY";

    private final Stage stage = new Stage();

    /** 7 wanted row 1, which 5 had taken; it waited from 11:59:57 for a second and a half. */
    private void ended(WaitOutcome outcome) {
        stage.journal.waitEnded(
                pending(SEVEN, ROW_1, LockMode.X, DEBIT, holds(FIVE, LockMode.X, CREDIT)),
                Duration.ofMillis(1500),
                outcome);
    }

    @Test
    void aWaitThatHasEndedHasBothSides() throws SQLException {
        ended(new WaitOutcome.Acquired(1));

        assertThat(stage.rows(TABLE, ADMIN))
                .containsExactly("7|214|BOB|X|ROW|PUBLIC|ACCOUNTS|ID=1|" + DEBIT.sql() + "|http-12|HOLDS|5|209|SA|X|"
                        + CREDIT.sql() + "|5|11:59:57|11:59:58.500|1500|GRANTED");
    }

    @Test
    void itSaysHowTheWaitEnded() throws SQLException {
        ended(new WaitOutcome.DeadlockVictim(crossedTransfers()));
        stage.journal.waitBroken(pending(SEVEN, ROW_1, LockMode.X, DEBIT), Duration.ZERO);

        assertThat(stage.rows(TABLE, ADMIN, "OUTCOME, BLOCKING_SESSION, EDGE_KIND, BLOCKERS"))
                .containsExactly("DEADLOCK_VICTIM|5|HOLDS|5", "ERROR|-|-|-");
    }

    @Test
    void statementsAreForTheirOwnUserAndKeysForThoseWhoMayReadTheTable() throws SQLException {
        ended(new WaitOutcome.Acquired(1));

        assertThat(stage.rows(TABLE, BOB, "SQL_TEXT, BLOCKING_SQL, ROW_KEY")).containsExactly(DEBIT.sql() + "|-|ID=1");
        assertThat(stage.rows(TABLE, EVE, "SQL_TEXT, BLOCKING_SQL, ROW_KEY")).containsExactly("-|-|-");
    }

    @Test
    void ofManyInTheWayTheFirstAreNamedAndTheRestCounted() throws SQLException {
        List<Blocker> sharers = IntStream.rangeClosed(101, 150)
                .mapToObj(session ->
                        new Blocker(new OwnerId(session, session), EdgeKind.HOLDS, LockMode.S, StatementRecord.NONE))
                .toList();
        stage.journal.waitEnded(
                new LockRow(SEVEN, ROW_1, LockMode.X, false, NOW, 0, DEBIT, false, sharers, 0),
                Duration.ZERO,
                new WaitOutcome.Acquired(1));

        assertThat(stage.rows(TABLE, ADMIN, "BLOCKERS"))
                .singleElement()
                .asString()
                .startsWith("101, 102, ")
                .endsWith(", 120 (30 more)");
    }

    @Test
    void onlyTheLastAreKept() throws SQLException {
        stage.journal.resize(3);
        IntStream.range(0, 10).forEach(i -> ended(new WaitOutcome.Acquired(i)));
        assertThat(stage.rows(TABLE, ADMIN)).hasSize(3);

        stage.journal.limit(4096, 1);
        assertThat(stage.rows(TABLE, ADMIN)).hasSize(1);
    }
}
