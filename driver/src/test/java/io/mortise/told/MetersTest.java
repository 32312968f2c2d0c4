package io.mortise.told;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.EndedWait;
import io.mortise.engine.meter.MeterListener;
import io.mortise.engine.meter.Meters;
import io.mortise.engine.meter.Reading;
import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is measured is what has happened: four waits, one deadlock, one timeout, one refusal. */
@Interleaved
@Timeout(120)
final class MetersTest {
    private static final String TAKE = "UPDATE T SET V = V + 1 WHERE ID = ";

    /** Notes the waits of one database. */
    private static final class Waits implements MeterListener {
        private final String database;
        private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

        Waits(String database) {
            this.database = database;
        }

        @Override
        public void waited(EndedWait wait) {
            if (wait.database().equals(database)) {
                assertThat(wait.blocker()).isPresent();
                seen.add(wait.table() + " " + wait.outcome());
            }
        }
    }

    @Test
    void whatHappensIsCounted(Interleaving db) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0), (2, 0)");
        String name = db.query("SELECT DATABASE()").get(0);
        DatabaseMeters meters = Meters.of(name).orElseThrow();
        Waits waits = new Waits(name);
        Meters.listen(waits);
        TestSession a = db.session("a");
        TestSession b = db.session("b");
        long statements = meters.read().statements();

        a.step(TAKE + 1).expectUpdated(1);
        Step granted = b.step(TAKE + 1).expectBlockedBy("a");
        assertThat(meters.read()).satisfies(now -> {
            assertThat(now.waiting()).isOne();
            assertThat(now.openTransactions()).isEqualTo(2);
            assertThat(now.uncommittedRows()).isOne();
            assertThat(now.sessions()).containsEntry("lock_wait", 1L).containsEntry("idle_in_transaction", 1L);
            assertThat(now.locks().get("table")).isGreaterThanOrEqualTo(2);
        });
        assertThat(meters.whoIsBusy())
                .anyMatch(line -> line.matches("session " + a.id() + " idle in transaction for \\d+ ms, thread"
                        + " \"session a\", ran last " + "UPDATE T SET V = V \\+ 1 WHERE ID = 1"))
                .anyMatch(line -> line.startsWith("session " + b.id() + " lock wait for "));
        refuse(b.connection());
        endInThreeWays(a, b, granted);

        Reading end = meters.read();
        Meters.ignore(waits);
        assertThat(waits.seen)
                .containsExactly(
                        "PUBLIC.T granted", "PUBLIC.T timeout", "PUBLIC.T deadlock_victim", "PUBLIC.T granted");
        assertThat(end.waits()).isEqualTo(4);
        assertThat(end.timeouts()).isOne();
        assertThat(end.deadlocks()).isOne();
        assertThat(end.refused()).isOne();
        assertThat(end.waiting()).isZero();
        assertThat(end.openTransactions()).isZero();
        assertThat(end.uncommittedRows()).isZero();
        assertThat(end.statements() - statements).isGreaterThanOrEqualTo(8);
        assertThat(end.statementNanos()).isPositive();
    }

    /** One wait is granted, one times out, and of two that cross one is a deadlock's victim. */
    private static void endInThreeWays(TestSession a, TestSession b, Step granted) {
        a.commit().expectFinished();
        granted.expectUpdated(1);
        b.step("SET LOCK_TIMEOUT 20").expectFinished();
        a.step(TAKE + 2).expectUpdated(1);
        b.step(TAKE + 2).expectError("HYT00");
        b.step("SET LOCK_TIMEOUT 100000").expectFinished();
        Step crossed = a.step(TAKE + 1).expectBlockedBy("b");
        b.step(TAKE + 2).expectUpdated(1);
        crossed.expectError("40001");
        a.rollback().expectFinished();
        b.commit().expectFinished();
    }

    private static void refuse(Connection busy) {
        assertThatThrownBy(() -> {
                    try (Statement second = busy.createStatement()) {
                        second.execute("SELECT 1");
                    }
                })
                .isInstanceOf(SessionIsLockedException.class);
    }

    @Test
    void aDatabaseThatHasClosedIsMeasuredNoMore() {
        String name;
        try (Interleaving db = Interleaving.inMemory()) {
            name = db.query("SELECT DATABASE()").get(0);
            assertThat(Meters.open()).extracting(DatabaseMeters::database).contains(name);
        }

        assertThat(Meters.of(name)).isEmpty();
    }
}
