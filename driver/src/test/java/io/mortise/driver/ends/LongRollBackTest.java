package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.h2.api.DatabaseEventListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who closes a connection does not wait for all of a long roll-back; it is done all the same. */
@Timeout(60)
public final class LongRollBackTest {
    private static final int MANY = 10_000;
    private static volatile CountDownLatch reached = new CountDownLatch(1);
    private static volatile CountDownLatch letGo = new CountDownLatch(0);

    /** Made by H2: a roll-back takes until it is let go. */
    public static final class Slow implements DatabaseEventListener {
        @Override
        public void setProgress(int state, String name, long x, long max) {
            if (state == STATE_STATEMENT_START && name.equals("ROLLBACK")) {
                reached.countDown();
                try {
                    letGo.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private final String url =
            "jdbc:mortise:mem:" + UUID.randomUUID() + ";DATABASE_EVENT_LISTENER='" + Slow.class.getName() + "'";

    @AfterEach
    void letGo() {
        letGo.countDown();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int count(Connection connection, String from) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + from)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private Connection change(String settings) throws SQLException {
        Connection connection = DriverManager.getConnection(url + settings, "sa", "");
        connection.setAutoCommit(false);
        run(connection, "INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, " + MANY + ")");
        reached = new CountDownLatch(1);
        letGo = new CountDownLatch(1);
        return connection;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ";SESSION_ID=S;SESSION_TIMEOUT=600"})
    void closeReturnsAndTheRollBackGoesOn(String settings) throws Exception {
        try (Connection keeper = DriverManager.getConnection(url, "sa", "")) {
            run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY)");
            Connection connection = change(settings);
            connection.close();
            reached.await();
            assertThat(connection.isClosed()).isTrue();
            assertThat(count(keeper, "SYS.SESSIONS")).isEqualTo(2);
            letGo.countDown();
            run(keeper, "SET LOCK_TIMEOUT 50000");
            run(keeper, "LOCK TABLE T IN EXCLUSIVE MODE");
            assertThat(count(keeper, "T")).isZero();
        }
    }

    /** Its first statement waits for the roll-back, as for any that is in flight. */
    @Test
    void whoComesBackToTheSessionFindsNothingOfIt() throws Exception {
        String named = ";SESSION_ID=S;SESSION_TIMEOUT=600";
        try (Connection keeper = DriverManager.getConnection(url, "sa", "")) {
            run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY)");
            change(named).close();
            reached.await();
            try (Connection back = DriverManager.getConnection(url + named + ";SESSION_BUSY=WAIT", "sa", "")) {
                letGo.countDown();
                assertThat(count(back, "T")).isZero();
                run(back, "INSERT INTO T VALUES(1)");
                back.commit();
            }
            assertThat(count(keeper, "T")).isEqualTo(1);
        }
    }
}
