package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waits for locks: who sees them, how they end, and who is next. */
@Timeout(120)
final class WaitsBesidePlainH2Test {
    private static final int LONG = 600_000;
    private static final int SHORT = 300;
    private static final String DEBIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1";
    private static final String CREDIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2";
    private static final String TAKE_BACK = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2";
    private static final String SPEND = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 1 WHERE ID = 1";
    private static final String ADD_COLUMN = "ALTER TABLE ORDERS ADD COLUMN NOTE VARCHAR";
    private static final String ORDER = "INSERT INTO ORDERS(ID) VALUES (%d)";

    /** Where plain H2 ends a wait only by its lock timeout, and soon. */
    private static Ring quick(Side side) throws SQLException {
        return Ring.of(side, side.does(SHORT, LONG));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aWaitForARowIsSeenWithItsKeyAndBothStatements(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            Actor holder = ring.actor("holder");
            Actor waiter = ring.actor("waiter");
            holder.runs(DEBIT);
            Attempt waits = waiter.waits(SPEND);

            List<String> seen = ring.query(side.does(
                    "SELECT DISTINCT LOCK_TYPE, TABLE_NAME FROM INFORMATION_SCHEMA.LOCKS",
                    "SELECT STATUS, MODE, ROW_KEY, ACQUIRED_BY, SESSION, WAITED_MS >= 0 FROM SYS.LOCKS"
                            + " WHERE TARGET_KIND = 'ROW' ORDER BY STATUS"));

            assertThat(seen)
                    .isEqualTo(side.does(
                            List.of("READ | ACCOUNTS"),
                            List.of(
                                    "GRANTED | X | ID=1 | " + DEBIT + " | " + holder.id() + " | TRUE",
                                    "PENDING | X | ID=1 | " + SPEND + " | " + waiter.id() + " | TRUE")));
            holder.commits();
            assertThat(waits.result()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aRowThatIsSelectedForUpdateIsALock(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            ring.actor("holder").runs("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE");

            List<String> seen = ring.query(side.does(
                    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.LOCKS",
                    "SELECT MODE, ROW_KEY FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW'"));

            assertThat(seen).isEqualTo(side.does(List.of(), List.of("X | ID=1")));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aDefinitionThatWaitsIsSeenWithItsIdleBlocker(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            Actor holder = ring.actor("holder");
            Actor definer = ring.actor("definer");
            holder.runs(ORDER.formatted(1));
            Attempt waits = definer.waits(ADD_COLUMN);

            List<String> seen = ring.query(side.does(
                    "SELECT SESSION_STATE, BLOCKER_ID FROM INFORMATION_SCHEMA.SESSIONS WHERE SESSION_ID = "
                            + definer.id(),
                    "SELECT MODE, TABLE_NAME, BLOCKING_SESSION, EDGE_KIND, BLOCKING_LAST_SQL, BLOCKING_IDLE_MS >= 0"
                            + " FROM SYS.LOCK_WAITS WHERE SESSION = " + definer.id()));

            assertThat(seen)
                    .containsExactly(side.does(
                            "RUNNING | null",
                            "X | ORDERS | " + holder.id() + " | HOLDS | " + ORDER.formatted(1) + " | TRUE"));
            holder.commits();
            waits.result();
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aDefinitionThatHoldsUpAnotherTransactionIsSeenToDoSo(Side side) throws Exception {
        try (Ring ring = Ring.of(side, side.does(3_000, LONG))) {
            Actor holder = ring.actor("holder");
            Actor definer = ring.actor("definer");
            Actor other = ring.actor("other");
            holder.runs(ORDER.formatted(1));
            Attempt definition = definer.waits(ADD_COLUMN);
            Attempt heldUp = other.waits(ORDER.formatted(2));

            List<String> seen = ring.query(side.does(
                    "SELECT SESSION_STATE, BLOCKER_ID FROM INFORMATION_SCHEMA.SESSIONS WHERE SESSION_ID = "
                            + other.id(),
                    "SELECT EDGE_KIND, BLOCKING_SESSION, BLOCKING_LAST_SQL FROM SYS.LOCK_WAITS WHERE SESSION = "
                            + other.id()));

            assertThat(seen)
                    .containsExactly(
                            side.does("RUNNING | null", "QUEUED_AHEAD | " + definer.id() + " | " + ADD_COLUMN));
            holder.commits();
            if (!side.isPlain()) { // There it is a race, and one of the two may go on waiting for the other.
                definition.result();
                heldUp.result();
            }
        }
    }

    /** How another may end a wait, and its own reason for it. */
    private enum Blow {
        CANCEL("57014 57014", "Statement cancelled; it had waited"),
        QUERY_TIMEOUT("57014 57014", "Statement ended at its query timeout; it had waited"),
        CANCEL_SESSION("57014 57014", "Statement cancelled; it had waited");

        private final String code;
        private final String reason;

        Blow(String code, String reason) {
            this.code = code;
            this.reason = reason;
        }
    }

    @ParameterizedTest
    @EnumSource(Blow.class)
    void plainH2IgnoresItUntilTheLockTimeoutAndCallsItOne(Blow blow) throws Exception {
        assertThat(endOf(Side.PLAIN_H2, blow, 1_500)).startsWith("HYT00 50200 Timeout trying to lock table");
    }

    @ParameterizedTest
    @EnumSource(Blow.class)
    void aWaitEndsWithItsOwnReason(Blow blow) throws Exception {
        assertThat(endOf(Side.MORTISE, blow, LONG)).startsWith(blow.code + " " + blow.reason);
    }

    private static String endOf(Side side, Blow blow, int lockTimeout) throws Exception {
        try (Ring ring = Ring.of(side, lockTimeout)) {
            Actor waiter = ring.actor("waiter");
            ring.actor("holder").runs(DEBIT);
            try (Statement statement = waiter.connection().createStatement()) {
                if (blow == Blow.QUERY_TIMEOUT) {
                    statement.setQueryTimeout(1);
                }
                Attempt waits = waiter.waits(statement, SPEND);
                if (blow == Blow.CANCEL) {
                    statement.cancel();
                } else if (blow == Blow.CANCEL_SESSION) {
                    ring.query("CALL CANCEL_SESSION(" + waiter.id() + ")");
                }
                return waits.code() + " " + waits.failure().getMessage();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void anAbortedWaiterIsToldSo(Side side) throws Exception {
        try (Ring ring = quick(side)) {
            Actor waiter = ring.actor("waiter");
            ring.actor("holder").runs(DEBIT);
            Attempt waits = waiter.waits(SPEND);

            ring.query("CALL ABORT_SESSION(" + waiter.id() + ")");

            assertThat(waits.code()).isEqualTo(side.does("40001 40001", "08006 90067"));
            assertThat(waits.failure().getMessage())
                    .contains(side.does("Deadlock detected", "its session was aborted"));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void anInterruptIsToldAsOneAndItsFlagIsKept(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            Actor waiter = ring.actor("waiter");
            ring.actor("holder").runs(DEBIT);
            Attempt waits = waiter.waits(SPEND);

            waiter.thread().interrupt();

            assertThat(waits.code()).isEqualTo(side.does("HYT00 50200", "57014 57014"));
            assertThat(waits.failure().getMessage()).contains(side.does("Timeout", "its thread was interrupted"));
            assertThat(waiter.wasInterrupted()).isEqualTo(!side.isPlain());
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void abortOfAConnectionEndsItsWait(Side side) throws Exception {
        try (Ring ring = quick(side)) {
            Actor waiter = ring.actor("waiter");
            ring.actor("holder").runs(DEBIT);
            Attempt waits = waiter.waits(SPEND);

            waiter.connection().abort(Runnable::run);

            assertThat(waiter.connection().isClosed()).isEqualTo(!side.isPlain());
            assertThat(waits.code()).isEqualTo(side.does("HYT00 50200", "08006 90067"));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aDeadlockOfTwoRowsIsReportedWithItsStatements(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            Actor a = ring.actor("a");
            Actor b = ring.actor("b");
            a.runs(DEBIT);
            b.runs(CREDIT);
            Attempt waits = a.waits(TAKE_BACK);

            Attempt closes = b.starts(SPEND);
            SQLException victim = closes.failure();

            assertThat(victim.getSQLState()).isEqualTo("40001");
            if (side.isPlain()) {
                assertThat(victim.getMessage()).doesNotContain(TAKE_BACK).doesNotContain("session");
            } else {
                assertThat(victim.getMessage())
                        .contains("dependency cycle of sessions " + b.id() + ", " + a.id() + ".")
                        .contains("EX ROW on PUBLIC.ACCOUNTS(ID=1) held by " + a.id() + "   " + SPEND)
                        .contains("EX ROW on PUBLIC.ACCOUNTS(ID=2) held by " + b.id() + "   " + TAKE_BACK);
            }
            assertThat(waits.result()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aCycleThroughAPlaceInAQueueIsFoundAndBrokenByChangingPlaces(Side side) throws Exception {
        try (Ring ring = quick(side)) {
            Actor a = ring.actor("a");
            Actor b = ring.actor("b");
            Actor c = ring.actor("c");
            c.runs(DEBIT);
            a.runs(ORDER.formatted(1));
            Attempt definition = b.waits(ADD_COLUMN); // for a
            Attempt behind = c.waits(ORDER.formatted(2)); // behind b
            Attempt closing = a.waits(SPEND); // for c

            if (side.isPlain()) { // Nobody sees it; whoever is first to lose patience lets the others go.
                assertThat(definition.code()).isEqualTo("HYT00 50200");
            } else {
                assertThat(behind.result()).as("it goes before the definition").isEqualTo(1);
                c.commits();
                assertThat(closing.result()).isEqualTo(1);
                a.commits();
                assertThat(definition.result()).isZero();
                assertThat(ring.query("SELECT COUNT(*) FROM SYS.DEADLOCKS")).containsExactly("0");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aDuplicateKeyNamesTheKeyAndItsHolder(Side side) throws Exception {
        try (Ring ring = Ring.of(side, SHORT)) {
            Actor first = ring.actor("first");
            Actor second = ring.actor("second");
            ring.run("CREATE TABLE PEOPLE(ID INT PRIMARY KEY, NAME VARCHAR(10) UNIQUE)");
            first.runs("INSERT INTO PEOPLE VALUES (1, 'ada')");

            SQLException refused =
                    second.starts("INSERT INTO PEOPLE VALUES (2, 'ada')").failure();

            if (side.isPlain()) {
                assertThat(refused.getMessage()).contains("{0}");
            } else {
                assertThat(refused.getMessage())
                        .contains(" ms for EX ROW on PUBLIC.PEOPLE(NAME='ada') (lock_timeout=" + SHORT + ")")
                        .contains("session " + first.id());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void eightWaitersAreServedAsTheyCame(Side side) throws Exception {
        List<String> inOrder = IntStream.range(0, 8).mapToObj(Integer::toString).toList();
        int tries = side.does(50, 3); // Plain H2 wakes all of them: it may be in order, but not fifty times.
        int others = 0;
        for (int i = 0; i < tries && others == 0; i++) {
            others += eight(side).equals(inOrder) ? 0 : 1;
        }
        assertThat(others).isEqualTo(side.does(1, 0));
    }

    /** Who was served, in the order of it. */
    private static List<String> eight(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            ring.run("CREATE TABLE SERVED(N INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, WHO INT)");
            Actor holder = ring.actor("holder");
            holder.runs(DEBIT);
            List<Attempt> waiters = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int who = i;
                Actor actor = ring.actor("waiter-" + who);
                waiters.add(actor.waits(() -> {
                    actor.execute(SPEND);
                    actor.execute("INSERT INTO SERVED(WHO) VALUES (" + who + ")");
                    actor.connection().commit();
                    return 1;
                }));
            }
            holder.commits();
            for (Attempt waiter : waiters) {
                waiter.result();
            }
            return ring.query("SELECT WHO FROM SERVED ORDER BY N");
        }
    }
}
