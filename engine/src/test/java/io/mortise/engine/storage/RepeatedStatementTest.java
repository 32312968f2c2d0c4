package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.api.ErrorCode;
import org.h2.api.Trigger;
import org.h2.message.DbException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * H2 repeats a statement that has met a row which somebody else is changing. A trigger says so here, so that the
 * statement is in the middle of its work each time.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RepeatedStatementTest {
    private static final AtomicInteger REFUSALS = new AtomicInteger();
    private static final AtomicReference<Scene.Actor> OTHER = new AtomicReference<>();

    /** Refuses the row until it has done so often enough. */
    public static final class Refusing implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            if (REFUSALS.getAndDecrement() > 0) {
                throw DbException.getJdbcSQLException(ErrorCode.CONCURRENT_UPDATE_1, "T");
            }
        }
    }

    /** The same, after another session has changed the catalogue. */
    public static final class RefusingBeside implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            int number = REFUSALS.getAndDecrement();
            if (number > 0) {
                Objects.requireNonNull(OTHER.get()).runsHere("CREATE TABLE BESIDE" + number + "(ID INT)");
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

    /** It is read anew before it is repeated. A snapshot that is taken then must not show what is undone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    READ COMMITTED  | UPDATE T SET V = V + 1 WHERE V < 99         | 11
                    REPEATABLE READ | UPDATE T SET V = V + 1 WHERE V < 99         | 11
                    SNAPSHOT        | UPDATE T SET V = V + 1 WHERE V < 99         | 11
                    SERIALIZABLE    | UPDATE T SET V = V + 1 WHERE V < 99         | 11
                    READ COMMITTED  | INSERT INTO T SELECT ID + 100, V + 1 FROM T | 21
                    REPEATABLE READ | INSERT INTO T SELECT ID + 100, V + 1 FROM T | 21
                    SNAPSHOT        | INSERT INTO T SELECT ID + 100, V + 1 FROM T | 21
                    SERIALIZABLE    | INSERT INTO T SELECT ID + 100, V + 1 FROM T | 21
                    """)
    void itDoesNotReadWhatIsUndone(String level, String change, int sum) throws Exception {
        try (Scene scene = Scene.inMemory();
                Connection connection = scene.actor().connection;
                Statement statement = connection.createStatement()) {
            create(statement);
            statement.execute("CREATE TRIGGER REFUSES_NEW AFTER INSERT ON T FOR EACH ROW CALL \""
                    + Refusing.class.getName() + "\"");
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);

            statement.execute(change);

            try (ResultSet all = statement.executeQuery("SELECT SUM(V) FROM T")) {
                all.next();
                assertThat(all.getInt(1)).isEqualTo(sum);
            }
        }
    }

    /** As H2's own command, which reads the statement anew if the catalogue has changed meanwhile. */
    @Test
    void thatH2RepeatsDoesNotReadWhatIsUndone() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            OTHER.set(scene.actor());
            Scene.Actor actor = scene.actor();
            actor.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT) AS SELECT 1, 10");
            actor.runs("CREATE TRIGGER REFUSES AFTER INSERT ON T FOR EACH ROW CALL \"" + RefusingBeside.class.getName()
                    + "\"");
            actor.runs("SET QUERY_STATISTICS TRUE");
            actor.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ");

            actor.runs("INSERT INTO T SELECT ID + 100, V + 1 FROM T");

            assertThat(actor.reads("SELECT COUNT(*) FROM T").toString()).isEqualTo("2");
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
