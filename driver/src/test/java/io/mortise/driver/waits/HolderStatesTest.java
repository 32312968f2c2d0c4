package io.mortise.driver.waits;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.lock.Party.Doing;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever a holder does, each text and each table that names it says the same of it; and each says of a waiter what
 * its client has asked for, though a function of that waits, or one row of many. Public, for H2 calls it.
 */
@Timeout(120)
public final class HolderStatesTest {
    private static final String CREDIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1";
    private static final String DEBIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2";
    private static final String LAZY = ";LAZY_QUERY_EXECUTION=1";
    private static volatile CountDownLatch reached = new CountDownLatch(1);
    private static volatile CountDownLatch letGo = new CountDownLatch(1);

    /** What an alias calls: a statement that runs until the test lets it go. */
    public static int hold() throws InterruptedException {
        reached.countDown();
        letGo.await();
        return 1;
    }

    /** What an alias calls: runs a statement inside the one that calls it. */
    public static int touch(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(CREDIT);
        }
    }

    /** How a holder comes to do that, and goes on until what it returns is closed. */
    private interface Way {
        AutoCloseable take(Ring ring, Actor holder) throws Exception;
    }

    /**
     * One thing that a holder does, and how it is told.
     *
     * @param wanted the statement that waits for it
     * @param said in the first line of the error
     * @param hint in the error's hint
     */
    private record Case(Way way, String wanted, String said, String hint) {}

    private static final String BRANCH = "\"b 1\"";

    private static final Map<Doing, Case> CASES = new EnumMap<>(Map.of(
            Doing.RUNNING,
            new Case(
                    HolderStatesTest::runs,
                    CREDIT,
                    ", running SELECT HOLD())",
                    "let the statement of session %d do less at a time"),
            Doing.LOCK_WAIT,
            new Case(
                    HolderStatesTest::waits,
                    CREDIT,
                    ", waiting for a lock itself in " + DEBIT + ")",
                    "look at what session %d waits for itself: SELECT TREE FROM SYS.BLOCKING_TREE"),
            Doing.STREAMING,
            new Case(
                    HolderStatesTest::streams,
                    CREDIT,
                    ", streaming a result ",
                    "read the result of session %d to its end, or close it"),
            Doing.PREPARED,
            new Case(
                    (ring, holder) -> {
                        holder.runs(CREDIT);
                        holder.runs("PREPARE COMMIT \"b 1\"");
                        return () -> holder.runs("COMMIT TRANSACTION \"b 1\"");
                    },
                    CREDIT,
                    ", prepared as branch \"b 1\", idle ",
                    "whatever becomes of session %d: XAResource, or COMMIT TRANSACTION \"b 1\" or ROLLBACK TRANSACTION \"b 1\""),
            Doing.IN_DOUBT,
            new Case(
                    HolderStatesTest::leaves,
                    CREDIT,
                    "branch \"b 1\" in doubt (prepared, and no session has it)",
                    "no session that could be ended: XAResource, or COMMIT TRANSACTION \"b 1\" or ROLLBACK TRANSACTION \"b 1\""),
            Doing.IDLE_IN_TRANSACTION,
            new Case(
                    (ring, holder) -> {
                        holder.runs(CREDIT);
                        return holder::commits;
                    },
                    CREDIT,
                    ", idle in transaction ",
                    "commit before the slow call: session %d has held its locks idle"),
            Doing.IDLE,
            new Case(
                    (ring, holder) -> {
                        holder.runs("CALL SESSION_LOCK('n')");
                        holder.commits();
                        return () -> holder.runs("CALL SESSION_UNLOCK('n')");
                    },
                    "CALL ADVISORY_LOCK('n')",
                    ", idle ",
                    "SESSION_UNLOCK as soon as the work is done: the lock belongs to session %d")));

    private static AutoCloseable leaves(Ring ring, Actor holder) throws Exception {
        holder.runs(CREDIT);
        holder.runs("PREPARE COMMIT " + BRANCH);
        holder.connection().close();
        return () -> ring.run("COMMIT TRANSACTION " + BRANCH);
    }

    private static AutoCloseable runs(Ring ring, Actor holder) throws Exception {
        reached = new CountDownLatch(1);
        letGo = new CountDownLatch(1);
        ring.run("CREATE ALIAS HOLD FOR '" + HolderStatesTest.class.getName() + ".hold'");
        holder.runs(CREDIT);
        Attempt runs = holder.starts("SELECT HOLD()");
        reached.await();
        return () -> {
            letGo.countDown();
            runs.result();
            holder.commits();
        };
    }

    private static AutoCloseable waits(Ring ring, Actor holder) throws Exception {
        Actor third = ring.actor("third");
        third.runs(DEBIT);
        holder.runs(CREDIT);
        Attempt waits = holder.waits(DEBIT);
        return () -> {
            third.commits();
            waits.result();
            holder.commits();
        };
    }

    private static AutoCloseable streams(Ring ring, Actor holder) throws Exception {
        Statement statement = holder.connection().createStatement();
        holder.runs(CREDIT);
        ResultSet open = holder.does(() -> {
            ResultSet result = statement.executeQuery("SELECT ID FROM ACCOUNTS");
            result.next();
            return result;
        });
        return () -> {
            open.close();
            holder.commits();
        };
    }

    @ParameterizedTest
    @EnumSource(Doing.class)
    void everyTextAndEveryTableSaysTheSameOfAHolder(Doing doing) throws Exception {
        Case one = requireNonNull(CASES.get(doing), "a holder does something new: put it into the table");
        try (Ring ring = Ring.of(Side.MORTISE, 600_000, LAZY)) {
            Actor holder = ring.actor("holder");
            Actor hasty = ring.actor("hasty");
            Actor waiter = ring.actor("waiter");
            hasty.runs("SET LOCK_TIMEOUT 0");
            AutoCloseable held = one.way().take(ring, holder);

            LockTimeoutException refused =
                    (LockTimeoutException) hasty.starts(one.wanted()).failure();
            Attempt waits = waiter.waits(one.wanted());

            String text = String.valueOf(refused.getMessage());
            boolean isThere = doing != Doing.IN_DOUBT;
            assertThat(text.lines().findFirst().orElseThrow())
                    .contains(
                            (isThere ? "session " + holder.id() + " (thread \"holder\"" : " is held by ") + one.said());
            assertThat(text).contains("hint     ").contains(one.hint().formatted(holder.id()));
            assertThat(refused.blockers().get(0).doing()).isEqualTo(doing.text());
            assertThat(ring.query("SELECT BLOCKING_STATE FROM SYS.LOCK_WAITS WHERE SESSION = " + waiter.id()))
                    .containsExactly(doing.text());
            assertThat(ring.query("SELECT STATE FROM SYS.SESSIONS WHERE SESSION = " + holder.id()))
                    .isEqualTo(isThere ? List.of(doing.text()) : List.of());
            assertThat(ring.query("SELECT STATE FROM SYS.BLOCKING_TREE WHERE SESSION = " + holder.id()))
                    .containsExactly(doing.text());
            if (doing != Doing.LOCK_WAIT) { // Of one that waits it says for what.
                assertThat(ring.query("SELECT TREE FROM SYS.BLOCKING_TREE WHERE SESSION = " + holder.id())
                                .get(0))
                        .contains((isThere ? "SA" : "branch " + BRANCH) + ", "
                                + doing.text().toLowerCase(Locale.ROOT) + ", blocks 1");
            }
            held.close();
            waits.result();
        }
    }

    @Test
    void theEndOfASessionThatPreparedIsNotOfferedForItLeavesTheBranch() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor holder = ring.actor("holder");
            Actor hasty = ring.actor("hasty");
            holder.runs(CREDIT);
            holder.runs("PREPARE COMMIT B");
            hasty.runs("SET LOCK_TIMEOUT 0");

            assertThat(message(hasty.starts(CREDIT))).doesNotContain("ABORT");
            ring.run("UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + holder.id());

            assertThat(message(hasty.starts(CREDIT))).contains("branch B");
            ring.run("COMMIT TRANSACTION B");
            assertThat(hasty.runs(CREDIT)).isEqualTo(1);
            hasty.commits();
            assertThat(ring.query("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).containsExactly("120");
        }
    }

    @Test
    void theLimitsOfASessionLeaveItsPreparedBranch() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor holder = ring.actor("holder");
            Actor other = ring.actor("other");
            holder.runs(CREDIT);
            holder.runs("PREPARE COMMIT B");
            holder.runs("SET IDLE_IN_TRANSACTION_TIMEOUT 1");
            other.runs(DEBIT);
            other.runs("SET IDLE_IN_TRANSACTION_TIMEOUT 1");

            while (!ring.query("SELECT TNO FROM SYS.SESSIONS WHERE SESSION = " + other.id())
                    .equals(List.of("null"))) {
                Thread.onSpinWait(); // Its limit ends the other one, which was idle for a shorter time.
            }

            assertThat(ring.query("SELECT STATE FROM SYS.SESSIONS WHERE SESSION = " + holder.id()))
                    .containsExactly("PREPARED");
            holder.runs("COMMIT TRANSACTION B");
            assertThat(ring.query("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).containsExactly("110");
        }
    }

    @Test
    void aWaiterInsideAFunctionIsToldWithTheStatementOfItsClient() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            ring.run("CREATE ALIAS TOUCH FOR '" + HolderStatesTest.class.getName() + ".touch'");
            Actor holder = ring.actor("holder");
            Actor hasty = ring.actor("hasty");
            Actor waiter = ring.actor("waiter");
            String outer = "INSERT INTO ORDERS VALUES (TOUCH())";
            holder.runs(CREDIT);
            hasty.runs("SET LOCK_TIMEOUT 0");

            LockTimeoutException refused =
                    (LockTimeoutException) hasty.starts(outer).failure();
            Attempt waits = waiter.waits(outer);

            assertThat(String.valueOf(refused.getMessage()))
                    .contains("\n  waiting  " + CREDIT + "  session " + hasty.id())
                    .contains("\n  inside   " + outer + "\n");
            assertThat(refused.report().waiter().outerSql()).isEqualTo(outer);
            assertThat(ring.query("SELECT SQL_TEXT, OUTER_SQL FROM SYS.LOCK_WAITS"))
                    .containsExactly(CREDIT + " | " + outer);
            assertThat(ring.query("SELECT INNER_SQL, CURRENT_SQL FROM SYS.SESSIONS WHERE SESSION = " + waiter.id()))
                    .containsExactly(CREDIT + " | " + outer);
            assertThat(ring.query("SELECT TREE FROM SYS.BLOCKING_TREE WHERE DEPTH = 1")
                            .get(0))
                    .endsWith(": " + CREDIT + ", inside " + outer);
            holder.commits();
            assertThat(waits.result()).isEqualTo(1);
        }
    }

    @Test
    void aDeadlockInsideAFunctionNamesTheStatementOfTheClient() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            ring.run("CREATE ALIAS TOUCH FOR '" + HolderStatesTest.class.getName() + ".touch'");
            Actor five = ring.actor("five");
            Actor seven = ring.actor("seven");
            five.runs(CREDIT);
            seven.runs(DEBIT);
            Attempt waits = five.waits(DEBIT);

            DeadlockException error =
                    (DeadlockException) seven.starts("CALL TOUCH()").failure();

            assertThat(String.valueOf(error.getMessage())).contains("   " + CREDIT + "\n    inside   CALL TOUCH()\n");
            assertThat(error.report().cycle())
                    .extracting(link -> link.party().outerSql())
                    .containsExactly("CALL TOUCH()", "");
            waits.result();
        }
    }

    @Test
    void whoeverWaitsInABatchIsToldInWhichRow() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor holder = ring.actor("holder");
            Actor hasty = ring.actor("hasty");
            holder.runs(CREDIT);
            hasty.runs("SET LOCK_TIMEOUT 0");

            assertThat(batch(hasty, 2, 3, 1)).contains("\n  batch    row 3 of the batch\n");
            assertThat(batch(hasty, 1, 2)).contains("\n  batch    row 1 of the batch\n");
            assertThat(message(hasty.starts(CREDIT))).doesNotContain("of the batch");
        }
    }

    private static String message(Attempt attempt) throws Exception {
        return String.valueOf(attempt.failure().getMessage());
    }

    /** What the row that fails says. */
    private static String batch(Actor actor, int... keys) throws Exception {
        return actor.does(() -> {
            try (PreparedStatement statement =
                    actor.connection().prepareStatement("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = ?")) {
                for (int key : keys) {
                    statement.setInt(1, key);
                    statement.addBatch();
                }
                statement.executeBatch();
                throw new AssertionError("a row is held");
            } catch (BatchUpdateException e) {
                return String.valueOf(requireNonNull(e.getNextException()).getMessage());
            }
        });
    }
}
