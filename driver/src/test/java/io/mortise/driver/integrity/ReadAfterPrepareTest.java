package io.mortise.driver.integrity;

import static io.mortise.driver.integrity.Statements.execute;
import static io.mortise.driver.integrity.Statements.serializable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is prepared can commit, whatever happens. So nobody could make it give way for what it reads afterwards, and it
 * reads nothing new.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ReadAfterPrepareTest {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String url = "jdbc:mortise:mem:afterPrepare" + LAST.incrementAndGet() + ";LOCK_TIMEOUT=0";
    private Connection branch;
    private Connection writer;
    private Connection report;

    @BeforeEach
    void tables() throws SQLException {
        branch = DriverManager.getConnection(url, "SA", "");
        execute(branch, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES(1, 0), (2, 0), (3, 0)");
        execute(branch, "CREATE TABLE OTHER AS SELECT * FROM T", "CREATE VIEW BOTH AS SELECT SUM(V) V FROM T");
        serializable(branch);
        writer = serializable(DriverManager.getConnection(url, "SA", ""));
        report = serializable(DriverManager.getConnection(url, "SA", ""));
    }

    @AfterEach
    void close() throws SQLException {
        branch.close();
        writer.close();
        report.close();
    }

    private static int value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static int value(Connection connection, int id) throws SQLException {
        return value(connection, "SELECT V FROM T WHERE ID = " + id);
    }

    private static void assertRefused(ThrowingCallable read) {
        assertThatThrownBy(read)
                .isInstanceOf(SQLFeatureNotSupportedException.class)
                .hasMessageContaining("is prepared");
    }

    /** The writer before the report before the branch: it may not read what the writer has changed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT V FROM T WHERE ID = 2",
                "SELECT MAX(V) FROM T",
                "SELECT V FROM BOTH",
                "SELECT COUNT(*) FROM T WHERE V > 0",
                "CALL (SELECT V FROM T WHERE ID = 2)",
                "SELECT (SELECT V FROM T WHERE ID = 2)",
                "SELECT T.V FROM OTHER JOIN T ON T.ID = OTHER.ID"
            })
    void itReadsNothingNew(String read) throws SQLException {
        execute(branch, "UPDATE T SET V = 1 WHERE ID = 1", "PREPARE COMMIT BRANCH");
        execute(writer, "UPDATE T SET V = 1 WHERE ID = 2");
        writer.commit();
        assertThat(value(report, 2)).isEqualTo(1);
        assertThat(value(report, 1)).isZero();
        report.commit();

        assertRefused(() -> value(branch, read));
        assertRefused(() -> value(branch, read));
        execute(branch, "COMMIT TRANSACTION BRANCH");

        assertThat(value(report, 1)).isEqualTo(1);
    }

    /** Its client knows that already. */
    @Test
    void whatItHasReadItReadsAgain() throws SQLException {
        execute(branch, "UPDATE T SET V = 1 WHERE ID = 1");
        value(branch, 2);
        execute(branch, "PREPARE COMMIT BRANCH");

        assertThat(value(branch, 2)).isZero();
        assertRefused(() -> value(branch, 3));
        assertThat(value(branch, "SELECT COUNT(*) FROM INFORMATION_SCHEMA.IN_DOUBT"))
                .isNotNegative();

        execute(branch, "ROLLBACK TRANSACTION BRANCH");
        assertThat(value(branch, 3)).isZero();
    }

    /** H2 refuses to write too, and not before it has looked for the row. */
    @Test
    void whatItTriesToWriteCostsItNothing() throws SQLException {
        execute(branch, "UPDATE T SET V = 1 WHERE ID = 1", "PREPARE COMMIT BRANCH");

        assertThatThrownBy(() -> execute(branch, "UPDATE T SET V = 2 WHERE ID = 1"))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> execute(branch, "INSERT INTO T VALUES(4, 4)")).isInstanceOf(SQLException.class);
        execute(branch, "COMMIT TRANSACTION BRANCH");

        assertThat(value(report, "SELECT SUM(V) FROM T")).isEqualTo(1);
    }

    /** There is nothing to prepare then, and it is over for those beside it. */
    @Test
    void oneThatHasWrittenNothingReadsNothingNewEither() throws SQLException {
        value(branch, 1);
        execute(branch, "PREPARE COMMIT BRANCH");

        assertRefused(() -> value(branch, 2));
        execute(branch, "COMMIT TRANSACTION BRANCH");

        assertThat(value(branch, 2)).isZero();
    }
}
