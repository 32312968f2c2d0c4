package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@WorksWith(
        client = "ShedLock",
        from = LockProvider.class,
        tried = "eight nodes that want the same job, two hundred times: never two at once, never an error;"
                + " also at SERIALIZABLE")
@Timeout(120)
final class ShedLockItemsTest {
    private static final int NODES = 8;
    private static final int ROUNDS = 25;

    @ParameterizedTest
    @EnumSource
    void aJobRunsOnOneNodeAtATime(Side side) throws Exception {
        HikariDataSource pool = side.pool("");
        Side.run(
                pool,
                "CREATE TABLE shedlock(name VARCHAR(64) PRIMARY KEY, lock_until TIMESTAMP NOT NULL,"
                        + " locked_at TIMESTAMP NOT NULL, locked_by VARCHAR(255) NOT NULL)");
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();

        Crowd.Result result = Crowd.of(NODES, ROUNDS, (thread, round) -> {
            LockConfiguration job =
                    new LockConfiguration(Instant.now(), "job" + round % 3, Duration.ofMinutes(1), Duration.ZERO);
            new DefaultLockingTaskExecutor(new JdbcTemplateLockProvider(pool))
                    .executeWithLock(
                            (Runnable) () -> {
                                if (round % 3 == 0) {
                                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                                    inside.decrementAndGet();
                                }
                                ran.incrementAndGet();
                            },
                            job);
        });

        pool.close();
        assertThat(result.failures()).isEmpty();
        assertThat(most).hasValue(1);
        assertThat(ran.get()).isPositive();
    }
}
