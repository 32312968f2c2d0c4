package io.mortise.driver.integrity;

import static io.mortise.driver.integrity.Statements.execute;
import static io.mortise.driver.integrity.Statements.serializable;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A serializable transaction that has to give way, and for whose row somebody waits, may be in the middle of a
 * statement that never waits. That is cancelled, and says why.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public final class CancelledToGiveWayTest {
    private static final String ENDLESS = "(SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000000) WHERE RUNS() = 1)";
    private static final Semaphore RUNS = new Semaphore(0);

    /** Called by H2, for each row that it goes through. */
    public static int runs() {
        if (RUNS.availablePermits() == 0) {
            RUNS.release();
        }
        return 1;
    }

    private static Connection open(boolean isOwn) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:mem:cancelledToGiveWay;OWN_COMMAND=" + isOwn, "sa", "");
    }

    /** As a client in another process does it. */
    private static Connection openOverTcp(Connection here) throws SQLException {
        execute(here, "SET PARAMETER SERVE = 'tcp:0'");
        try (Statement statement = here.createStatement();
                ResultSet served =
                        statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")) {
            served.next();
            String port = served.getString(1).replaceAll(".*:", "");
            return DriverManager.getConnection(
                    "jdbc:mortise:h2:tcp://localhost:" + port + "/mem:cancelledToGiveWay", "sa", "");
        }
    }

    /** Runs it on a thread of its own: the error with which it ends, if it does. */
    private static CompletableFuture<Optional<SQLException>> beside(Connection connection, String sql) {
        CompletableFuture<Optional<SQLException>> end = new CompletableFuture<>();
        new Thread(
                        () -> {
                            try {
                                execute(connection, sql);
                                end.complete(Optional.empty());
                            } catch (SQLException e) {
                                end.complete(Optional.of(e));
                            }
                        },
                        "beside")
                .start();
        return end;
    }

    /** A statement of this kind that goes on until it is told to end. */
    private static String endless(String kind) {
        String update = "UPDATE T SET V = 1 WHERE ID = 3 AND V = " + ENDLESS;
        return switch (kind) {
            case "SELECT" -> ENDLESS;
            case "UPDATE" -> update;
            case "EXECUTE IMMEDIATE" -> kind + " '" + update + "'";
            default -> kind + " " + ENDLESS;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "TRUE, SELECT, here",
        "TRUE, UPDATE, here",
        "FALSE, SELECT, here",
        "FALSE, UPDATE, here",
        "TRUE, SELECT, over tcp",
        "TRUE, UPDATE, over tcp",
        "FALSE, SELECT, over tcp",
        "FALSE, UPDATE, over tcp",
        "TRUE, CALL, here",
        "TRUE, CALL, over tcp",
        "FALSE, CALL, over tcp",
        "TRUE, EXPLAIN ANALYZE SELECT, over tcp",
        "TRUE, EXECUTE IMMEDIATE, over tcp"
    })
    void itSaysWhy(boolean isOwn, String kind, String route) throws Exception {
        String endless = endless(kind);
        try (Connection z = open(isOwn);
                Connection x = serializable(open(isOwn));
                Connection y = serializable(route.equals("here") ? open(isOwn) : openOverTcp(z))) {
            execute(z, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0), (2, 0), (3, 0)");
            execute(z, "CREATE ALIAS RUNS FOR '" + CancelledToGiveWayTest.class.getName() + ".runs'");
            execute(x, "SELECT SUM(V) FROM T WHERE ID < 3", "UPDATE T SET V = -1 WHERE ID = 1");
            execute(y, "SELECT SUM(V) FROM T WHERE ID < 3", "UPDATE T SET V = -1 WHERE ID = 2");
            RUNS.drainPermits();
            CompletableFuture<Optional<SQLException>> runs = beside(y, endless);
            RUNS.acquire();
            x.commit();
            CompletableFuture<Optional<SQLException>> waits = beside(z, "UPDATE T SET V = 7 WHERE ID = 2");

            SQLException told = runs.get().orElseThrow();

            assertThat(waits.get()).isEmpty();
            assertThat(told.getSQLState()).isEqualTo("40001");
            assertThat(told.getMessage()).contains("wrote by  UPDATE T SET V = -1 WHERE ID = 1");
            y.rollback();
            try (Statement statement = y.createStatement();
                    ResultSet row = statement.executeQuery("SELECT SUM(V) FROM T")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getInt(1)).isEqualTo(6);
            }
            y.commit();
        }
    }
}
