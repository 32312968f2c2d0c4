package io.mortise.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.engine.error.DeadlockException;
import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Interleavings;
import io.mortise.testkit.Interleavings.Script;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The testkit over a server: who waits is asked of it, and a test reads as it does over the embedded engine. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class TestkitTest {
    @BeforeAll
    static void theServerIsKnownByAProperty() {
        System.setProperty("testkit.server", TestServer.url());
    }

    @Test
    @Interleaved(url = "${testkit.server}")
    void aStepThatWaitsIsSeenToWaitAndToGoOn(Interleaving db) {
        db.setUp("CREATE TABLE STAGED (ID INT PRIMARY KEY, V INT)", "INSERT INTO STAGED VALUES (1, 0), (2, 0)");
        TestSession a = db.session("a");
        TestSession b = db.session("b");
        TestSession c = db.session("c");
        a.step("UPDATE STAGED SET V = V + 1 WHERE ID = 1").expectUpdated(1);
        Step second = b.step("UPDATE STAGED SET V = V + 1 WHERE ID = 1").expectBlockedBy("a");
        Step third = c.step("UPDATE STAGED SET V = V + 1 WHERE ID = 1").expectBlockedBy("a", "b");
        assertThat(db.scene()).contains("X on public.staged(id=1)", "behind a (HOLDS)", "behind a (HOLDS) and b");

        c.cancel(); // Which of two waiters gets the row, PostgreSQL does not promise.
        third.expectError("57014");
        c.rollback().expectFinished();
        a.commit().expectFinished();
        second.expectUpdated(1);
        b.commit().expectFinished();
        db.expectNobodyWaits().expectRows("SELECT V FROM STAGED ORDER BY ID", "2", "0");
        assertThatThrownBy(db::assertNoLockInversions).isInstanceOf(UnsupportedOperationException.class);
    }

    @TestFactory
    Stream<DynamicTest> everyOrderOfTwoTransfersKeepsTheSum() {
        return Interleavings.of(transfer("a", 1, 2), transfer("b", 2, 1))
                .in(() -> Interleaving.over(TestServer.url()))
                .on(
                        "DROP TABLE IF EXISTS TRANSFERRED",
                        "CREATE TABLE TRANSFERRED (ID INT PRIMARY KEY, V INT)",
                        "INSERT INTO TRANSFERRED VALUES (1, 100), (2, 100)")
                .check(run -> {
                    run.database().expectRows("SELECT SUM(V) FROM TRANSFERRED", "200");
                    assertThat(run.finished("a") || run.finished("b")).isTrue();
                    Stream.of("a", "b")
                            .flatMap(session -> run.failure(session).stream())
                            .forEach(failed -> assertThat((Throwable) failed.expectError("40001"))
                                    .isInstanceOf(DeadlockException.class));
                });
    }

    private static Script transfer(String session, int from, int to) {
        return Script.of(
                session,
                "UPDATE TRANSFERRED SET V = V - 10 WHERE ID = " + from,
                "UPDATE TRANSFERRED SET V = V + 10 WHERE ID = " + to,
                "COMMIT");
    }

    @Test
    void aPoolIsAsGood() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(TestServer.url());
        config.setMaximumPoolSize(3);
        try (HikariDataSource pool = new HikariDataSource(config);
                Interleaving db = Interleaving.over(pool)) {
            db.setUp("CREATE TABLE POOLED (ID INT PRIMARY KEY)");
            TestSession a = db.session("a");
            a.step("INSERT INTO POOLED VALUES (1)").expectUpdated(1);
            Step second = db.session("b").step("INSERT INTO POOLED VALUES (1)").expectBlockedBy("a");
            a.rollback().expectFinished();
            second.expectUpdated(1);
        }
    }
}
