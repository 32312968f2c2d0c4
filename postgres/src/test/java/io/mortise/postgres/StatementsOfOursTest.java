package io.mortise.postgres;

import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the driver has the server do beside what its client asks for, as the server counts it: pg_stat_statements. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class StatementsOfOursTest {
    private static final String CALLS = "SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s"
            + " JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'counted'";

    private static final int TRANSACTIONS = 100;

    private Connection plain;

    @BeforeEach
    void aUserOfItsOwn() throws SQLException {
        plain = TestServer.plain();
        run(plain, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        run(plain, "CREATE ROLE counted LOGIN");
        run(plain, "CREATE TABLE COUNTED_ROWS (ID INT PRIMARY KEY, V INT)");
        run(plain, "INSERT INTO COUNTED_ROWS VALUES (1, 0), (2, 0)");
        run(plain, "GRANT ALL ON COUNTED_ROWS TO counted");
    }

    @AfterEach
    void gone() throws SQLException {
        TestServer.await(pid(plain), "NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'counted')");
        run(plain, "DROP TABLE COUNTED_ROWS");
        run(plain, "DROP ROLE counted");
        plain.close();
    }

    private static Connection connect(String driver) throws SQLException {
        return DriverManager.getConnection(
                TestServer.url().replace("mortise:", driver).replace("user=postgres", "user=counted"));
    }

    @Test
    void whileNobodyWaitsTheServerRunsWhatItRunsForPgjdbcAndNothingElse() throws Exception {
        String plainCalls;
        try (Connection alone = connect("")) {
            work(alone);
            plainCalls = one(plain, CALLS);
        }
        try (Connection client = connect("mortise:")) {
            assertThat(one(client, "SELECT count(*) >= 0 FROM SYS.LOCKS"))
                    .as("the monitor is open")
                    .isEqualTo("t");
            long slowest = work(client);

            // One that is 100 ms old is looked at: on a machine that stands still for a while.
            if (slowest < TimeUnit.MILLISECONDS.toNanos(90)) {
                assertThat(one(plain, CALLS)).isEqualTo(plainCalls);
                assertThat(Integer.parseInt(plainCalls)).isGreaterThanOrEqualTo(3 * TRANSACTIONS);
            }
        }
    }

    /** A hundred transactions, counted from zero; returns the time of the slowest. */
    private long work(Connection client) throws SQLException {
        client.setAutoCommit(false);
        client.commit();
        run(plain, "SELECT pg_stat_statements_reset()");
        long slowest = 0;
        try (PreparedStatement select = client.prepareStatement("SELECT V FROM COUNTED_ROWS WHERE ID = ?");
                PreparedStatement update = client.prepareStatement("UPDATE COUNTED_ROWS SET V = V + 1 WHERE ID = ?")) {
            for (int i = 0; i < TRANSACTIONS; i++) {
                long begin = System.nanoTime();
                select.setInt(1, 1);
                select.executeQuery().close();
                update.setInt(1, 2);
                update.executeUpdate();
                client.commit();
                slowest = Math.max(slowest, System.nanoTime() - begin);
            }
        }
        return slowest;
    }
}
