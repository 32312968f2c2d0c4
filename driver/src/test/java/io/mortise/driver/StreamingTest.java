package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SessionIsLockedException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A result that H2 produces while it is read keeps its statement in flight. */
@Timeout(60)
final class StreamingTest extends SingleFlight {
    private static final String LAZY = ";LAZY_QUERY_EXECUTION=1";

    @Test
    void aStreamingResultIsAStatementInFlightUntilItIsRead() throws Exception {
        try (Connection connection = connect(LAZY);
                Statement statement = connection.createStatement();
                ResultSet open = statement.executeQuery("SELECT ID FROM T")) {
            open.next();
            assertThatThrownBy(() -> worker.does(() -> execute(connection, "SELECT 1")))
                    .isInstanceOf(SessionIsLockedException.class);
            assertThat(worker.does(open::next)).as("any thread may read").isTrue();
            while (open.next()) {
                assertThat(open.getInt(1)).isPositive();
            }

            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
        }
    }

    @Test
    void aStreamingResultThatIsClosedLetsTheNextIn() throws Exception {
        try (Connection connection = connect(LAZY);
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT ID FROM T");
            ResultSet open = statement.getResultSet();
            open.next();

            worker.does(() -> {
                open.close();
                return true;
            });

            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
        }
    }

    @Test
    void whoWaitsForAReaderIsToldThatItStreams() throws Exception {
        execute(keeper, "SET SERIALIZABLE_BY LOCKS");
        try (Connection connection = connect(LAZY);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            ResultSet open = statement.executeQuery("SELECT ID FROM T");
            open.next();
            execute(keeper, "SET LOCK_TIMEOUT 1");

            assertThatThrownBy(() -> execute(keeper, "UPDATE T SET V = 1"))
                    .hasMessageContaining(", streaming a result ")
                    .hasMessageContaining("to its end, or close it")
                    .hasMessageNotContaining("idle");

            open.close();
            assertThatThrownBy(() -> execute(keeper, "UPDATE T SET V = 1"))
                    .hasMessageContaining(", idle in transaction ")
                    .hasMessageNotContaining("streaming");
        }
    }

    @Test
    void aStatementThatIsExecutedAgainClosesItsStream() throws Exception {
        try (Connection connection = connect(LAZY);
                Statement statement = connection.createStatement()) {
            ResultSet replaced = statement.executeQuery("SELECT ID FROM T");
            replaced.next();

            statement.executeUpdate("UPDATE T SET V = 1 WHERE ID = 1");

            assertThat(replaced.isClosed()).isTrue();
            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
        }
    }

    @Test
    void aStatementThatIsClosedClosesItsStream() throws Exception {
        try (Connection connection = connect(LAZY)) {
            Statement statement = connection.createStatement();
            statement.executeQuery("SELECT ID FROM T").next();

            statement.close();

            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
        }
    }
}
