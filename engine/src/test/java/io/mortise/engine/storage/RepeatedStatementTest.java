package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.api.ErrorCode;
import org.h2.api.Trigger;
import org.h2.message.DbException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * H2 repeats a statement that has met a row which somebody else is changing. A trigger says so here, so that the
 * statement is in the middle of its work each time.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RepeatedStatementTest {
    private static final AtomicInteger REFUSALS = new AtomicInteger();

    /** Refuses the row until it has done so often enough. */
    public static final class Refusing implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            if (REFUSALS.getAndDecrement() > 0) {
                throw DbException.getJdbcSQLException(ErrorCode.CONCURRENT_UPDATE_1, "T");
            }
        }
    }

    @BeforeEach
    void twiceInAll() {
        REFUSALS.set(2);
    }

    private static void create(Statement statement) throws SQLException {
        statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        statement.execute("INSERT INTO T VALUES (1, 10)");
        statement.execute(
                "CREATE TRIGGER REFUSES AFTER UPDATE ON T FOR EACH ROW CALL \"" + Refusing.class.getName() + "\"");
    }

    private static int value(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT V FROM T")) {
            result.next();
            return result.getInt(1);
        }
    }

    @Test
    void plainH2KeepsWhatEachAttemptHasDone() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement()) {
            create(statement);

            statement.execute("UPDATE T SET V = V + 1");

            assertThat(value(statement)).isEqualTo(13);
        }
    }

    @Test
    void hereOnlyTheLastAttemptCounts() throws Exception {
        try (Scene scene = Scene.inMemory();
                Statement statement = scene.actor().connection.createStatement()) {
            create(statement);

            statement.execute("UPDATE T SET V = V + 1");

            assertThat(value(statement)).isEqualTo(11);
        }
    }

    @Test
    void whatTheTransactionHasDoneBeforeStays() throws Exception {
        try (Scene scene = Scene.inMemory();
                Connection connection = scene.actor().connection;
                Statement statement = connection.createStatement()) {
            create(statement);
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (2, 20)");

            statement.execute("UPDATE T SET V = V + 1 WHERE ID = 1");
            connection.commit();

            assertThat(value(statement)).isEqualTo(11);
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(2);
            }
        }
    }

    /** In a list each statement is repeated by itself, and what those before it have done is done once. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE U SET V = V + 1; UPDATE T SET V = V + 1",
                "UPDATE U SET V = V + 1; SELECT * FROM T FOR UPDATE; UPDATE T SET V = V + 1",
                "UPDATE U SET V = V + 1; CREATE TABLE NEWEST(ID INT); UPDATE T SET V = V + 1",
                "SELECT V FROM FINAL TABLE (UPDATE U SET V = V + 1); UPDATE T SET V = V + 1",
                "SELECT V FROM FINAL TABLE (UPDATE U SET V = V + 1); SELECT V FROM FINAL TABLE (UPDATE T SET V = V + 1)",
                "SELECT V FROM FINAL TABLE (UPDATE T SET V = V + 1); UPDATE U SET V = V + 1",
                "UPDATE T SET V = V + 1; UPDATE U SET V = V + 1"
            })
    void ofAListOnlyTheStatementThatWasRefusedIsRepeated(String list) throws Exception {
        try (Scene scene = Scene.inMemory();
                Connection connection = scene.actor().connection;
                Statement statement = connection.createStatement()) {
            create(statement);
            statement.execute("CREATE TABLE U(V INT) AS SELECT 10");
            connection.setAutoCommit(false);

            statement.execute(list);

            try (ResultSet both = statement.executeQuery("SELECT T.V, U.V FROM T, U")) {
                both.next();
                assertThat(List.of(both.getInt(1), both.getInt(2))).containsExactly(11, 11);
            }
        }
    }
}
