package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.Job;
import org.springframework.batch.core.JobExecution;
import org.springframework.batch.core.JobParameters;
import org.springframework.batch.core.JobParametersBuilder;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.launch.JobLauncher;
import org.springframework.batch.core.launch.support.TaskExecutorJobLauncher;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.support.JobRepositoryFactoryBean;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.repeat.RepeatStatus;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

@WorksWith(
        client = "Spring Batch",
        from = JobRepository.class,
        tried = "eight threads that launch jobs of two steps at READ_COMMITTED and at its default, SERIALIZABLE: every"
                + " job completes; also where the steps are at SERIALIZABLE",
        needs = "at SERIALIZABLE: launch again after a `ConcurrencyFailureException` with SQLState 40001, as on every"
                + " database whose SERIALIZABLE is")
@Timeout(240)
final class SpringBatchItemsTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 5;

    @ParameterizedTest
    @CsvSource({
        "H2,READ_COMMITTED",
        "MORTISE,READ_COMMITTED",
        "H2,SERIALIZABLE",
        "MORTISE,SERIALIZABLE",
        "H2_SERIALIZABLE,SERIALIZABLE",
        "MORTISE_SERIALIZABLE,SERIALIZABLE"
    })
    void manyJobsRunAtOnce(Side side, String isolation) throws Exception {
        HikariDataSource pool = side.pool("");
        Side.script(pool, JobRepository.class, "/org/springframework/batch/core/schema-h2.sql");
        Side.run(pool, "CREATE TABLE DONE(ID INT GENERATED ALWAYS AS IDENTITY, STEP VARCHAR(20))");
        PlatformTransactionManager transactions = new DataSourceTransactionManager(pool);
        JobRepository repository = repository(pool, transactions, isolation);
        TaskExecutorJobLauncher launcher = new TaskExecutorJobLauncher();
        launcher.setJobRepository(repository);
        launcher.afterPropertiesSet();
        JdbcTemplate jdbc = new JdbcTemplate(pool);
        Job job = job(repository, transactions, jdbc);

        Crowd.Result result = Crowd.of(THREADS, ROUNDS, (thread, round) -> {
            JobExecution execution = launched(
                    launcher,
                    job,
                    new JobParametersBuilder()
                            .addLong("thread", (long) thread)
                            .addLong("round", (long) round)
                            .toJobParameters());
            assertThat(execution.getStatus())
                    .as(execution.getAllFailureExceptions().toString())
                    .isEqualTo(BatchStatus.COMPLETED);
        });

        Integer done = jdbc.queryForObject("SELECT COUNT(*) FROM DONE", Integer.class);
        pool.close();
        assertThat(result.failures()).isEmpty();
        assertThat(done).isEqualTo(THREADS * ROUNDS * 2);
    }

    /** Nothing of a launch is there that was refused, so it is launched again. */
    private static JobExecution launched(JobLauncher launcher, Job job, JobParameters parameters) throws Exception {
        while (true) {
            JobExecution execution = Again.untilItSucceeds(() -> launcher.run(job, parameters));
            if (execution.getAllFailureExceptions().stream().noneMatch(Again::hasGivenWay)) {
                return execution;
            }
        }
    }

    private static JobRepository repository(
            HikariDataSource pool, PlatformTransactionManager transactions, String isolation) throws Exception {
        JobRepositoryFactoryBean factory = new JobRepositoryFactoryBean();
        factory.setDataSource(pool);
        factory.setTransactionManager(transactions);
        factory.setIsolationLevelForCreate("ISOLATION_" + isolation);
        factory.afterPropertiesSet();
        return factory.getObject();
    }

    private static Job job(JobRepository repository, PlatformTransactionManager transactions, JdbcTemplate jdbc) {
        return new JobBuilder("job", repository)
                .start(new StepBuilder("first", repository)
                        .tasklet(insert(jdbc, "first"), transactions)
                        .build())
                .next(new StepBuilder("second", repository)
                        .tasklet(insert(jdbc, "second"), transactions)
                        .build())
                .build();
    }

    private static Tasklet insert(JdbcTemplate jdbc, String step) {
        return (contribution, context) -> {
            jdbc.update("INSERT INTO DONE(STEP) VALUES (?)", step);
            return RepeatStatus.FINISHED;
        };
    }
}
