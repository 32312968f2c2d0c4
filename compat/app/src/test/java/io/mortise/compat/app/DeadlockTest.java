package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.DeadlockScript;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A deadlock of two JPA transactions becomes a test: its script is copied, and plays again in the application's own schema. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = "spring.datasource.url=jdbc:mortise:mem:deadlock;BIND_VALUES=TRUE;LOCK_TIMEOUT=60000")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DeadlockTest {
    /** Copied from an application's {@code SYS.DEADLOCKS.SCRIPT}. */
    private static final String COPIED =
            """
            a: update account set balance=?,owner=? where id=? {1: 80, 2: 'ada', 3: CAST(1 AS BIGINT)}
            b: update account set balance=?,owner=? where id=? {1: 110, 2: 'bob', 3: CAST(2 AS BIGINT)}
            a: select a1_0.id,a1_0.balance,a1_0.owner from account a1_0 where a1_0.owner=? {1: 'bob'}
            b: select a1_0.id,a1_0.balance,a1_0.owner from account a1_0 where a1_0.owner=? {1: 'ada'}
            a: update account set balance=?,owner=? where id=? {1: 125, 2: 'bob', 3: CAST(2 AS BIGINT)} -- waits for b, EX ROW on PUBLIC.ACCOUNT(ID=2)
            b: update account set balance=?,owner=? where id=? {1: 95, 2: 'ada', 3: CAST(1 AS BIGINT)} -- waits for a, EX ROW on PUBLIC.ACCOUNT(ID=1)
            -- deadlock, victim b (a has done as much)
            """;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CyclicBarrier bothHaveOne = new CyclicBarrier(2);

    @Autowired
    private DataSource dataSource;

    @Autowired
    private JdbcTemplate jdbc;

    @Autowired
    private Accounts accounts;

    @Autowired
    private PlatformTransactionManager transactions;

    @BeforeEach
    void open() {
        jdbc.update("DELETE FROM ACCOUNT");
        jdbc.update("INSERT INTO ACCOUNT(ID, OWNER, BALANCE) VALUES (1, 'ada', 100), (2, 'bob', 100)");
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void theScriptOfADeadlockThatHappenedPlaysAgain() throws Exception {
        String script = scriptOfADeadlock();

        try (Interleaving db = Interleaving.over(dataSource)) {
            Step victim = DeadlockScript.parse(script).replay(db);
            assertThat(victim.expectError("40001").getMessage()).contains("Deadlock");
        }
    }

    @Test
    void theScriptThatWasCopiedPlaysAgain() {
        try (Interleaving db = Interleaving.over(dataSource)) {
            DeadlockScript.parse(COPIED).replay(db);
        }
    }

    @Test
    void withoutItsValuesItSaysWhichItNeeds() {
        String bare = COPIED.replaceAll(" \\{.*?\\}", "");
        try (Interleaving db = Interleaving.over(dataSource)) {
            assertThatThrownBy(() -> DeadlockScript.parse(bare).replay(db))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(".with(1, balance INTEGER, owner CHARACTER VARYING, id BIGINT)");

            DeadlockScript.parse(bare)
                    .with(1, 80, "ada", 1)
                    .with(2, 110, "bob", 2)
                    .with(3, "bob")
                    .with(4, "ada")
                    .with(5, 125, "bob", 2)
                    .with(6, 95, "ada", 1)
                    .replay(db);
        }
    }

    /** Two transfers in opposite directions, each of which has changed its first account before it turns to its second. */
    private String scriptOfADeadlock() throws Exception {
        List<Future<Boolean>> both = Stream.of(List.of("ada", "bob"), List.of("bob", "ada"))
                .map(way -> threads.submit(() -> transferred(way.get(0), way.get(1))))
                .toList();
        assertThat(Arrays.asList(both.get(0).get(), both.get(1).get())).containsExactlyInAnyOrder(true, false);

        return jdbc.queryForList("SELECT SCRIPT FROM SYS.DEADLOCKS ORDER BY DEADLOCK_ID DESC", String.class)
                .get(0);
    }

    private boolean transferred(String from, String to) {
        try {
            new TransactionTemplate(transactions).executeWithoutResult(transaction -> {
                accounts.findByOwner(from).orElseThrow().add(-10);
                accounts.flush();
                await();
                accounts.findByOwner(to).orElseThrow().add(10);
            });
            return true;
        } catch (ConcurrencyFailureException e) {
            return false;
        }
    }

    private void await() {
        try {
            bothHaveOne.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
