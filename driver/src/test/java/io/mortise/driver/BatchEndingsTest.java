package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.session.Session;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever ends the third of four rows, the client hears why, in the SQLState, the code and the text of the batch's
 * error and of each that follows it; and what the counts say is there, is there.
 */
@Timeout(120)
final class BatchEndingsTest extends SingleFlight {
    private static final int FIRST = 101;
    private static final int THIRD = 103;
    private static final int LAST = 104;

    /** How a batch is sent. */
    private enum Batch {
        AUTOCOMMIT(true, false, false),
        TRANSACTION(false, false, false),
        SERIALIZABLE(false, true, false),
        SERIALIZABLE_AUTOCOMMIT(true, true, false),
        TEXTS(true, false, true),
        TEXTS_IN_TRANSACTION(false, false, true);

        private final boolean isAutocommit;
        private final boolean isSerializable;
        private final boolean isText;

        Batch(boolean isAutocommit, boolean isSerializable, boolean isText) {
            this.isAutocommit = isAutocommit;
            this.isSerializable = isSerializable;
            this.isText = isText;
        }
    }

    /** Where its third row is when it is ended. */
    private enum Moment {
        WAITS,
        RUNS
    }

    private interface Way {
        void end(BatchEndingsTest test, Statement batch, int session) throws SQLException;
    }

    private static final Way NOTHING = (test, batch, session) -> {};

    private enum Ending {
        CANCEL("57014 57014", false, (test, batch, session) -> batch.cancel()),
        KILL_CANCEL("57014 57014", false, kill(" CANCEL")),
        KILL_ROLLBACK("57014 57014", true, kill(" ROLLBACK")),
        ABORT(
                "57014 57014",
                true,
                (test, batch, session) ->
                        execute(test.keeper, "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = " + session)),
        KILL("08006 90067", true, kill("")),
        LOCK_TIMEOUT("HYT00 50200", false, NOTHING),
        QUERY_TIMEOUT("57014 57014", false, NOTHING),
        TRANSACTION_TIMEOUT("57014 57014", true, NOTHING),
        DEADLOCK("40001 40001", true, NOTHING);

        private final String code;
        private final boolean rollsBack;
        /**
         * Does it end what runs and waits for nothing? Where H2 looks for a cancel only now and then, that is not
         * certain.
         */
        private final boolean meetsWhatRuns;

        private final Way way;

        Ending(String code, boolean rollsBack, Way way) {
            this.code = code;
            this.rollsBack = rollsBack;
            this.meetsWhatRuns = rollsBack && way != NOTHING;
            this.way = way;
        }

        /** Some end a transaction only, and a server keeps no limits of transactions. */
        private boolean isMet(boolean isServed, Batch batch) {
            boolean isOfTransactions = this == DEADLOCK || this == TRANSACTION_TIMEOUT;
            return !(isOfTransactions && batch.isAutocommit) && !(isServed && this == TRANSACTION_TIMEOUT);
        }

        private Stream<Moment> moments(Batch batch) {
            return meetsWhatRuns && !batch.isSerializable ? Stream.of(Moment.values()) : Stream.of(Moment.WAITS);
        }

        private static Way kill(String how) {
            return (test, batch, session) -> execute(test.keeper, "KILL SESSION " + session + how);
        }
    }

    private static Stream<Arguments> cells() {
        List<Arguments> cells = new ArrayList<>();
        for (boolean isServed : new boolean[] {false, true}) {
            for (Batch batch : Batch.values()) {
                Arrays.stream(Ending.values())
                        .filter(ending -> ending.isMet(isServed, batch))
                        .forEach(ending -> ending.moments(batch)
                                .map(moment -> Arguments.of(isServed, batch, moment, ending))
                                .forEach(cells::add));
            }
        }
        return cells.stream();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void theClientHearsWhyAndTheCountsAreTrue(boolean isServed, Batch kind, Moment moment, Ending ending)
            throws Exception {
        String settings = ";LOCK_TIMEOUT=" + (ending == Ending.LOCK_TIMEOUT ? 200 : 100_000)
                + (ending == Ending.TRANSACTION_TIMEOUT ? ";TRANSACTION_TIMEOUT=1000" : "");
        try (Connection connection = DriverManager.getConnection((isServed ? served() : database) + settings);
                Connection other = connect(";LOCK_TIMEOUT=100000;DEADLOCK_PRIORITY=5");
                Statement batch = batch(connection, kind, moment)) {
            int session = sessionOf(connection);
            other.setAutoCommit(false);
            if (moment == Moment.WAITS) {
                execute(other, "INSERT INTO T VALUES(" + THIRD + ", 0)");
            }
            connection.setAutoCommit(kind.isAutocommit);
            if (kind.isSerializable) {
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            }
            if (ending == Ending.DEADLOCK) {
                execute(connection, "UPDATE T SET V = 1 WHERE ID = 1");
            }
            if (ending == Ending.QUERY_TIMEOUT) {
                batch.setQueryTimeout(1);
            }
            Future<int[]> running = worker.starts(batch::executeBatch);
            if (moment == Moment.RUNS) {
                brake.awaitReached();
            } else if (ending.way != NOTHING
                    || ending == Ending.DEADLOCK) { // The others end a wait that nobody has seen, too.
                awaitLockWait(session);
            }
            ending.way.end(this, batch, session);
            if (ending == Ending.DEADLOCK) {
                execute(other, "UPDATE T SET V = 2 WHERE ID = 1");
            }
            brake.letGo();

            SQLException failure = failure(running);
            if (isServed && ending == Ending.KILL) { // The server hangs up.
                assertThat(failure.getSQLState()).startsWith("08");
            } else {
                isWorded(failure, ending);
            }
            isTrue(connection, kind, ending, failure);
        }
    }

    private static void isWorded(SQLException failure, Ending ending) {
        for (SQLException row = failure; row != null; row = row.getNextException()) {
            assertThat(row.getSQLState() + " " + row.getErrorCode()).isEqualTo(ending.code);
            assertThat(row.getMessage()).isNotEmpty();
        }
    }

    private void isTrue(Connection connection, Batch kind, Ending ending, SQLException failure) throws SQLException {
        boolean isCommitted = kind.isAutocommit || !ending.rollsBack;
        if (!kind.isAutocommit) {
            Throwable refused = catchThrowable(connection::commit);
            if (ending.rollsBack && !kind.isText) {
                assertThat(refused).as("a commit of the half that is left").isNotNull();
            }
        }
        List<Integer> expected = List.of();
        if (failure instanceof BatchUpdateException batch) {
            assertThat(batch.getMessage()).isEqualTo(batch.getNextException().getMessage());
            assertThat(batch.getUpdateCounts()).startsWith(1, 1).hasSize(4);
            expected = IntStream.range(0, 4)
                    .filter(row -> isCommitted && batch.getUpdateCounts()[row] == 1)
                    .mapToObj(row -> FIRST + row)
                    .toList();
        } else { // The server hangs up, and has no way to say more.
            assertThat(ending).isEqualTo(Ending.KILL);
            expected = isCommitted ? List.of(FIRST, FIRST + 1) : List.of();
        }
        assertThat(there()).isEqualTo(expected);
    }

    private static SQLException failure(Future<int[]> running) throws Exception {
        try {
            throw new AssertionError("all rows: " + Arrays.toString(running.get()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                return failure;
            }
            throw e;
        }
    }

    /** Four rows, of which the third waits for the lock of another, or for the brake. */
    private Statement batch(Connection connection, Batch kind, Moment moment) throws SQLException {
        String value = moment == Moment.WAITS
                ? "1"
                : "CASE WHEN X = " + THIRD + " THEN " + braked().replace("SELECT ", "") + " ELSE 1 END";
        String sql = "INSERT INTO T SELECT X, " + value + " FROM SYSTEM_RANGE(?, ?)";
        Statement batch = kind.isText ? connection.createStatement() : connection.prepareStatement(sql);
        for (int row = FIRST; row <= LAST; row++) {
            if (batch instanceof PreparedStatement prepared) {
                prepared.setInt(1, row);
                prepared.setInt(2, row);
                prepared.addBatch();
            } else {
                batch.addBatch(sql.replace("?", "" + row));
            }
        }
        return batch;
    }

    private void awaitLockWait(int session) throws Exception {
        LockManager locks = keeper.unwrap(Session.class).locks();
        awaitThat(() -> locks.waiting(session).isPresent());
    }

    /** Those of the batch's rows that another session sees. */
    private List<Integer> there() throws SQLException {
        List<Integer> found = new ArrayList<>();
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID FROM T WHERE ID > 100 ORDER BY ID")) {
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
        }
        return found;
    }

    private static int sessionOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SESSION_ID()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private String served() throws SQLException {
        execute(keeper, "SET PARAMETER SERVE = 'tcp:0'");
        try (Statement statement = keeper.createStatement();
                ResultSet serve =
                        statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")) {
            serve.next();
            return database.replace(
                    "mortise:",
                    "mortise:h2:tcp://localhost" + serve.getString(1).replaceAll(".*:", ":") + "/");
        }
    }
}
