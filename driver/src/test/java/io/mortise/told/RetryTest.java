package io.mortise.told;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.driver.MortiseDataSource;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Retry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RetryTest {
    private final MortiseDataSource source = new MortiseDataSource();
    private final AtomicInteger attempts = new AtomicInteger();
    private final Connection keeper;

    RetryTest() throws SQLException {
        source.setUrl("jdbc:mortise:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=100000");
        source.setUser("sa");
        keeper = source.getConnection();
        run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        run(keeper, "INSERT INTO T VALUES (1, 0), (2, 0)");
    }

    @AfterEach
    void close() throws SQLException {
        keeper.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int sum() throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet sum = statement.executeQuery("SELECT SUM(V) FROM T")) {
            sum.next();
            return sum.getInt(1);
        }
    }

    /** Both take their first row before either takes its second, the first time. */
    private void cross(CyclicBarrier met, int first) throws SQLException {
        AtomicInteger mine = new AtomicInteger();
        Retry.times(10).inTransaction(source, connection -> {
            attempts.incrementAndGet();
            run(connection, "UPDATE T SET V = V + 1 WHERE ID = " + first);
            if (mine.incrementAndGet() == 1) {
                await(met);
            }
            run(connection, "UPDATE T SET V = V + 1 WHERE ID = " + (3 - first));
            return first;
        });
    }

    private static void await(CyclicBarrier met) {
        try {
            met.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theVictimOfADeadlockRunsAgainAndBothSucceed() throws Exception {
        CyclicBarrier met = new CyclicBarrier(2);
        CompletableFuture<Void> other = CompletableFuture.runAsync(
                () -> {
                    try {
                        cross(met, 2);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                step -> new Thread(step, "crosses").start());
        cross(met, 1);
        other.get();

        assertThat(sum()).isEqualTo(4);
        assertThat(attempts).hasValueGreaterThanOrEqualTo(3);
    }

    @Test
    void whatDoesNotSayThatItCanBeRetriedIsNot() throws Exception {
        assertThatThrownBy(() -> Retry.times(5).inTransaction(source, connection -> {
                    attempts.incrementAndGet();
                    run(connection, "UPDATE T SET V = 7 WHERE ID = 2");
                    run(connection, "INSERT INTO T VALUES (1, 0)");
                    return 0;
                }))
                .isInstanceOf(SQLException.class)
                .isNotInstanceOf(DeadlockException.class);

        assertThat(attempts).hasValue(1);
        assertThat(sum()).isZero();
    }

    @Test
    void theLastErrorIsThrownWhenAllAttemptsAreUsed() throws Exception {
        keeper.setAutoCommit(false);
        run(keeper, "UPDATE T SET V = 0 WHERE ID = 1");

        assertThatThrownBy(() -> Retry.times(3).inTransaction(source, connection -> {
                    attempts.incrementAndGet();
                    run(connection, "SET LOCK_TIMEOUT 0");
                    run(connection, "UPDATE T SET V = 1 WHERE ID = 1");
                    return 0;
                }))
                .isInstanceOf(LockTimeoutException.class);

        keeper.rollback();
        assertThat(attempts).hasValue(3);
    }

    @Test
    void anErrorIsFoundBehindThoseThatWrapIt() throws Exception {
        keeper.setAutoCommit(false);
        run(keeper, "UPDATE T SET V = 0 WHERE ID = 1");
        String result = Retry.times(2).call(() -> {
            if (attempts.incrementAndGet() == 2) {
                return "done";
            }
            try (Connection connection = source.getConnection()) {
                run(connection, "SET LOCK_TIMEOUT 0");
                run(connection, "UPDATE T SET V = 1 WHERE ID = 1");
                return "not refused";
            } catch (SQLException e) {
                throw new IllegalStateException("could not execute statement", e);
            }
        });

        keeper.rollback();
        assertThat(result).isEqualTo("done");
    }
}
