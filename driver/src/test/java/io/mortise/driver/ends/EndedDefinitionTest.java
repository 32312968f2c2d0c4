package io.mortise.driver.ends;

import static io.mortise.driver.ends.RefusedDefinitionTest.DEFINITIONS;
import static io.mortise.driver.ends.RefusedDefinitionTest.execute;
import static io.mortise.driver.ends.RefusedDefinitionTest.locks;
import static io.mortise.driver.ends.RefusedDefinitionTest.open;
import static io.mortise.driver.ends.RefusedDefinitionTest.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** A definition whose wait for the catalogue somebody ends has committed nothing of what came before it. */
@Timeout(120)
final class EndedDefinitionTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();
    private final ExecutorService worker = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        worker.shutdownNow();
    }

    private interface Ending {
        void end(Connection keeper, Statement waiting, int session) throws SQLException;
    }

    private static final Map<String, Ending> ENDINGS = Map.of(
            "cancel", (keeper, waiting, session) -> waiting.cancel(),
            "kill", (keeper, waiting, session) -> execute(keeper, "KILL SESSION " + session + " CANCEL"),
            "roll back", (keeper, waiting, session) -> execute(keeper, "KILL SESSION " + session + " ROLLBACK"));

    /** It has the catalogue until its transaction ends. */
    private static void hold(Connection other) throws SQLException {
        other.setAutoCommit(false);
        execute(other, "CREATE SEQUENCE HOLDS_THE_CATALOGUE");
    }

    /** While it waits for the catalogue: then too it has committed nothing. */
    @TestFactory
    Stream<DynamicTest> oneThatIsEndedWhileItWaitsCommitsNothing() {
        return ENDINGS.entrySet().stream()
                .map(ending -> dynamicTest(ending.getKey(), () -> {
                    try (Connection keeper = open(url, "");
                            Connection one = DriverManager.getConnection(url + ";LOCK_TIMEOUT=100000", "sa", "");
                            Connection other = DriverManager.getConnection(url, "sa", "")) {
                        one.setAutoCommit(false);
                        hold(other);
                        for (String definition : DEFINITIONS) {
                            isEnded(keeper, one, ending.getValue(), definition);
                        }
                    }
                }));
    }

    private void isEnded(Connection keeper, Connection one, Ending ending, String definition) throws Exception {
        execute(one, "INSERT INTO T VALUES(1, 1)");
        Semaphore waits = new Semaphore(0);
        LockListener witness = new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                waits.release();
            }
        };
        keeper.unwrap(Session.class).locks().addListener(witness);
        try (Statement statement = one.createStatement()) {
            Future<Boolean> waiting = worker.submit(() -> statement.execute(definition));
            waits.acquire();
            ending.end(keeper, statement, one.unwrap(Session.class).id());
            assertThatThrownBy(waiting::get).as(definition).hasCauseInstanceOf(SQLException.class);
        } finally {
            keeper.unwrap(Session.class).locks().removeListener(witness);
        }
        one.rollback();
        assertThat(rows(keeper)).as(definition + ": undone").isZero();
    }

    /**
     * Whoever of the two is the victim: a definition that is has committed nothing, and one that is not has committed.
     */
    @Test
    void oneThatIsTheVictimOfADeadlockCommitsNothing() throws Exception {
        for (String definition :
                List.of("CREATE TABLE NEW_TABLE(ID INT)", "ALTER TABLE U ADD W INT", "DROP VIEW OLD_VIEW")) {
            String fresh = url + System.nanoTime();
            try (Connection keeper = open(fresh, "");
                    Connection one =
                            DriverManager.getConnection(fresh + ";LOCK_TIMEOUT=100000;DEADLOCK_PRIORITY=-5", "sa", "");
                    Connection other = DriverManager.getConnection(fresh + ";LOCK_TIMEOUT=100000", "sa", "")) {
                one.setAutoCommit(false);
                execute(one, "INSERT INTO T VALUES(1, 1)");
                hold(other);
                Semaphore waits = new Semaphore(0);
                keeper.unwrap(Session.class).locks().addListener(new LockListener() {
                    @Override
                    public void waitStarted(LockRow request) {
                        waits.release();
                    }
                });
                Future<?> wants = worker.submit(() -> {
                    execute(other, "LOCK TABLE T IN EXCLUSIVE MODE");
                    return null;
                });
                waits.acquire();
                Throwable victim = catchThrowable(() -> execute(one, definition));
                assertThat(victim).as(definition).isInstanceOf(DeadlockException.class);
                wants.get();
                one.rollback();
                other.rollback();
                assertThat(rows(keeper)).as(definition).isZero();
                assertThat(locks(keeper)).as(definition).isZero();
            }
        }
    }
}
