package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.scheduling.BackgroundJob;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.storage.sql.common.SqlStorageProviderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@WorksWith(
        client = "JobRunr",
        from = JobRunr.class,
        tried = "fifty jobs on eight workers: each runs exactly once; also at SERIALIZABLE",
        needs = "`REPORT_URL=H2`: it chooses by the URL")
@Timeout(120)
final class JobRunrItemsTest {
    private static final int JOBS = 50;
    private static final Map<Integer, Integer> RUNS = new ConcurrentHashMap<>();
    private static volatile CountDownLatch left = new CountDownLatch(0);

    /** What the workers run. */
    public static final class Work {
        public void run(int job) {
            RUNS.merge(job, 1, Integer::sum);
            left.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachJobRunsOnce(Side side) throws Exception {
        HikariDataSource pool = side.pool(";REPORT_URL=H2");
        RUNS.clear();
        left = new CountDownLatch(JOBS);
        StorageProvider storage = SqlStorageProviderFactory.using(pool);
        JobRunr.configure()
                .useStorageProvider(storage)
                .useBackgroundJobServer(BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andWorkerCount(8)
                        .andPollIntervalInSeconds(5))
                .initialize();

        Crowd.Result enqueued = Crowd.of(5, JOBS / 5, (thread, round) -> {
            int job = thread * 100 + round;
            Again.untilItSucceeds(() -> BackgroundJob.<Work>enqueue(work -> work.run(job)));
        });
        left.await();
        JobRunr.destroy();

        pool.close();
        assertThat(enqueued.failures()).isEmpty();
        assertThat(RUNS)
                .hasSize(JOBS)
                .allSatisfy((job, count) -> assertThat(count).isOne());
    }

    @Test
    void withoutTheSettingItSaysThatItDoesNotKnowTheDatabase() throws Exception {
        HikariDataSource pool = Side.MORTISE.pool("");

        assertThatThrownBy(() -> SqlStorageProviderFactory.using(pool)).hasMessageContaining("unsupported DataSource");

        pool.close();
    }
}
