package io.mortise.compat.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.compat.kit.Database;
import io.mortise.compat.kit.HeldQuery;
import io.mortise.compat.kit.WorksWith;
import io.mortise.engine.error.SessionIsLockedException;
import java.sql.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's templates, and what they make of our errors. */
@WorksWith(
        client = "Spring JDBC",
        from = JdbcTemplate.class,
        tried = "lock timeout: QueryTimeoutException; deadlock: CannotAcquireLockException; with the starter, "
                + "SESSION_IS_LOCKED: PessimisticLockingFailureException")
@Timeout(120)
final class SpringJdbcItemsTest {

    @SuppressWarnings("NullAway.Init")
    private Database database;

    @BeforeEach
    void open() throws Exception {
        database = new Database();
        database.run("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        database.run("INSERT INTO T VALUES (1, 0), (2, 0)");
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    private ConfigurableApplicationContext start(String settings) {
        return Application.start("spring.datasource.url=" + database.url() + settings, "spring.datasource.username=sa");
    }

    @Test
    @DisplayName("55 a lock timeout is a QueryTimeoutException")
    void aLockTimeoutIsAQueryTimeout() throws Exception {
        database.keeper().setAutoCommit(false);
        database.run("UPDATE T SET V = 1 WHERE ID = 1");
        try (ConfigurableApplicationContext context = start(";LOCK_TIMEOUT=1")) {
            JdbcTemplate template = context.getBean(JdbcTemplate.class);

            assertThatThrownBy(() -> template.update("UPDATE T SET V = 2 WHERE ID = 1"))
                    .isInstanceOf(QueryTimeoutException.class);
        }
        database.keeper().rollback();
    }

    @Test
    @DisplayName("55 a deadlock is a CannotAcquireLockException, and the other transaction commits")
    void aDeadlockIsALockNotAcquired() throws Exception {
        try (ConfigurableApplicationContext context = start(";LOCK_TIMEOUT=60000")) {
            CyclicBarrier bothHaveOne = new CyclicBarrier(2);
            CompletableFuture<Void> up = transfer(context, bothHaveOne, 1, 2);
            CompletableFuture<Void> down = transfer(context, bothHaveOne, 2, 1);

            CompletableFuture.allOf(up, down)
                    .handle((done, failure) -> "both ended")
                    .join();

            CompletableFuture<Void> victim = up.isCompletedExceptionally() ? up : down;
            assertThatThrownBy(victim::join).hasCauseInstanceOf(CannotAcquireLockException.class);
            assertThat(victim == up ? down : up).isCompletedWithValue(null);
            assertThat(database.run("SELECT SUM(V) FROM T")).isEqualTo("2");
        }
    }

    private static CompletableFuture<Void> transfer(
            ConfigurableApplicationContext context, CyclicBarrier bothHaveOne, int first, int second) {
        JdbcTemplate template = context.getBean(JdbcTemplate.class);
        TransactionTemplate transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        return CompletableFuture.runAsync(
                () -> transaction.executeWithoutResult(status -> {
                    template.update("UPDATE T SET V = V + 1 WHERE ID = ?", first);
                    await(bothHaveOne);
                    template.update("UPDATE T SET V = V + 1 WHERE ID = ?", second);
                }),
                step -> new Thread(step, "crosses").start());
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @DisplayName("55 with the starter, SESSION_IS_LOCKED is a ConcurrencyFailureException")
    void aBusySessionIsAConcurrencyFailure() throws Exception {
        Connection shared = database.dataSource("").getConnection();
        try (HeldQuery held = new HeldQuery(database);
                ConfigurableApplicationContext context = startOver(shared)) {
            JdbcTemplate template = context.getBean(JdbcTemplate.class);
            CompletableFuture<Integer> first = CompletableFuture.supplyAsync(
                    () -> template.queryForObject(held.sql(), Integer.class),
                    step -> new Thread(step, "first").start());
            held.awaitRunning();

            assertThatThrownBy(() -> template.update("UPDATE T SET V = 1"))
                    .isInstanceOf(ConcurrencyFailureException.class)
                    .hasCauseInstanceOf(SessionIsLockedException.class)
                    .hasMessageContaining("SESSION_IS_LOCKED");
            assertThatThrownBy(() -> new JdbcTemplate(context.getBean(DataSource.class)).update("UPDATE T SET V = 1"))
                    .as("what it is without the starter")
                    .isInstanceOf(DataAccessException.class)
                    .isNotInstanceOf(ConcurrencyFailureException.class);

            held.close();
            assertThat(first.join()).isEqualTo(1);
        }
    }

    /** An application whose threads share one connection. */
    private static ConfigurableApplicationContext startOver(Connection shared) {
        SpringApplication application = Application.application(Application.class);
        ApplicationContextInitializer<GenericApplicationContext> dataSource = context -> context.registerBean(
                SingleConnectionDataSource.class, () -> new SingleConnectionDataSource(shared, true));
        application.addInitializers(dataSource);
        return Application.run(application);
    }
}
