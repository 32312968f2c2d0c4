package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@WorksWith(
        client = "db-scheduler",
        from = Scheduler.class,
        tried = "three schedulers over a hundred tasks: each runs exactly once; also at SERIALIZABLE")
@Timeout(120)
final class DbSchedulerItemsTest {
    private static final int TASKS = 100;

    @ParameterizedTest
    @EnumSource
    void eachTaskRunsOnce(Side side) throws Exception {
        HikariDataSource pool = side.pool("");
        Side.run(
                pool,
                "CREATE TABLE scheduled_tasks(task_name VARCHAR(100), task_instance VARCHAR(100), task_data BLOB,"
                        + " execution_time TIMESTAMP WITH TIME ZONE, picked BOOLEAN, picked_by VARCHAR(50),"
                        + " last_success TIMESTAMP WITH TIME ZONE, last_failure TIMESTAMP WITH TIME ZONE,"
                        + " consecutive_failures INT, last_heartbeat TIMESTAMP WITH TIME ZONE, version BIGINT,"
                        + " priority SMALLINT, PRIMARY KEY(task_name, task_instance))",
                "CREATE INDEX execution_time_idx ON scheduled_tasks(execution_time)");
        Map<String, Integer> runs = new ConcurrentHashMap<>();
        CountDownLatch left = new CountDownLatch(TASKS);
        OneTimeTask<Void> task = Tasks.oneTime("task").execute((instance, context) -> {
            runs.merge(instance.getId(), 1, Integer::sum);
            left.countDown();
        });
        Scheduler first = scheduler(pool, task, "one");
        for (int i = 0; i < TASKS; i++) {
            first.schedule(task.instance("task-" + i), Instant.now());
        }
        Scheduler second = scheduler(pool, task, "two");
        Scheduler third = scheduler(pool, task, "three");

        first.start();
        second.start();
        third.start();
        left.await();
        first.stop();
        second.stop();
        third.stop();

        pool.close();
        assertThat(runs)
                .hasSize(TASKS)
                .allSatisfy((name, count) -> assertThat(count).isOne());
    }

    private static Scheduler scheduler(HikariDataSource pool, OneTimeTask<Void> task, String name) {
        return Scheduler.create(pool, task)
                .schedulerName(new SchedulerName.Fixed(name))
                .threads(4)
                .pollingInterval(Duration.ofMillis(100))
                .build();
    }
}
