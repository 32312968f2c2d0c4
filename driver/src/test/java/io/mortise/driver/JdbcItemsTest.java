package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that frameworks rely on, each as its Javadoc has it. */
@Timeout(60)
final class JdbcItemsTest extends SingleFlight {
    @Test
    @DisplayName("62 large updates and batches count in longs")
    void largeUpdatesAndBatches() throws Exception {
        try (Statement statement = keeper.createStatement()) {
            assertThat(statement.executeLargeUpdate("UPDATE T SET V = 1")).isEqualTo(5L);
            assertThat(statement.getLargeUpdateCount()).isEqualTo(5L);
            statement.addBatch("UPDATE T SET V = 2 WHERE ID < 3");
            statement.addBatch("DELETE FROM T WHERE ID = 5");
            assertThat(statement.executeLargeBatch()).containsExactly(2L, 1L);
            assertThat(statement.executeLargeBatch()).as("it is empty now").isEmpty();
        }
    }

    @Test
    @DisplayName("62 generated keys by flag, by column name and by column index")
    void generatedKeysByNameAndIndex() throws Exception {
        execute(keeper, "CREATE TABLE K(ID INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, N INT, M INT DEFAULT 7)");
        String insert = "INSERT INTO K(N) VALUES (1)";
        try (Statement statement = keeper.createStatement()) {
            statement.executeUpdate(insert, Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).isEqualTo("ID=1 ");
            statement.executeUpdate(insert, new String[] {"ID"});
            assertThat(keys(statement)).isEqualTo("ID=2 ");
            statement.executeUpdate(insert, new int[] {3, 1});
            assertThat(keys(statement)).isEqualTo("M=7 ID=3 ");
        }
        try (PreparedStatement statement = keeper.prepareStatement(insert, new String[] {"ID"})) {
            statement.addBatch();
            statement.addBatch();
            statement.executeBatch();
            try (ResultSet keys = statement.getGeneratedKeys()) {
                assertThat(keys.next() && keys.getInt("ID") == 4 && keys.next() && keys.getInt(1) == 5)
                        .isTrue();
            }
        }
    }

    private static String keys(Statement statement) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (ResultSet keys = statement.getGeneratedKeys()) {
            keys.next();
            for (int i = 1; i <= keys.getMetaData().getColumnCount(); i++) {
                text.append(keys.getMetaData().getColumnName(i))
                        .append('=')
                        .append(keys.getInt(i))
                        .append(' ');
            }
        }
        return text.toString();
    }

    @Test
    @DisplayName("62 closeOnCompletion closes the statement with its result")
    void closeOnCompletionClosesTheStatementWithItsResult() throws Exception {
        Statement statement = keeper.createStatement();
        statement.closeOnCompletion();
        ResultSet result = statement.executeQuery("SELECT 1");
        assertThat(statement.isCloseOnCompletion() && !statement.isClosed()).isTrue();

        result.close();

        assertThat(statement.isClosed()).isTrue();
    }

    @Test
    @DisplayName("62 identifiers and literals are quoted, on Statement and, as in JDBC 4.5, on Connection")
    void identifiersAndLiteralsAreQuoted() throws Exception {
        MortiseConnection connection = keeper.unwrap(MortiseConnection.class);
        try (Statement statement = keeper.createStatement()) {
            assertThat(statement.enquoteIdentifier("PLAIN", false)).isEqualTo("PLAIN");
            assertThat(statement.enquoteIdentifier("PLAIN", true)).isEqualTo("\"PLAIN\"");
            assertThat(statement.enquoteIdentifier("a \"b\"", false)).isEqualTo("\"a \"\"b\"\"\"");
            assertThat(statement.isSimpleIdentifier("PLAIN")).isTrue();
            assertThat(statement.enquoteLiteral("It's")).isEqualTo("'It''s'");
            assertThat(connection.enquoteIdentifier("a b", false)).isEqualTo("\"a b\"");
            assertThat(connection.enquoteLiteral("It's")).isEqualTo("'It''s'");
            assertThat(connection.enquoteNCharLiteral("It's")).isEqualTo("N'It''s'");
            assertThat(connection.isSimpleIdentifier("a b")).isFalse();
        }
    }

    @Test
    void theErrorsOfABatchStayChained() throws Exception {
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            statement.addBatch("INSERT INTO T VALUES (1, 1)");
            statement.addBatch("INSERT INTO T VALUES (6, 1)");
            statement.addBatch("INSERT INTO T VALUES (2, 1)");

            assertThatThrownBy(statement::executeBatch).isInstanceOfSatisfying(BatchUpdateException.class, e -> {
                assertThat(e.getUpdateCounts()).containsExactly(Statement.EXECUTE_FAILED, 1, Statement.EXECUTE_FAILED);
                assertThat((Iterable<Throwable>) e)
                        .as("itself, and one for each row that failed")
                        .hasSize(3);
                assertThat(e.getNextException().getSQLState()).isEqualTo("23505");
            });
        }
    }
}
