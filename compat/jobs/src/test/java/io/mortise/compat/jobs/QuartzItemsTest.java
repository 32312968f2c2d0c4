package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Date;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.TriggerBuilder;
import org.quartz.impl.SchedulerRepository;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

@WorksWith(
        client = "Quartz",
        from = Scheduler.class,
        tried = "two clustered schedulers (JobStoreTX) over forty jobs: each runs exactly once; also at SERIALIZABLE",
        needs = "at SERIALIZABLE: call `scheduleJob` again after SQLState 40001")
@Timeout(300)
final class QuartzItemsTest {
    private static final int JOBS = 40;
    private static final Map<String, Integer> RUNS = new ConcurrentHashMap<>();
    private static volatile CountDownLatch left = new CountDownLatch(0);

    /** What the schedulers run. */
    public static final class Counted implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            RUNS.merge(context.getJobDetail().getKey().getName(), 1, Integer::sum);
            left.countDown();
        }
    }

    /** Lends Quartz the connections of a pool. */
    private record Lender(HikariDataSource pool) implements ConnectionProvider {
        @Override
        public Connection getConnection() throws SQLException {
            return pool.getConnection();
        }

        @Override
        public void shutdown() {}

        @Override
        public void initialize() {}
    }

    @ParameterizedTest
    @EnumSource
    void eachJobRunsOnce(Side side) throws Exception {
        HikariDataSource pool = side.pool("");
        Side.script(pool, Scheduler.class, "/org/quartz/impl/jdbcjobstore/tables_h2.sql");
        String source = "source-" + UUID.randomUUID();
        DBConnectionManager.getInstance().addConnectionProvider(source, new Lender(pool));
        RUNS.clear();
        left = new CountDownLatch(JOBS);
        Scheduler one = scheduler(source, "one");
        Scheduler two = scheduler(source, "two");

        one.start();
        two.start();
        Crowd.Result scheduled = Crowd.of(
                4,
                JOBS / 4,
                (thread, round) -> Again.untilItSucceeds(
                        () -> schedule(thread % 2 == 0 ? one : two, "job-" + thread + "-" + round)));
        left.await();
        one.shutdown(true);
        two.shutdown(true);

        pool.close();
        assertThat(scheduled.failures()).isEmpty();
        assertThat(RUNS)
                .hasSize(JOBS)
                .allSatisfy((name, count) -> assertThat(count).isOne());
    }

    private static Date schedule(Scheduler scheduler, String job) throws SchedulerException {
        return scheduler.scheduleJob(
                JobBuilder.newJob(Counted.class).withIdentity(job).build(),
                TriggerBuilder.newTrigger().startNow().build());
    }

    private static Scheduler scheduler(String source, String instance) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", source);
        properties.setProperty("org.quartz.scheduler.instanceId", instance);
        properties.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", "4");
        properties.setProperty("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX");
        properties.setProperty(
                "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.StdJDBCDelegate");
        properties.setProperty("org.quartz.jobStore.dataSource", source);
        properties.setProperty("org.quartz.jobStore.isClustered", "true");
        // Sooner than after its usual 15 and 30 s: who has given way at SERIALIZABLE looks again.
        properties.setProperty("org.quartz.jobStore.dbRetryInterval", "100");
        properties.setProperty("org.quartz.scheduler.dbFailureRetryInterval", "100");
        properties.setProperty("org.quartz.scheduler.idleWaitTime", "1000");
        // One name for both is what makes them a cluster, so each needs a factory, and a repository entry, of its own.
        Scheduler made = new StdSchedulerFactory(properties).getScheduler();
        SchedulerRepository.getInstance().remove(source);
        return made;
    }
}
