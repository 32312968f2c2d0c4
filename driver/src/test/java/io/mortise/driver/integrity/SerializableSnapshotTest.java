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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** At SERIALIZABLE under mvcc nobody waits for a reader, and whose reads no order explains is refused, and told why. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SerializableSnapshotTest {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String url = "jdbc:mortise:mem:snapshots" + LAST.incrementAndGet() + ";LOCK_TIMEOUT=0";
    private Connection keeper;
    private Connection one;
    private Connection two;

    @BeforeEach
    void twoDoctorsOnCall() throws SQLException {
        keeper = DriverManager.getConnection(url, "SA", "");
        execute(keeper, "CREATE TABLE DOCTORS(ID INT PRIMARY KEY, ON_CALL BOOLEAN, WARD VARCHAR(9))");
        execute(keeper, "CREATE INDEX WARDS ON DOCTORS(WARD)");
        execute(keeper, "INSERT INTO DOCTORS VALUES (1, TRUE, 'a'), (2, TRUE, 'b')");
        one = serializable();
        two = serializable();
    }

    private Connection serializable() throws SQLException {
        return Statements.serializable(DriverManager.getConnection(url, "SA", ""));
    }

    @AfterEach
    void close() throws SQLException {
        one.close();
        two.close();
        keeper.close();
    }

    private static int count(Connection connection, String condition) throws SQLException {
        return number(connection, "SELECT COUNT(ID) FROM DOCTORS WHERE " + condition);
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getInt(1);
        }
    }

    @Test
    void ofTwoWhoGoHomeBecauseTheOtherIsThereOneIsRefusedAndToldWhoDidWhat() throws SQLException {
        count(one, "ON_CALL");
        count(two, "ON_CALL");
        execute(one, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1");
        execute(two, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 2");
        one.commit();

        assertThatThrownBy(() -> two.commit())
                .isInstanceOf(SerializationConflictException.class)
                .hasMessageContaining("UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1")
                .hasMessageContaining("PUBLIC.DOCTORS(ID=2)")
                .hasMessageContaining("Run it again");

        assertThat(count(keeper, "ON_CALL")).isEqualTo(1);
        assertThat(count(two, "ON_CALL")).isEqualTo(1);
        two.commit();
    }

    /** What each looks at and writes, by condition and key; do they meet? */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ID = 1                   | ID = 2                   | 1 | 2 | FALSE
                    ID = 1                   | ID = 2                   | 2 | 1 | TRUE
                    WARD = 'a'               | WARD = 'b'               | 1 | 2 | FALSE
                    WARD = 'a'               | WARD = 'b'               | 2 | 1 | TRUE
                    WARD LIKE 'a%'           | WARD LIKE 'b%'           | 1 | 2 | FALSE
                    ID IN (1, 7)             | ID IN (2, 8)             | 1 | 2 | FALSE
                    ID IN (2, 7)             | ID IN (1, 8)             | 1 | 2 | TRUE
                    ID BETWEEN 0 AND 1       | ID BETWEEN 2 AND 3       | 1 | 2 | FALSE
                    ID BETWEEN 0 AND 2       | ID BETWEEN 1 AND 3       | 1 | 2 | TRUE
                    ON_CALL                  | ON_CALL                  | 1 | 2 | TRUE
                    ID = (SELECT MAX(ID) FROM DOCTORS) | ID = 2         | 1 | 2 | FALSE
                    """)
    void whatIsLookedAtIsAsFineAsTheIndex(String ofOne, String ofTwo, int key, int other, boolean meet)
            throws SQLException {
        count(one, ofOne);
        count(two, ofTwo);
        execute(one, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = " + key);
        execute(two, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = " + other);
        one.commit();

        if (meet) {
            assertThatThrownBy(() -> two.commit()).isInstanceOf(SerializationConflictException.class);
        } else {
            two.commit();
        }
    }

    @Test
    void aChangeOfLevelCommitsAsInH2UnlessTheTransactionHasToGiveWay() throws SQLException {
        count(one, "ON_CALL");
        count(two, "ON_CALL");
        execute(one, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1");
        execute(two, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 2");

        one.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);

        assertThat(count(keeper, "ON_CALL")).isEqualTo(1);
        assertThatThrownBy(() -> two.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED))
                .isInstanceOf(SerializationConflictException.class);
        two.rollback();
        assertThat(count(keeper, "ON_CALL")).isEqualTo(1);
    }

    /** MERGE takes its changes from a table that H2 does not lock for it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "MERGE INTO DOCTORS USING SHIFTS ON DOCTORS.ID = SHIFTS.ID WHEN MATCHED THEN DELETE",
                "SELECT * FROM FINAL TABLE (MERGE INTO DOCTORS USING SHIFTS ON DOCTORS.ID = SHIFTS.ID"
                        + " WHEN MATCHED THEN UPDATE SET WARD = 'c')"
            })
    void aTableThatWasEmptiedSinceIsNotMergedFrom(String merge) throws SQLException {
        execute(keeper, "CREATE TABLE SHIFTS(ID INT PRIMARY KEY)");
        execute(keeper, "INSERT INTO SHIFTS VALUES (1)");
        count(one, "ID = 7");
        execute(keeper, "TRUNCATE TABLE SHIFTS");

        assertThatThrownBy(() -> execute(one, merge)).isInstanceOf(SerializationConflictException.class);

        one.rollback();
        execute(one, merge);
        one.commit();
        assertThat(count(keeper, "ID < 3")).isEqualTo(2);
    }

    /** Also of a transaction that has ended, while one is open that has run beside it. */
    @Test
    void whatIsNotedStandsAmongTheLocks() throws SQLException {
        count(two, "ID = 7");
        count(one, "ID = 2");
        count(one, "WARD > 'a'");
        count(one, "ON_CALL");
        assertThat(noted(one)).containsExactly("TABLE null");
        two.commit();
        assertThat(noted(two)).containsExactly("RANGE ID=7");
        one.commit();
        assertThat(noted(one)).isEmpty();
        assertThat(noted(two)).isEmpty();
        count(one, "ID = 2");
        count(one, "WARD > 'a'");
        assertThat(noted(one)).containsExactly("RANGE ID=2", "RANGE WARDS from WARD='a' to the last");
    }

    private List<String> noted(Connection by) throws SQLException {
        List<String> noted = new ArrayList<>();
        try (PreparedStatement statement =
                keeper.prepareStatement("SELECT TARGET_KIND || ' ' || COALESCE(ROW_KEY, 'null')"
                        + " FROM SYS.LOCKS WHERE MODE = 'SIREAD' AND SESSION = ? ORDER BY 1")) {
            statement.setInt(1, number(by, "SELECT SESSION_ID()"));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    noted.add(rows.getString(1));
                }
            }
        }
        return noted;
    }

    @Test
    void aDefinitionCommitsNoneThatIsRefused() throws SQLException {
        count(one, "ON_CALL");
        count(two, "ON_CALL");
        execute(one, "INSERT INTO DOCTORS VALUES (3, TRUE, 'c')");
        execute(two, "INSERT INTO DOCTORS VALUES (4, TRUE, 'd')");
        one.commit();

        assertThatThrownBy(() -> execute(two, "CREATE TABLE NEW(ID INT)"))
                .isInstanceOf(SerializationConflictException.class);

        assertThat(count(two, "ID > 2")).isEqualTo(1);
        two.commit();
        execute(keeper, "CREATE TABLE NEW(ID INT)");
    }

    @Test
    void eachRowOfABatchInAutocommitIsATransaction() throws SQLException {
        two.setAutoCommit(true);
        try (PreparedStatement insert = two.prepareStatement("INSERT INTO DOCTORS VALUES (?, TRUE, 'x')")) {
            for (int key : List.of(11, 12, 2, 13)) {
                insert.setInt(1, key);
                insert.addBatch();
            }
            assertThatThrownBy(insert::executeBatch).isInstanceOf(SQLException.class);
        }

        assertThat(count(keeper, "WARD = 'x'")).isEqualTo(3);
    }

    @Test
    void aKeyThatSomebodyHasTakenSinceTheSnapshotIsAConflictAndNoDuplicate() throws SQLException {
        count(one, "ID = 9");
        execute(keeper, "INSERT INTO DOCTORS VALUES (9, TRUE, 'z')");

        assertThatThrownBy(() -> execute(one, "INSERT INTO DOCTORS VALUES (9, TRUE, 'y')"))
                .isInstanceOf(SerializationConflictException.class);

        assertThatThrownBy(() -> execute(one, "INSERT INTO DOCTORS VALUES (9, TRUE, 'y')"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("23505"));
    }

    /** One has been told that a name is taken, which the other gives back; the other has read what one changes. */
    @Test
    void aDuplicateThatAnUpdateWasToldOfIsARead() throws SQLException {
        execute(keeper, "CREATE TABLE NAMES(ID INT PRIMARY KEY, NAME VARCHAR UNIQUE)");
        execute(keeper, "INSERT INTO NAMES VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        assertThatThrownBy(() -> execute(one, "UPDATE NAMES SET NAME = 'b' WHERE ID = 1"))
                .hasMessageContaining("Unique index");
        execute(one, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1");
        count(two, "ID = 1");
        execute(two, "UPDATE NAMES SET NAME = 'x' WHERE ID = 2");
        two.commit();

        assertThatThrownBy(() -> one.commit()).isInstanceOf(SerializationConflictException.class);
    }

    @Test
    void aDuplicateThatHasGoneSinceTheSnapshotIsAConflictForAnUpdateToo() throws SQLException {
        execute(keeper, "CREATE TABLE NAMES(ID INT PRIMARY KEY, NAME VARCHAR UNIQUE)");
        execute(keeper, "INSERT INTO NAMES VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        count(one, "ID = 1");
        execute(two, "UPDATE NAMES SET NAME = 'x' WHERE ID = 2");
        two.commit();

        assertThatThrownBy(() -> execute(one, "UPDATE NAMES SET NAME = 'b' WHERE ID = 1"))
                .isInstanceOf(SerializationConflictException.class);
    }

    @Test
    void otherLevelsAreNeverRefused() throws SQLException {
        keeper.setAutoCommit(false);
        count(keeper, "ON_CALL");
        count(one, "ON_CALL");
        execute(keeper, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1");
        execute(one, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 2");

        one.commit();
        keeper.commit();

        assertThat(count(keeper, "ON_CALL")).isZero();
        keeper.rollback();
    }
}
