package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.retry.annotation.Retryable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/** The example of docs/operations.md, run. */
@WorksWith(
        client = "Spring Retry",
        from = Retryable.class,
        tried = "transfers that cross and deadlock, on methods that are `@Retryable` and `@Transactional`: all succeed",
        needs = "`exceptionExpression`, see [In production](operations.md#run-it-again)")
@Timeout(120)
final class SpringRetryItemsTest {
    /** Moves money between two accounts, in either order. */
    static class Bank {
        private final JdbcTemplate jdbc;
        final AtomicInteger attempts = new AtomicInteger();

        Bank(DataSource source) {
            jdbc = new JdbcTemplate(source);
        }

        @Retryable(maxAttempts = 100, exceptionExpression = "T(io.mortise.engine.error.Retry).isRetryable(#root)")
        @Transactional
        public void move(int from, int to, CyclicBarrier firstTime) throws Exception {
            boolean isFirst = attempts.incrementAndGet() <= firstTime.getParties();
            jdbc.update("UPDATE ACCOUNTS SET BALANCE = BALANCE - 1 WHERE ID = ?", from);
            if (isFirst) {
                firstTime.await(); // Now each has what the other wants.
            }
            jdbc.update("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = ?", to);
        }

        @Retryable(maxAttempts = 100, exceptionExpression = "T(io.mortise.engine.error.Retry).isRetryable(#root)")
        @Transactional
        public void open(int account) {
            attempts.incrementAndGet();
            jdbc.update("INSERT INTO ACCOUNTS VALUES (?, 0)", account);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableRetry(proxyTargetClass = true)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Application {
        @Bean(destroyMethod = "close")
        HikariDataSource source() throws Exception {
            HikariDataSource pool = Side.MORTISE.pool("");
            Side.run(pool, "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
            Side.run(pool, "INSERT INTO ACCOUNTS VALUES (1, 100), (2, 100)");
            return pool;
        }

        @Bean
        PlatformTransactionManager transactions(DataSource source) {
            return new DataSourceTransactionManager(source);
        }

        @Bean
        Bank bank(DataSource source) {
            return new Bank(source);
        }
    }

    @Test
    void transfersThatCrossAreRunAgainUntilTheySucceed() throws Exception {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Application.class)) {
            Bank bank = context.getBean(Bank.class);
            CyclicBarrier bothHaveOne = new CyclicBarrier(2);

            Crowd.Result result = Crowd.of(2, 1, (thread, round) -> bank.move(1 + thread, 2 - thread, bothHaveOne));

            assertThat(result.failures()).isEmpty();
            assertThat(new JdbcTemplate(context.getBean(DataSource.class))
                            .queryForList("SELECT BALANCE FROM ACCOUNTS ORDER BY ID", Integer.class))
                    .containsExactly(100, 100);
        }
    }

    @Test
    void whatCannotSucceedIsNotRunAgain() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Application.class)) {
            Bank bank = context.getBean(Bank.class);

            assertThatThrownBy(() -> bank.open(1)).isInstanceOf(DuplicateKeyException.class);

            assertThat(new JdbcTemplate(context.getBean(DataSource.class))
                            .queryForObject("SELECT COUNT(*) FROM ACCOUNTS", Integer.class))
                    .isEqualTo(2);
        }
    }
}
