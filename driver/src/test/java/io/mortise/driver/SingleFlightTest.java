package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.error.SessionStayedBusyException;
import io.mortise.engine.session.Session;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One statement in flight, seen from two threads that share a connection. */
@Timeout(60)
final class SingleFlightTest extends SingleFlight {
    @Test
    @DisplayName("31 a second statement is refused by name at once, and the first goes on")
    void aSecondStatementIsRefusedByNameAndTheFirstGoesOn() throws Exception {
        try (Connection connection = connect("")) {
            Future<Integer> first = startBraked(connection);
            int session = connection.unwrap(Session.class).id();

            assertThatThrownBy(() -> execute(connection, "SELECT 2"))
                    .isInstanceOfSatisfying(SessionIsLockedException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("HY010");
                        assertThat(e.getErrorCode()).isEqualTo(373);
                        assertThat(e.getSessionId()).isEqualTo(session);
                        assertThat(e.getThreadName()).isEqualTo("worker-3");
                        assertThat(e.getSql()).isEqualTo(braked());
                        assertThat(e.getQueryId()).isEqualTo("q-" + e.getStatementId());
                        assertThat(e.getMessage())
                                .matches("(?s)SESSION_IS_LOCKED: Session is locked by another thread\\. Session "
                                        + session + " has been running query " + e.getStatementId()
                                        + " for [0-9 ]+ ms on thread \"worker-3\"\n  in flight  SELECT BRAKE.*\n"
                                        + "  refused    SELECT 2 on thread \".*\"\n"
                                        + "  hint       give each thread a connection of its own, from a pool; or put"
                                        + " SESSION_BUSY=WAIT in the URL, to queue instead of failing");
                    });

            brake.letGo();
            assertThat(Background.result(first)).isEqualTo(1);
            assertThat(execute(connection, "SELECT 2")).isTrue();
        }
    }

    @Test
    void aRefusalIsAnEventOfTheFlightRecorder(@TempDir Path folder) throws Exception {
        try (Connection connection = connect("");
                Recording recording = new Recording()) {
            recording.enable("mortise.SessionLocked");
            recording.start();
            startBraked(connection);
            assertThatThrownBy(() -> execute(connection, "SELECT 2")).isInstanceOf(SessionIsLockedException.class);
            recording.stop();

            Path file = folder.resolve("recording.jfr");
            recording.dump(file);
            assertThat(RecordingFile.readAllEvents(file)).anySatisfy(event -> {
                assertThat(event.getString("refused")).isEqualTo("SELECT 2");
                assertThat(event.getString("inFlight")).isEqualTo(braked());
            });
        }
    }

    @Test
    @DisplayName("32 with WAIT the second statement runs after the first")
    void withWaitTheSecondStatementRunsAfterTheFirst() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY=WAIT");
                Background second = new Background("worker-4")) {
            startBraked(connection);
            Future<Boolean> waits = second.starts(() -> execute(connection, "SELECT 2"));
            brake.letGo();

            assertThat(Background.result(waits)).isTrue();
        }
    }

    @Test
    @DisplayName("32 the wait ends at SESSION_BUSY_TIMEOUT with the same error")
    void aWaitEndsWithTheSameErrorAtItsTimeout() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY=WAIT;SESSION_BUSY_TIMEOUT=20")) {
            startBraked(connection);

            assertThatThrownBy(() -> execute(connection, "SELECT 2")).isInstanceOf(SessionIsLockedException.class);
            brake.letGo();
        }
    }

    @Test
    @DisplayName("33 a loop over a result may run statements")
    void aLoopOverAResultMayRunStatements() throws Exception {
        try (Connection connection = connect("");
                Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery("SELECT ID FROM T ORDER BY ID")) {
            int updated = 0;
            while (rows.next()) {
                try (PreparedStatement update = connection.prepareStatement("UPDATE T SET V = V + 1 WHERE ID = ?")) {
                    update.setInt(1, rows.getInt(1));
                    updated += update.executeUpdate();
                }
            }
            assertThat(updated).isEqualTo(5);
        }
    }

    @Test
    @DisplayName("34 a function may run statements")
    void aFunctionMayRunStatementsOnItsOwnConnection() throws Exception {
        execute(keeper, "CREATE ALIAS INNER_COUNT FOR \"io.mortise.driver.Brake.count\"");
        execute(keeper, "CREATE ALIAS AGAIN FOR \"io.mortise.driver.Brake.countAgain\"");
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            Brake.use(connection);
            try (ResultSet result = statement.executeQuery("SELECT INNER_COUNT(), AGAIN()")) {
                result.next();
                assertThat(result.getInt(1)).isEqualTo(5);
                assertThat(result.getInt(2)).isEqualTo(5);
            }
        }
    }

    @Test
    @DisplayName("35 a result that is there keeps nobody out")
    void aResultThatIsThereKeepsNobodyOut() throws Exception {
        try (Connection connection = connect("");
                Statement statement = connection.createStatement();
                ResultSet open = statement.executeQuery("SELECT ID FROM T ORDER BY ID")) {
            open.next();

            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
            assertThat(open.next()).isTrue();
        }
    }

    @Test
    @DisplayName("37 getters and the like answer at once")
    void gettersAndTheLikeAnswerAtOnce() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY_GRACE=60000")) {
            connection.setAutoCommit(false);
            startBraked(connection);

            assertThat(connection.isClosed()).isFalse();
            assertThat(connection.getAutoCommit()).isFalse();
            assertThat(connection.getSchema()).isEqualTo("PUBLIC");
            assertThat(connection.getCatalog()).isNotBlank();
            assertThat(connection.isReadOnly()).isFalse();
            assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
            assertThat(connection.isValid(5)).isTrue();
            assertThat(connection.getNetworkTimeout()).isZero();
            connection.setNetworkTimeout(Runnable::run, 5000);
            assertThat(connection.getNetworkTimeout()).isEqualTo(5000);
            connection.setClientInfo("ApplicationName", "test");
            assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("test");
            connection.clearWarnings();
            connection.beginRequest();
            connection.endRequest();
            assertThat(connection.unwrap(MortiseConnection.class)).isSameAs(connection);
            Statement other = connection.createStatement();
            other.close();
            assertThat(other.isClosed()).isTrue();
            brake.letGo();
        }
    }

    @Test
    void aCommitThatIsRefusedMayBeTriedAgainButARollbackDropsTheConnection() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY_GRACE=10")) {
            connection.setAutoCommit(false);
            startBraked(connection);

            assertThatThrownBy(connection::commit)
                    .isInstanceOfSatisfying(
                            SessionIsLockedException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("HY010"));
            assertThatThrownBy(() -> connection.prepareStatement("SELECT 1"))
                    .isInstanceOf(SessionIsLockedException.class);
            assertThatThrownBy(() -> connection.getMetaData().getTables(null, null, "%", null))
                    .isInstanceOf(SessionIsLockedException.class);
            assertThatThrownBy(connection::rollback).isInstanceOfSatisfying(SessionStayedBusyException.class, e -> {
                assertThat(e.getSQLState()).isEqualTo("08007");
                assertThat(e.getErrorCode()).isEqualTo(373);
                assertThat(e.getMessage()).contains("ROLLBACK").contains("SESSION_BUSY_GRACE");
            });
            assertThatThrownBy(() -> connection.setAutoCommit(true)).isInstanceOf(SessionStayedBusyException.class);
            assertThatThrownBy(() -> connection.setReadOnly(true)).isInstanceOf(SessionStayedBusyException.class);
            assertThatThrownBy(() -> connection.setSchema("PUBLIC")).isInstanceOf(SessionStayedBusyException.class);
            assertThatThrownBy(() -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                    .isInstanceOf(SessionStayedBusyException.class);
            brake.letGo();
        }
    }

    @Test
    void aQueryIdIsRefusedWhileAStatementOfThatIdRuns() throws Exception {
        try (Connection connection = connect("");
                Connection another = connect("")) {
            connection.setClientInfo("query_id", "report-1");
            startBraked(connection);
            another.setClientInfo("query_id", "report-1");

            assertThatThrownBy(() -> execute(another, "SELECT 1")).isInstanceOfSatisfying(SQLException.class, e -> {
                assertThat(e.getErrorCode()).isEqualTo(216);
                assertThat(e.getSQLState()).isEqualTo("HY010");
            });
            assertThat(execute(another, "SELECT 1")).isTrue();
            brake.letGo();
        }
    }
}
