package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.session.Session;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch in autocommit of which one row is ended: the counts say which rows are there, and those are there. */
@Timeout(60)
final class EndedBatchTest extends SingleFlight {
    @ParameterizedTest
    @ValueSource(strings = {"ABORT = 1", "ABORT = 2"})
    void theRowsThatWereCountedStay(String how) throws Exception {
        try (Connection connection = connect(";LOCK_TIMEOUT=60000")) {
            endTheThirdOf(connection, connection, how);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ABORT = 1", "ABORT = 2"})
    void theRowsThatWereCountedStayByAnotherRoute(String how) throws Exception {
        try (Connection connection = connect(";LOCK_TIMEOUT=60000")) {
            endTheThirdOf(connection, connection.unwrap(JdbcConnection.class), how);
        }
    }

    private void endTheThirdOf(Connection ours, Connection route, String how) throws Exception {
        keeper.setAutoCommit(false);
        execute(keeper, "INSERT INTO T VALUES(103, 0)"); // The third row of the batch waits for this one.
        Session session = ours.unwrap(Session.class);
        AtomicReference<int[]> counts = new AtomicReference<>(new int[0]);
        Future<Boolean> batch = worker.starts(() -> {
            try (PreparedStatement insert = route.prepareStatement("INSERT INTO T VALUES(?, 1)")) {
                for (int row : List.of(101, 102, 103)) {
                    insert.setInt(1, row);
                    insert.addBatch();
                }
                counts.set(insert.executeBatch());
            } catch (BatchUpdateException some) {
                counts.set(some.getUpdateCounts());
            }
            return true;
        });
        awaitLockWait(session);

        try (Connection other = connect("")) {
            execute(other, "UPDATE IPE_CURSESSIONS SET " + how + " WHERE SESSION = " + session.id());
            try {
                Background.result(batch);
            } catch (SQLException closedBeforeItCouldBeClosed) {
                assertThat(closedBeforeItCouldBeClosed.getErrorCode()).isNotZero();
            }
        }
        keeper.rollback();

        assertThat(counts.get()).startsWith(1, 1);
        assertThat(rows()).isEqualTo(2);
    }

    private int rows() throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM T WHERE ID > 100")) {
            row.next();
            return row.getInt(1);
        }
    }
}
