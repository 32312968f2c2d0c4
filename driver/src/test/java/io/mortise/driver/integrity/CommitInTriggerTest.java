package io.mortise.driver.integrity;

import static io.mortise.driver.integrity.Statements.execute;
import static io.mortise.driver.integrity.Statements.serializable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.api.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * H2 refuses a commit within a trigger, and a trigger may pass over that. The serializable transaction goes on, as if
 * nobody had asked whether it may commit.
 */
@Timeout(60)
public final class CommitInTriggerTest {
    private Connection first;
    private Connection second;
    private Connection report;

    /** Tries to commit, and does not mind that it may not. */
    public static final class Committing implements Trigger {
        @Override
        public void fire(Connection inside, Object[] before, Object[] after) {
            assertThatThrownBy(inside::commit).hasMessageContaining("not allowed within a trigger");
        }
    }

    @BeforeEach
    void tables() throws SQLException {
        first = open();
        execute(first, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES(1, 0), (2, 0)");
        execute(first, "CREATE TABLE LOG(ID INT PRIMARY KEY)");
        execute(
                first,
                "CREATE TRIGGER COMMITTING BEFORE INSERT ON LOG FOR EACH ROW CALL '" + Committing.class.getName()
                        + "'");
        second = serializable(open());
        report = serializable(open());
        serializable(first);
    }

    @AfterEach
    void close() throws SQLException {
        first.close();
        second.close();
        report.close();
    }

    private static Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:mem:commitInTrigger", "sa", "");
    }

    private static int value(Connection connection, int id) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT V FROM T WHERE ID = " + id)) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void oneThatHasOnlyReadGoesOnToWrite() throws SQLException {
        value(first, 1);
        execute(first, "INSERT INTO LOG VALUES(1)", "UPDATE T SET V = 1 WHERE ID = 2");
        first.commit();

        assertThat(value(second, 2)).isEqualTo(1);
    }

    /** First before second before report before first. */
    @Test
    void oneThatHasWrittenIsStillRefused() throws SQLException {
        execute(first, "UPDATE T SET V = 1 WHERE ID = 1", "INSERT INTO LOG VALUES(1)");
        execute(second, "UPDATE T SET V = 1 WHERE ID = 2");
        second.commit();
        assertThat(value(report, 2)).isEqualTo(1);
        assertThat(value(report, 1)).isZero();
        report.commit();

        assertThatThrownBy(() -> {
                    value(first, 2);
                    first.commit();
                })
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
    }
}
