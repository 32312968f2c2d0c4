package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A snapshot is of all tables, also of the copy that ALTER TABLE is filling just then. Plain H2 shows the altered table
 * without a row.
 */
@Timeout(60)
public final class SnapshotOfACopyTest {
    private static final String READS = "SELECT COUNT(*) FROM T";
    private static final String FINDS = "SELECT COUNT(*) FROM T WHERE ID = 2";
    private static final String CHANGES = "UPDATE T SET V = 1 WHERE ID = 2";
    private static final String ALTERS = "ALTER TABLE T ADD COLUMN W INT DEFAULT MEANWHILE()";

    private static final AtomicReference<@Nullable Statement> READER = new AtomicReference<>();

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    /** Has the reader take its snapshot, once. */
    public static int meanwhile() throws SQLException {
        Statement reader = READER.getAndSet(null);
        if (reader != null) {
            read(reader, "SELECT COUNT(*) FROM OTHER");
        }
        return 7;
    }

    private static int read(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    private interface Act {
        void by(Statement definer, Statement reader) throws SQLException;
    }

    private void play(String policy, String level, Act act) throws SQLException {
        try (Connection one = DriverManager.getConnection(url + ";LOCK_POLICY=" + policy, "sa", "");
                Connection two = DriverManager.getConnection(url, "sa", "");
                Statement definer = one.createStatement();
                Statement reader = two.createStatement()) {
            definer.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            definer.execute("INSERT INTO T VALUES (1, 1), (2, 2), (3, 3)");
            definer.execute("CREATE TABLE OTHER(ID INT)");
            definer.execute("CREATE ALIAS MEANWHILE FOR '" + SnapshotOfACopyTest.class.getName() + ".meanwhile'");
            reader.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
            two.setAutoCommit(false);
            READER.set(reader);
            act.by(definer, reader);
            two.rollback();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mvcc, SNAPSHOT, " + READS,
        "mvcc, SNAPSHOT, " + FINDS,
        "mvcc, SNAPSHOT, " + CHANGES,
        "mvcc, SERIALIZABLE, " + READS,
        "kognitio, SNAPSHOT, " + READS,
        "kognitio, SNAPSHOT, " + CHANGES,
        "sqream, SNAPSHOT, " + FINDS,
        "sqream, SNAPSHOT, " + CHANGES,
        "sqream, SERIALIZABLE, " + READS,
        "sqream, SERIALIZABLE, " + CHANGES
    })
    void whoWouldFindTheTableEmptyIsRefused(String policy, String level, String sql) throws SQLException {
        play(policy, level, (definer, reader) -> {
            definer.execute(ALTERS);

            assertThat(READER).hasValue(null);
            assertThatThrownBy(() -> reader.execute(sql))
                    .hasMessageContaining("table changed by another session")
                    .hasFieldOrPropertyWithValue("SQLState", "40001")
                    .hasFieldOrPropertyWithValue("errorCode", 90131);
            Objects.requireNonNull(reader.getConnection()).rollback();
            assertThat(read(reader, READS)).isEqualTo(3);
        });
    }

    @ParameterizedTest
    @CsvSource({"mvcc, READ COMMITTED", "mvcc, REPEATABLE READ", "kognitio, READ COMMITTED", "sqream, REPEATABLE READ"})
    void whoTakesItLaterFindsTheRows(String policy, String level) throws SQLException {
        play(policy, level, (definer, reader) -> {
            definer.execute(ALTERS);

            assertThat(read(reader, READS)).isEqualTo(3);
            assertThat(reader.executeUpdate(CHANGES)).isEqualTo(1);
        });
    }

    @Test
    void aSnapshotThatIsOlderThanTheCopyDoesNotKnowIt() throws SQLException {
        play("mvcc", "SNAPSHOT", (definer, reader) -> {
            meanwhile();
            definer.execute(ALTERS);

            assertThat(read(reader, READS)).isEqualTo(3);
        });
    }

    @Test
    void aSnapshotThatIsYoungerThanTheCopyGoesOnThroughOtherDefinitions() throws SQLException {
        play("mvcc", "SNAPSHOT", (definer, reader) -> {
            READER.set(null);
            definer.execute(ALTERS);
            read(reader, READS);
            definer.execute("INSERT INTO T(ID) VALUES (4)");
            definer.execute("CREATE INDEX I ON T(V)");

            assertThat(read(reader, READS)).isEqualTo(3);
        });
    }

    @Test
    void aTableThatAQueryFillsIsNotFoundHalfFull() throws SQLException {
        play("mvcc", "SNAPSHOT", (definer, reader) -> {
            definer.execute("CREATE TABLE U AS SELECT ID, MEANWHILE() W FROM T");

            assertThat(READER).hasValue(null);
            assertThatThrownBy(() -> read(reader, "SELECT COUNT(*) FROM U"))
                    .hasFieldOrPropertyWithValue("errorCode", 90131);
        });
    }
}
