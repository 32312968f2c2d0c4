package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.h2.api.Trigger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A statement inside a function or a trigger loses the transaction. Half of that never commits, whatever the function
 * makes of the error, and the statement around it runs once. Public, as H2 calls it.
 */
@Interleaved
@Timeout(60)
public final class LostInsideTest {
    private static final String EVERY_WAY = """
            SELECT HIDE('%s'),              THROW
            SELECT HIDE('%s'),              SWALLOW
            SELECT HIDE('%s'),              WRAP
            SELECT HIDE('%s'),              REPLACE
            UPDATE CALLS SET V = HIDE('%s'), THROW
            UPDATE CALLS SET V = HIDE('%s'), SWALLOW
            UPDATE CALLS SET V = HIDE('%s'), WRAP
            UPDATE CALLS SET V = HIDE('%s'), REPLACE
            INSERT INTO TRIGGERS VALUES ('%s'), THROW
            INSERT INTO TRIGGERS VALUES ('%s'), SWALLOW
            INSERT INTO TRIGGERS VALUES ('%s'), WRAP
            INSERT INTO TRIGGERS VALUES ('%s'), REPLACE
            """;

    /** What a function does with the error. */
    enum Hiding {
        THROW,
        SWALLOW,
        WRAP,
        REPLACE
    }

    /** Changes row 1, and does as it is told if it cannot. */
    public static int hide(Connection connection, String hiding) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate("UPDATE T SET V = V + 1 WHERE ID = 1");
        } catch (SQLException e) {
            switch (Hiding.valueOf(hiding)) {
                case THROW -> throw e;
                case WRAP -> throw new IllegalStateException("something else", e);
                case REPLACE -> throw new SQLException("something else", "45000", 1, e);
                default -> {
                    return 0;
                }
            }
        }
    }

    /** The same as a trigger. */
    public static final class Hides implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            hide(connection, String.valueOf(after[0]));
        }
    }

    @BeforeEach
    void tables(Interleaving db) {
        db.setUp(
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
                "INSERT INTO T VALUES (1, 0), (2, 0), (3, 0), (4, 0)",
                "CREATE TABLE CALLS(V INT)",
                "INSERT INTO CALLS VALUES (0)",
                "CREATE TABLE KEPT(V INT)",
                "CREATE TABLE TRIGGERS(V VARCHAR)",
                "CREATE ALIAS HIDE FOR '" + LostInsideTest.class.getName() + ".hide'",
                "CREATE TRIGGER HIDES BEFORE INSERT ON TRIGGERS FOR EACH ROW CALL '" + Hides.class.getName() + "'");
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERY_WAY)
    void byAConflict(String sql, Hiding hiding, Interleaving db) {
        TestSession a = db.session("a");
        a.step("REPEATABLE READ", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ))
                .expectFinished();
        TestSession b = db.session("b");
        a.step("INSERT INTO KEPT SELECT COUNT(*) FROM T").expectUpdated(1);
        b.step("UPDATE T SET V = 9 WHERE ID = 1").expectUpdated(1);
        b.commit().expectFinished();

        isLost(db, a, a.step(sql.formatted(hiding)), hiding);
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERY_WAY)
    void byADeadlock(String sql, Hiding hiding, Interleaving db) {
        TestSession a = db.session("a");
        TestSession b = db.session("b");
        a.step("INSERT INTO KEPT VALUES (4)").expectUpdated(1);
        a.step("UPDATE T SET V = 1 WHERE ID = 2").expectUpdated(1);
        b.step("UPDATE T SET V = 9 WHERE ID <> 2").expectUpdated(3);
        Step waits = b.step("UPDATE T SET V = 9 WHERE ID = 2").expectBlockedBy("a");

        Step loses = a.step(sql.formatted(hiding));
        loses.expectEnd();
        waits.expectEnd();
        waits.expectUpdated(1);
        b.commit().expectFinished();
        isLost(db, a, loses, hiding);
    }

    private static void isLost(Interleaving db, TestSession a, Step lost, Hiding hiding) {
        Optional<String> state = lost.expectEnd().sqlState();
        boolean isTold = hiding == Hiding.THROW || hiding == Hiding.SWALLOW;
        assertThat(state.orElse("none").equals("40001")).as("%s", lost).isEqualTo(isTold);
        if (!isTold) {
            a.step("INSERT INTO KEPT VALUES (5)").expectError("40001");
            a.commit().expectError("40001");
            a.rollback().expectFinished();
        }
        a.step("INSERT INTO KEPT VALUES (6)").expectUpdated(1);
        a.commit().expectFinished();
        db.expectRows("SELECT V FROM KEPT", "6");
        db.expectRows("SELECT V FROM CALLS", "0");
        db.expectRows("SELECT COUNT(*) FROM TRIGGERS", "0");
        db.expectRows("SELECT V FROM T WHERE ID = 1", "9");
    }
}
