package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.session.Session;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A batch of one prepared statement is one line of what has run, with how many of its rows have. */
@Timeout(60)
final class BatchRowsTest extends SingleFlight {
    private static final String INSERT = "INSERT INTO T VALUES(?, 1)";
    private static final String LINES =
            "SELECT STATUS, ROWS_AFFECTED, BATCH_ROWS FROM IPE_COMMAND WHERE SQL_TEXT = '" + INSERT + "' ORDER BY SEQ";

    @Test
    void aBatchOfTenThousandIsOneLine() throws Exception {
        try (Connection connection = connect("")) {
            insert(connection, IntStream.range(1000, 11_000).toArray());

            assertThat(lines(LINES)).containsExactly("DONE 10000 10000");
        }
    }

    @Test
    void itIsSoByEveryRouteAndOutsideAutocommitToo() throws Exception {
        try (Connection connection = connect("")) {
            insert(connection.unwrap(JdbcConnection.class), 101, 102);
            connection.setAutoCommit(false);
            insert(connection, 103, 104, 105);
            assertThat(lines(LINES)).containsExactly("DONE 2 2", "DONE 3 3");
            connection.rollback();
        }
    }

    @Test
    void whatIsNoBatchHasNone() throws Exception {
        try (Connection connection = connect("");
                PreparedStatement insert = connection.prepareStatement(INSERT);
                Statement plain = connection.createStatement()) {
            insert.setInt(1, 101);
            insert.executeUpdate();
            insert.setInt(1, 102);
            insert.executeUpdate();
            plain.addBatch("UPDATE T SET V = 5");
            plain.addBatch("UPDATE T SET V = 5");
            plain.executeBatch();

            assertThat(lines(LINES)).containsExactly("DONE 1 null", "DONE 1 null");
            assertThat(lines("SELECT BATCH_ROWS FROM IPE_COMMAND WHERE SQL_TEXT LIKE 'UPDATE T SET V = 5%'"))
                    .containsExactly("null", "null");
        }
    }

    @Test
    void twoBatchesInARowAreTwoLinesAndABatchOfOneIsAStatement() throws Exception {
        try (Connection connection = connect("");
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int[] rows : List.of(new int[] {101, 102}, new int[] {103})) {
                add(insert, rows);
                insert.executeBatch();
            }
            assertThat(lines(LINES)).containsExactly("DONE 2 2", "DONE 1 null");
        }
    }

    @Test
    void aBatchInWhichARowFailsSaysHowManyAreThere() throws Exception {
        try (Connection connection = connect("")) {
            assertThatThrownBy(() -> insert(connection, 101, 102, 101, 103))
                    .isInstanceOf(BatchUpdateException.class)
                    .hasMessageContaining("Unique index");

            assertThat(lines(LINES)).containsExactly("FAILED 3 3");
            assertThat(lines("SELECT ERROR_CODE FROM SYS.STATEMENTS WHERE BATCH_ROWS = 3"))
                    .containsExactly("23505");
        }
    }

    @Test
    void triggersInItStayLinesOfTheirOwn() throws Exception {
        try (Connection connection = connect("")) {
            execute(connection, "CREATE TABLE CHILD(T INT REFERENCES T(ID) ON DELETE CASCADE)");
            insert(connection, 101, 102);
            execute(connection, "INSERT INTO CHILD VALUES (101), (102)");
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM T WHERE ID = ?")) {
                add(delete, 101, 102);
                delete.executeBatch();
            }
            assertThat(lines("SELECT STATUS, ROWS_AFFECTED, BATCH_ROWS FROM IPE_COMMAND WHERE SQL_TEXT LIKE 'DELETE%'"
                            + " AND BATCH_ROWS IS NOT NULL"))
                    .containsExactly("DONE 2 2");
            execute(connection, "DROP TABLE CHILD");
        }
    }

    @Test
    void whileItRunsItSaysHowFarItIsAndStopStatementEndsAllOfIt() throws Exception {
        try (Connection connection = connect(";LOCK_TIMEOUT=60000");
                Connection other = connect("")) {
            keeper.setAutoCommit(false);
            execute(keeper, "INSERT INTO T VALUES(103, 0)"); // The third row of the batch waits for this one.
            Session session = connection.unwrap(Session.class);
            Future<Boolean> batch = worker.starts(() -> {
                insert(connection, 101, 102, 103, 104, 105);
                return true;
            });
            awaitLockWait(session);

            String where = " WHERE SESSION = " + session.id() + " AND BATCH_ROWS = 2";
            assertThat(lines("SELECT STATUS, ROWS_AFFECTED, BATCH_ROWS FROM IPE_COMMAND" + where))
                    .containsExactly("RUNNING null 2");
            assertThat(lines("SELECT QUERY, IS_CANCELLED FROM SYSTEM.PROCESSES" + where))
                    .containsExactly(INSERT + " 0");
            lines("SELECT STOP_STATEMENT(STATEMENT_ID) FROM SYSTEM.PROCESSES" + where);
            assertThatThrownBy(() -> Background.result(batch)).isInstanceOf(BatchUpdateException.class);

            assertThat(lines(LINES.replace("ORDER", "AND SESSION = " + session.id() + " ORDER")))
                    .containsExactly("FAILED 2 2");
            keeper.rollback();
            keeper.setAutoCommit(true);
            assertThat(lines("SELECT ID FROM T WHERE ID > 100 ORDER BY ID")).containsExactly("101", "102");
            assertThat(other.isValid(1)).isTrue();
        }
    }

    @Test
    void withValuesEachRowStaysALine() throws Exception {
        try (Connection connection = connect(";BIND_VALUES=TRUE")) {
            insert(connection, 101, 102);

            assertThat(lines("SELECT SQL_TEXT, BATCH_ROWS FROM IPE_COMMAND WHERE SQL_TEXT LIKE '" + INSERT + "%'"))
                    .containsExactly(INSERT + " {1: 101} null", INSERT + " {1: 102} null");
        }
    }

    private static void insert(Connection connection, int... rows) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            add(insert, rows);
            insert.executeBatch();
        }
    }

    private static void add(PreparedStatement statement, int... rows) throws SQLException {
        for (int row : rows) {
            statement.setInt(1, row);
            statement.addBatch();
        }
    }

    private List<String> lines(String sql) throws SQLException {
        try (Connection reader = connect("");
                Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> lines = new ArrayList<>();
            while (rows.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    columns.add(String.valueOf(rows.getString(i)));
                }
                lines.add(String.join(" ", columns));
            }
            return lines;
        }
    }
}
