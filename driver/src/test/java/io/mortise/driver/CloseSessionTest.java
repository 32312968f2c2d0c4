package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CLOSE_SESSION ends a named session; its connections go on in a new one of that name. */
@Timeout(60)
final class CloseSessionTest extends SingleFlight {
    @ParameterizedTest
    @ValueSource(strings = {"SELECT close_session()", "CALL close_session()"})
    void whatTheSessionHadIsGoneAndItsConnectionsShareANewOne(String close) throws Exception {
        try (Connection a = connect(";SESSION_ID=s");
                Connection b = connect(";SESSION_ID=s");
                Statement statement = a.createStatement()) {
            Session before = a.unwrap(Session.class);
            statement.execute("CREATE LOCAL TEMPORARY TABLE TEMP(ID INT)");
            statement.execute("SET @X = 5");
            a.setAutoCommit(false);
            statement.execute("UPDATE T SET V = 1 WHERE ID = 1");

            try (ResultSet answer = statement.executeQuery(close)) {
                assertThat(answer.next()).as("the answer can still be read").isTrue();
                assertThat(answer.getString(1)).isEqualTo("executed");
            }

            assertThat(execute(keeper, "UPDATE T SET V = 2 WHERE ID = 1"))
                    .as("its locks are gone")
                    .isTrue();
            assertThat(sum()).as("its transaction was rolled back").isEqualTo(2);
            assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM TEMP"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isIn(42102, 42104));
            assertThat(number(b, "SELECT COALESCE(@X, 0)")).isZero();
            assertThat(a.getAutoCommit()).isTrue();
            assertThat(a.unwrap(Session.class)).isNotSameAs(before).isSameAs(b.unwrap(Session.class));
            assertThat(number(keeper, "SELECT COUNT(*) FROM SYSTEM.SESSIONS WHERE SESSION_NAME = 's'"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theNameIsFreeAtOnce() throws Exception {
        try (Connection a = connect(";SESSION_ID=s;SESSION_CHECK=0")) {
            execute(a, "CALL CLOSE_SESSION()");

            assertThatThrownBy(() -> connect(";SESSION_ID=s;SESSION_CHECK=1"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(372));
            try (Connection b = connect(";SESSION_ID=s")) {
                execute(b, "SET @X = 7");
                assertThat(number(a, "SELECT @X")).as("the old joins the new").isEqualTo(7);
            }
        }
    }

    @Test
    void aConnectionThatHadToFindItsSessionMakesTheNextItself() throws Exception {
        try (Connection maker = connect(";SESSION_ID=s")) {
            try (Connection checked = connect(";SESSION_ID=s;SESSION_CHECK=1")) {
                execute(maker, "CALL CLOSE_SESSION()");

                assertThat(execute(checked, "SELECT 1")).isTrue();
            }
        }
    }

    @Test
    void whatWasPreparedInTheOldSessionIsPreparedAgain() throws Exception {
        try (Connection a = connect(";SESSION_ID=s");
                PreparedStatement prepared = a.prepareStatement("SELECT 1");
                Statement batch = a.createStatement()) {
            batch.addBatch("UPDATE T SET V = 1");
            execute(a, "CALL CLOSE_SESSION()");

            assertThatThrownBy(prepared::executeQuery)
                    .hasMessageContaining("CLOSE_SESSION")
                    .hasMessageContaining("Prepare it again.");
            assertThatThrownBy(batch::executeBatch).hasMessageContaining("CLOSE_SESSION");
            try (PreparedStatement again = a.prepareStatement("SELECT 1")) {
                assertThat(again.execute()).isTrue();
            }
        }
    }

    @Test
    void aStatementThatStoodInLineRunsInTheNewSession() throws Exception {
        String wait = ";SESSION_ID=s;SESSION_BUSY=WAIT";
        try (Connection a = connect(wait);
                Connection b = connect(wait);
                Background second = new Background("worker-4")) {
            Session before = a.unwrap(Session.class);
            Future<Boolean> closes = worker.starts(() -> execute(a, braked() + ", CLOSE_SESSION()"));
            brake.awaitReached();
            Future<Integer> waits = second.starts(() -> number(b, "SELECT SESSION_ID()"));
            awaitInLine(before);
            brake.letGo();

            assertThat(Background.result(closes)).isTrue();
            assertThat(Background.result(waits)).isNotEqualTo(before.id());
        }
    }

    @Test
    void whatTheConnectionWasToldItStillKnows() throws Exception {
        try (Connection a = connect(";SESSION_ID=s")) {
            a.setNetworkTimeout(Runnable::run, 5000);
            a.setClientInfo("ApplicationName", "test");
            a.setReadOnly(true);
            execute(a, "CALL CLOSE_SESSION()");

            assertThatThrownBy(() -> execute(a, "UPDATE T SET V = 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            assertThat(a.getNetworkTimeout()).isEqualTo(5000);
            assertThat(a.getClientInfo("ApplicationName")).isEqualTo("test");
        }
    }

    @Test
    void beforeItsNextStatementAConnectionIsInAutocommitAlready() throws Exception {
        try (Connection a = connect(";SESSION_ID=s")) {
            a.setAutoCommit(false);
            execute(a, "UPDATE T SET V = 1 WHERE ID = 1");
            Session before = a.unwrap(Session.class);
            execute(a, "CALL CLOSE_SESSION()");

            assertThat(a.getAutoCommit()).isTrue();
            a.rollback();

            assertThat(a.unwrap(Session.class)).isNotSameAs(before);
            assertThat(sum()).isZero();
            a.close();
            assertThatThrownBy(a::rollback).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aSessionWithoutANameHasNothingToClose() throws Exception {
        assertThatThrownBy(() -> execute(keeper, "CALL CLOSE_SESSION()"))
                .isInstanceOfSatisfying(SQLException.class, e -> {
                    assertThat(e.getErrorCode()).isEqualTo(372);
                    assertThat(e.getMessage()).contains("has no name").contains("DISCONNECT");
                });
        assertThat(execute(keeper, "SELECT 1")).isTrue();
    }
}
