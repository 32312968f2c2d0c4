package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that name the same session share it. */
@Timeout(60)
final class NamedSessionTest extends SingleFlight {
    @Test
    @DisplayName("40 connections of one name share temporary tables, transaction and variables")
    void connectionsOfOneNameShareTemporaryTablesTransactionAndVariables() throws Exception {
        try (Connection a = connect(";SESSION_ID=s");
                Connection b = connect(";sessionId=s")) {
            assertThat(a.unwrap(Session.class)).isSameAs(b.unwrap(Session.class));
            execute(a, "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT)");
            execute(a, "SET @X = 5");
            a.setAutoCommit(false);
            execute(a, "UPDATE T SET V = 1 WHERE ID = 1");

            assertThat(number(b, "SELECT COUNT(*) FROM TEMP")).isZero();
            assertThat(number(b, "SELECT @X")).isEqualTo(5);
            assertThat(b.getAutoCommit()).isFalse();
            assertThat(number(b, "SELECT SUM(V) FROM T")).isEqualTo(1);
            b.rollback();
            assertThat(sum()).isZero();
        }
    }

    @Test
    @DisplayName("40 in parallel the second is refused; other names are independent")
    void twoOfOneNameAreRefusedAtOnceAndTwoNamesAreIndependent() throws Exception {
        try (Connection a = connect(";SESSION_ID=s");
                Connection b = connect(";SESSION_ID=s");
                Connection c = connect(";SESSION_ID=other")) {
            startBraked(a);

            assertThatThrownBy(() -> execute(b, "SELECT 1"))
                    .isInstanceOfSatisfying(SessionIsLockedException.class, e -> {
                        assertThat(e.getSessionName()).isEqualTo("s");
                        assertThat(e.getMessage())
                                .contains("Session " + e.getSessionId() + " 's' has been running query");
                    });
            assertThat(execute(c, "SELECT 1")).isTrue();
            brake.letGo();
        }
    }

    @Test
    void theLastConnectionThatGoesRollsBackAndTheRestStays() throws Exception {
        Session session;
        try (Connection a = connect(";SESSION_ID=s")) {
            session = a.unwrap(Session.class);
            execute(a, "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT)");
            a.setAutoCommit(false);
            execute(a, "UPDATE T SET V = 1 WHERE ID = 1");
        }
        assertThat(sum()).isZero();
        assertThat(execute(keeper, "UPDATE T SET V = 2 WHERE ID = 1"))
                .as("the lock is gone")
                .isTrue();

        try (Connection again = connect(";SESSION_ID=s;SESSION_CHECK=1")) {
            assertThat(again.unwrap(Session.class)).isSameAs(session);
            assertThat(number(again, "SELECT COUNT(*) FROM TEMP")).isZero();
        }
    }

    @Test
    void theStatementOfTheLastConnectionThatGoesIsToldThatItsTransactionIsOver() throws Exception {
        keeper.setAutoCommit(false);
        execute(keeper, "UPDATE T SET V = 2 WHERE ID = 1");
        WaitWitness witness = WaitWitness.over(keeper);
        Connection a = connect(";SESSION_ID=s;LOCK_TIMEOUT=60000");
        a.setAutoCommit(false);
        try (Background waiter = new Background("waiter")) {
            Future<Boolean> waits = waiter.starts(() -> execute(a, "UPDATE T SET V = 1 WHERE ID = 1"));
            witness.awaitNext();

            a.close();

            assertThat((Throwable) Background.failure(waits))
                    .isInstanceOfSatisfying(StatementEndedException.class, e -> {
                        assertThat(e.reason()).isEqualTo(StatementEndedException.Reason.CONNECTION_CLOSED);
                        assertThat(e.isTransactionAlive()).isFalse();
                    });
        }
        keeper.rollback();
    }

    @Test
    void aSessionThatMustExistAndDoesNotIsAnError() {
        assertThatThrownBy(() -> connect(";SESSION_ID=nobody;SESSION_CHECK=1"))
                .isInstanceOfSatisfying(SQLException.class, e -> {
                    assertThat(e.getErrorCode()).isEqualTo(372);
                    assertThat(e.getSQLState()).isEqualTo("08003");
                    assertThat(e.getMessage()).startsWith("Session 'nobody' not found.");
                });
    }

    @Test
    void aPoolOnOneNameIsWarnedOfOnce() throws Exception {
        try (LogLines log = new LogLines();
                Connection a = connect(";SESSION_ID=s");
                Connection b = connect(";SESSION_ID=s");
                Connection c = connect(";SESSION_ID=s")) {
            assertThat(a.isClosed() || b.isClosed() || c.isClosed()).isFalse();
            assertThat(log.about("More than one connection uses the session 's'"))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING");
        }
    }

    @Test
    void aUserDoesNotSeeAnothersSession() throws Exception {
        execute(keeper, "CREATE USER U PASSWORD 'u'");
        try (Connection a = connect(";SESSION_ID=s");
                Connection b = connect(";SESSION_ID=s;USER=U;PASSWORD=u")) {
            assertThat(a.unwrap(Session.class)).isNotSameAs(b.unwrap(Session.class));
        }
    }

    @Test
    void closingOneConnectionLeavesTheOthersRunning() throws Exception {
        Connection a = connect(";SESSION_ID=s");
        try (Connection b = connect(";SESSION_ID=s")) {
            a.close();

            assertThat(a.isClosed()).isTrue();
            assertThatThrownBy(() -> execute(a, "SELECT 1")).isInstanceOf(SQLException.class);
            assertThat(execute(b, "SELECT 1")).isTrue();
        }
    }

    @Test
    void anIdleTransactionIsRolledBackAndTheNextStatementSaysWhy() throws Exception {
        try (Connection connection = connect(";IDLE_IN_TRANSACTION_TIMEOUT=20")) {
            connection.setAutoCommit(false);
            execute(connection, "UPDATE T SET V = 1 WHERE ID = 1");
            // The keeper gets the row when, and only when, the idle transaction has been rolled back.
            execute(keeper, "SET LOCK_TIMEOUT 30000");
            execute(keeper, "UPDATE T SET V = 2 WHERE ID = 1");

            assertThatThrownBy(connection::commit)
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getMessage())
                                    .contains("IDLE_IN_TRANSACTION_TIMEOUT=20")
                                    .contains("rolled back"));
            assertThatThrownBy(connection::commit).hasMessageContaining("IDLE_IN_TRANSACTION_TIMEOUT=20");
            connection.rollback();
            assertThat(execute(connection, "SELECT 1")).isTrue();
        }
    }

    @Test
    void aTransactionThatIsOpenForTooLongIsRolledBack() throws Exception {
        try (Connection connection = connect("")) {
            connection.setAutoCommit(false);
            execute(connection, "UPDATE T SET V = 1 WHERE ID = 1");
            execute(connection, "SET TRANSACTION_TIMEOUT 20"); // Not before: the update could take as long.
            execute(keeper, "SET LOCK_TIMEOUT 60000");
            execute(keeper, "UPDATE T SET V = 2 WHERE ID = 1");

            assertThatThrownBy(() -> execute(connection, "SELECT 1"))
                    .hasMessageContaining("TRANSACTION_TIMEOUT=20")
                    .hasMessageContaining("Run it again from its beginning.");
        }
    }

    @Test
    void anIdleTransactionThatBlocksNobodyGoesOnAndOneThatDoesIsRolledBack() throws Exception {
        try (Connection free = connect(";IDLE_BLOCKER_TIMEOUT=20");
                Connection blocker = connect(";IDLE_BLOCKER_TIMEOUT=20")) {
            free.setAutoCommit(false);
            execute(free, "UPDATE T SET V = 1 WHERE ID = 2");
            blocker.setAutoCommit(false);
            execute(blocker, "UPDATE T SET V = 1 WHERE ID = 1");
            execute(keeper, "SET LOCK_TIMEOUT 60000");
            execute(keeper, "UPDATE T SET V = 2 WHERE ID = 1");

            assertThatThrownBy(blocker::commit).hasMessageContaining("IDLE_BLOCKER_TIMEOUT=20");
            free.commit();
            assertThat(sum()).isEqualTo(3);
        }
    }

    @Test
    void theLowestPriorityGivesWayInADeadlockWhateverItHasDone() throws Exception {
        try (Connection high = connect(";DEADLOCK_PRIORITY=5;LOCK_TIMEOUT=60000");
                Connection low = connect(";DEADLOCK_PRIORITY=-5;LOCK_TIMEOUT=60000")) {
            high.setAutoCommit(false);
            low.setAutoCommit(false);
            execute(low, "UPDATE T SET V = 1 WHERE ID > 1");
            execute(high, "UPDATE T SET V = 2 WHERE ID = 1");
            Future<Boolean> waits = worker.starts(() -> execute(low, "UPDATE T SET V = 1 WHERE ID = 1"));
            awaitLockWait(low.unwrap(Session.class));

            assertThat(execute(high, "UPDATE T SET V = 2 WHERE ID = 2")).isTrue();

            assertThat(Background.failure(waits).getSQLState()).isEqualTo("40001");
            high.commit();
            assertThat(sum()).isEqualTo(4);
        }
    }

    @Test
    void aDeadlockThroughTheStatementSlotIsFoundWhenItCloses() throws Exception {
        String shared = ";SESSION_ID=s;SESSION_BUSY=WAIT;SESSION_BUSY_TIMEOUT=600000;LOCK_TIMEOUT=600000";
        try (Connection own = connect("");
                Connection first = connect(shared);
                Connection second = connect(shared)) {
            own.setAutoCommit(false);
            execute(own, "UPDATE T SET V = 1 WHERE ID = 1");
            first.setAutoCommit(false);
            Future<Boolean> waits = worker.starts(() -> execute(first, "UPDATE T SET V = 2 WHERE ID = 1"));
            Session session = first.unwrap(Session.class);
            awaitLockWait(session);

            Optional<SQLException> mine = Optional.empty();
            try {
                execute(second, "SELECT 1");
            } catch (SQLException e) {
                mine = Optional.of(e);
            }

            if (mine.isPresent()) {
                assertThat(mine.get().getSQLState()).isEqualTo("40001");
                assertThat(Background.result(waits)).as("the other goes on").isTrue();
            } else {
                assertThat(Background.failure(waits).getSQLState()).isEqualTo("40001");
            }
        }
    }
}
