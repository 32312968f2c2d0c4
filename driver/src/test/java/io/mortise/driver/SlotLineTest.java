package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A statement that waits for its session's slot is seen like any other wait, whoever's thread it is. */
@Timeout(60)
class SlotLineTest extends SingleFlight {
    private static final String WAITING = "UPDATE T SET V = 1 WHERE ID = 5";
    private final Background second = new Background("in-line");

    @SuppressWarnings("NullAway.Init")
    private Connection shared;

    private int id;

    @BeforeEach
    void share() throws SQLException {
        shared = connect(";SESSION_BUSY=WAIT;SESSION_BUSY_TIMEOUT=60000");
        id = shared.unwrap(Session.class).id();
    }

    @AfterEach
    void end() throws Exception {
        brake.letGo();
        second.close();
        shared.close();
    }

    private List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = keeper.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }

    private Future<Integer> waitInLine() throws Exception {
        Future<Integer> waits = second.starts(() -> {
            try (Statement statement = shared.createStatement()) {
                return statement.executeUpdate(WAITING);
            }
        });
        awaitInLine(shared.unwrap(Session.class));
        return waits;
    }

    @Test
    void withoutATransactionItIsAWaitOfTheSessionItself() throws Exception {
        startBraked(shared);
        assertThat(rows("SELECT * FROM SYS.LOCKS WHERE TARGET_KIND = 'STATEMENT_SLOT'"))
                .as("nobody waits")
                .isEmpty();
        Future<Integer> waits = waitInLine();

        assertThat(rows("SELECT SESSION, TNO, MODE, STATUS, ACQUIRED_BY, THREAD_NAME, BLOCKING_SESSION FROM SYS.LOCKS"
                        + " WHERE TARGET_KIND = 'STATEMENT_SLOT' ORDER BY STATUS"))
                .containsExactly(
                        id + "|null|X|GRANTED|" + braked() + "|worker-3|null",
                        id + "|null|X|PENDING|" + WAITING + "|in-line|" + id);
        assertThat(rows("SELECT SESSION, EDGE_KIND, SQL_TEXT, THREAD_NAME, BLOCKING_SESSION, BLOCKING_SQL,"
                        + " BLOCKING_THREAD, BLOCKING_STATE FROM SYS.LOCK_WAITS"))
                .containsExactly(
                        id + "|STATEMENT_SLOT|" + WAITING + "|in-line|" + id + "|" + braked() + "|worker-3|RUNNING");
        assertThat(rows("SELECT PATH, STATE, BLOCKED_COUNT, WAITS_FOR, EDGE_KIND, SQL_TEXT FROM SYS.BLOCKING_TREE"))
                .containsExactly(
                        id + "|RUNNING|1|null|null|" + braked(),
                        id + " > " + id + "|LOCK WAIT|0|the statement slot of session " + id + "|STATEMENT_SLOT|"
                                + WAITING);
        assertThat(rows("SELECT LOCKED, BLOCKING_SQL FROM IPE_BLOCKING_LOCKS_REPORT"))
                .containsExactly("the statement slot of session " + id + "|" + braked());
        assertThat(rows("SELECT STATE, LOCKS_HELD, BLOCKED_BY FROM SYS.SESSIONS WHERE SESSION = " + id))
                .containsExactly("RUNNING|0|null");
        assertThat(rows("SELECT * FROM IPE_ALLLOCKS"))
                .as("Kognitio has no such lock")
                .isEmpty();

        brake.letGo();
        assertThat(waits.get()).isEqualTo(1);
        assertThat(rows("SELECT * FROM SYS.LOCKS")).isEmpty();
    }

    @Test
    void itIsAWaitOfTheTransactionThatItsThreadHasOpenElsewhere() throws Exception {
        try (Connection other = connect("")) {
            other.setAutoCommit(false);
            int behalf = other.unwrap(Session.class).id();
            startBraked(shared);
            WaitWitness witness = WaitWitness.over(keeper);
            Future<Integer> waits = second.starts(() -> {
                try (Statement first = other.createStatement();
                        Statement statement = shared.createStatement()) {
                    first.executeUpdate("UPDATE T SET V = 9 WHERE ID = 1");
                    return statement.executeUpdate(WAITING);
                }
            });
            witness.awaitNext();

            assertThat(rows("SELECT SESSION, STATUS, ACQUIRED_BY, BLOCKING_SESSION FROM SYS.LOCKS WHERE TARGET_KIND ="
                            + " 'STATEMENT_SLOT' ORDER BY STATUS"))
                    .containsExactly(id + "|GRANTED|" + braked() + "|null", behalf + "|PENDING|" + WAITING + "|" + id);
            assertThat(rows("SELECT SESSION, EDGE_KIND, SQL_TEXT FROM SYS.LOCK_WAITS"))
                    .containsExactly(behalf + "|STATEMENT_SLOT|" + WAITING);
            assertThat(rows("SELECT SESSION_ID, SESSION_STATE, BLOCKER_ID FROM INFORMATION_SCHEMA.SESSIONS"
                            + " WHERE SESSION_STATE = 'BLOCKED'"))
                    .containsExactly(behalf + "|BLOCKED|" + id);

            brake.letGo();
            assertThat(waits.get()).isEqualTo(1);
            other.rollback();
        }
    }

    @Test
    void h2sOwnTableOfSessionsSaysWhoBlocksAWaitForARowAndForgetsItAfterwards() throws Exception {
        String blocked = "SELECT SESSION_ID, SESSION_STATE, BLOCKER_ID FROM INFORMATION_SCHEMA.SESSIONS"
                + " WHERE BLOCKER_ID IS NOT NULL";
        try (Connection holder = connect("")) {
            holder.setAutoCommit(false);
            execute(holder, "UPDATE T SET V = 2 WHERE ID = 5");
            WaitWitness witness = WaitWitness.over(keeper);
            Future<Integer> waits = second.starts(() -> {
                try (Statement statement = shared.createStatement()) {
                    return statement.executeUpdate(WAITING);
                }
            });
            witness.awaitNext();

            assertThat(rows(blocked))
                    .containsExactly(
                            id + "|BLOCKED|" + holder.unwrap(Session.class).id());

            holder.rollback();
            assertThat(waits.get()).isEqualTo(1);
            assertThat(rows(blocked)).isEmpty();
        }
    }
}
