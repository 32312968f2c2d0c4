package io.mortise.driver.integrity;

import static io.mortise.driver.integrity.Statements.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SerializationConflictException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The snapshot of a serializable transaction is one moment of all tables and indexes, also of those that it opens much
 * later, and the transaction sees in it what it has written itself.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SnapshotOfAllTablesTest {
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final int TABLES = 5;

    private final String url = "jdbc:mortise:mem:moments" + LAST.incrementAndGet() + ";LOCK_TIMEOUT=0";
    private Connection other;
    private Connection reader;

    @BeforeEach
    void tables() throws SQLException {
        other = DriverManager.getConnection(url, "SA", "");
        for (int i = 0; i < TABLES; i++) {
            execute(other, "CREATE TABLE T" + i + "(ID INT PRIMARY KEY, V INT, NAME VARCHAR(9))");
            execute(other, "CREATE INDEX V" + i + " ON T" + i + "(V)");
            execute(other, "INSERT INTO T" + i + " SELECT X, 10 * X, 'old' FROM SYSTEM_RANGE(1, 3)");
        }
        reader = DriverManager.getConnection(url, "SA", "");
        reader.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        reader.setAutoCommit(false);
    }

    @AfterEach
    void close() throws SQLException {
        reader.close();
        other.close();
    }

    private static String row(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "none";
        }
    }

    private void changeAll() throws SQLException {
        for (int i = 0; i < TABLES; i++) {
            execute(other, "UPDATE T" + i + " SET V = V + 1, NAME = 'new' WHERE ID < 3");
            execute(other, "DELETE FROM T" + i + " WHERE ID = 3");
            execute(other, "INSERT INTO T" + i + " VALUES(4, 40, 'new')");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT LISTAGG(NAME || V, ' ') WITHIN GROUP(ORDER BY ID) FROM %s; old10 old20 old30",
                "SELECT NAME FROM %s WHERE ID = 1; old",
                "SELECT NAME FROM %s WHERE ID = 3; old",
                "SELECT NAME FROM %s WHERE ID = 4; none",
                "SELECT NAME FROM %s WHERE V = 20; old",
                "SELECT NAME FROM %s WHERE V = 21; none",
                "SELECT COUNT(*) FROM %s; 3",
                "SELECT MAX(V) FROM %s; 30",
                "SELECT MIN(ID) FROM %s WHERE V > 20; 3",
                "SELECT A.NAME FROM %s A JOIN T4 B ON A.V = B.V WHERE B.ID = 3; old",
                "SELECT (SELECT NAME FROM %s WHERE V = 10); old"
            })
    void aTableThatIsReadLaterIsAsItWasAtTheFirst(String queryAndAnswer) throws SQLException {
        String[] parts = queryAndAnswer.split("; ");
        row(reader, "SELECT V FROM T0 WHERE ID = 1");

        changeAll();

        for (int i = 0; i < TABLES; i++) {
            String query = String.format(parts[0], "T" + i);
            assertThat(row(reader, query)).as(query).isEqualTo(parts[1]);
        }
        reader.commit();
        assertThat(row(reader, "SELECT LISTAGG(NAME || V, ' ') WITHIN GROUP(ORDER BY ID) FROM T3"))
                .isEqualTo("new11 new21 new40");
    }

    @Test
    void theSameStatementSeesItInEachTransactionAnew() throws SQLException {
        try (PreparedStatement sum = reader.prepareStatement("SELECT SUM(V) FROM T1")) {
            for (int round = 0; round < 3; round++) {
                int before = 60 + round * 3;
                row(reader, "SELECT V FROM T0 WHERE ID = 1");
                execute(other, "UPDATE T1 SET V = V + 1");
                try (ResultSet seen = sum.executeQuery()) {
                    seen.next();
                    assertThat(seen.getInt(1)).isEqualTo(before);
                }
                reader.commit();
            }
        }
    }

    @Test
    void whatItHasWrittenItselfStandsInIt() throws SQLException {
        execute(reader, "INSERT INTO T0 SELECT ID + 10, V, 'mine' FROM T0");
        changeLater("T1");

        execute(reader, "INSERT INTO T0 SELECT ID + 100, V, 'mine' FROM T0");
        execute(reader, "UPDATE T0 SET V = V + 1 WHERE ID = 11");
        execute(reader, "UPDATE T0 SET V = V + 1 WHERE V = 11");
        execute(reader, "DELETE FROM T0 WHERE ID = 12");
        execute(reader, "INSERT INTO T1 SELECT ID + 10, V, 'mine' FROM T1");

        assertThat(row(reader, "SELECT LISTAGG(ID || ':' || V, ' ') WITHIN GROUP(ORDER BY ID) FROM T0"))
                .isEqualTo("1:10 2:20 3:30 11:12 13:30 101:10 102:20 103:30 111:10 112:20 113:30");
        assertThat(row(reader, "SELECT LISTAGG(ID || ':' || V, ' ') WITHIN GROUP(ORDER BY ID) FROM T1"))
                .isEqualTo("1:10 2:20 3:30 11:10 12:20 13:30");
        reader.commit();
        assertThat(row(other, "SELECT COUNT(*) FROM T1")).isEqualTo("7");
    }

    private void changeLater(String table) throws SQLException {
        execute(other, "INSERT INTO " + table + " VALUES(9, 90, 'new')");
    }

    /** Whether the change goes by the row or by an index, in the first statement or in a later one. */
    @ParameterizedTest
    @ValueSource(strings = {"ID = 1", "V = 10", "NAME = 'old'"})
    void aRowThatWasChangedSinceIsNotChanged(String condition) throws SQLException {
        row(reader, "SELECT V FROM T0 WHERE ID = 2");
        changeAll();

        assertThatThrownBy(() -> execute(reader, "UPDATE T2 SET NAME = 'mine' WHERE " + condition))
                .isInstanceOf(SQLException.class)
                .extracting(error -> ((SQLException) error).getSQLState())
                .isEqualTo("40001");
        reader.rollback();
        execute(reader, "UPDATE T2 SET NAME = 'mine' WHERE ID = 1");
        reader.commit();
        assertThat(row(other, "SELECT NAME FROM T2 WHERE ID = 1")).isEqualTo("mine");
    }

    /** The engine keeps which maps there are; a new index is one more, and shows no other moment than the rest. */
    @Test
    void anIndexThatIsMadeBetweenTwoTransactionsShowsTheSameMoment() throws SQLException {
        row(reader, "SELECT V FROM T0 WHERE ID = 1");
        execute(other, "CREATE INDEX NAMES ON T1(NAME)");
        assertThatThrownBy(() -> row(reader, "SELECT V FROM T1 WHERE NAME = 'old'"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("T1");
        reader.rollback();

        row(reader, "SELECT V FROM T0 WHERE ID = 1");
        changeAll();

        assertThat(row(reader, "SELECT COUNT(V) FROM T1 WHERE NAME = 'old'")).isEqualTo("3");
        assertThat(row(reader, "SELECT COUNT(V) FROM T1 WHERE NAME = 'new'")).isEqualTo("0");
        reader.commit();
    }

    @Test
    void soDoesATableThatIsMadeOrAlteredBetween() throws SQLException {
        row(reader, "SELECT V FROM T0 WHERE ID = 1");
        reader.commit();
        execute(other, "CREATE TABLE NEWER(ID INT PRIMARY KEY, V INT)");
        execute(other, "INSERT INTO NEWER VALUES(1, 1)");
        execute(other, "ALTER TABLE T1 ADD COLUMN W INT DEFAULT 5");
        execute(other, "DROP TABLE T4");

        row(reader, "SELECT V FROM T0 WHERE ID = 1");
        execute(other, "UPDATE NEWER SET V = 2");
        execute(other, "UPDATE T1 SET W = 6");

        assertThat(row(reader, "SELECT V FROM NEWER WHERE ID = 1")).isEqualTo("1");
        assertThat(row(reader, "SELECT SUM(W) FROM T1")).isEqualTo("15");
        reader.commit();
    }

    @Test
    void whoReadsByTheKeyMeetsWhoInsertsIt() throws SQLException {
        try (Connection second = DriverManager.getConnection(url, "SA", "")) {
            second.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            second.setAutoCommit(false);
            assertThat(row(reader, "SELECT V FROM T0 WHERE ID = 7")).isEqualTo("none");
            assertThat(row(second, "SELECT V FROM T0 WHERE ID = 8")).isEqualTo("none");
            execute(reader, "INSERT INTO T0 VALUES(8, 0, '')");
            execute(second, "INSERT INTO T0 VALUES(7, 0, '')");
            reader.commit();

            assertThatThrownBy(second::commit).isInstanceOf(SerializationConflictException.class);
        }
    }

    /** A row is noted once where a statement locks it, and changes it without its keys; a key that it gets, as well. */
    @Test
    void anUpdateOfAKeyIsSeenByWhoLooksForEither() throws SQLException {
        for (String looked : new String[] {"V = 10", "V = 77"}) {
            try (Connection second = DriverManager.getConnection(url, "SA", "")) {
                second.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                second.setAutoCommit(false);
                row(second, "SELECT ID FROM T0 WHERE " + looked);
                row(reader, "SELECT V FROM T1 WHERE ID = 1");
                execute(reader, "UPDATE T0 SET V = 77 WHERE ID = 1");
                execute(second, "UPDATE T1 SET NAME = 'x' WHERE ID = 1");
                reader.commit();

                assertThatThrownBy(second::commit).as(looked).isInstanceOf(SerializationConflictException.class);
            }
            execute(other, "UPDATE T0 SET V = 10 WHERE ID = 1");
        }
    }
}
