package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

@WorksWith(
        client = "Spring Session JDBC",
        from = JdbcIndexedSessionRepository.class,
        tried = "eight requests at a time on four sessions, log-ins, log-outs and the clean-up of expired ones between"
                + " them; also at SERIALIZABLE",
        needs = "at SERIALIZABLE, as with plain H2: `TransactionOperations` that run again after SQLState 40001")
@Timeout(120)
final class SpringSessionItemsTest {
    private static final String USER = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

    @ParameterizedTest
    @EnumSource
    void sessionsAreUsedByManyRequestsAtOnce(Side side) throws Exception {
        HikariDataSource pool = side.pool("");
        Side.script(pool, Session.class, "/org/springframework/session/jdbc/schema-h2.sql");
        JdbcIndexedSessionRepository sessions = sessions(pool);
        List<String> ids = IntStream.range(0, 4)
                .mapToObj(i -> begin(sessions, "user-" + i))
                .toList();

        Crowd.Result result = Crowd.of(8, 20, (thread, round) -> request(sessions, ids.get(round % 4), thread, round));

        assertThat(result.failures()).as("on " + side).isEmpty();
        for (String id : ids) {
            Session session = sessions.findById(id);
            assertThat(session.getAttributeNames()).contains("basket-0", "basket-7");
        }
        for (int i = 0; i < 4; i++) {
            assertThat(sessions.findByIndexNameAndIndexValue(USER, "user-" + i)).hasSize(1);
        }
        pool.close();
    }

    private static void request(JdbcIndexedSessionRepository sessions, String id, int thread, int round) {
        change(sessions, sessions.findById(id), "basket-" + thread, round);
        if (round % 5 == 0) {
            String other = begin(sessions, "guest-" + thread);
            change(sessions, sessions.findById(other), "basket", round);
            sessions.deleteById(other);
        }
        if (round % 7 == 0) {
            sessions.cleanUpExpiredSessions();
        }
    }

    private static <S extends Session> String begin(FindByIndexNameSessionRepository<S> sessions, String user) {
        S session = sessions.createSession();
        session.setAttribute(USER, user);
        sessions.save(session);
        return session.getId();
    }

    private static <S extends Session> void change(
            FindByIndexNameSessionRepository<S> sessions, S session, String name, int value) {
        session.setAttribute(name, value);
        session.setLastAccessedTime(session.getLastAccessedTime().plus(Duration.ofSeconds(1)));
        sessions.save(session);
    }

    private static JdbcIndexedSessionRepository sessions(HikariDataSource pool) {
        TransactionTemplate transactions = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        return new JdbcIndexedSessionRepository(new JdbcTemplate(pool), new RunAgain(transactions));
    }

    /** It gives each call of it a transaction, so this is where what gives way is run again. */
    private record RunAgain(TransactionTemplate transactions) implements TransactionOperations {
        @Override
        public <T> @Nullable T execute(TransactionCallback<T> action) {
            try {
                return Again.untilItSucceeds(() -> transactions.execute(action));
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
