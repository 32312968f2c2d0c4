package io.mortise.compat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Version;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.dialect.PostgreSQLDialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.exception.LockAcquisitionException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Hibernate finds PostgreSQL's dialect; identity columns, batches, locks, conflicts and deadlocks are as with pgjdbc.
 */
@Timeout(180)
final class HibernateTest {
    /** A row. */
    @Entity(name = "account")
    static class Account {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        private int id;

        @Version
        private int version;

        private int balance;

        void add(int amount) {
            balance += amount;
        }
    }

    private static SessionFactory twoAccounts(Driver driver) throws Exception {
        SessionFactory factory = new Configuration()
                .addAnnotatedClass(Account.class)
                .setProperty("hibernate.connection.url", driver.freshDatabase())
                .setProperty("hibernate.connection.driver_class", driver.className())
                .setProperty("hibernate.connection.username", "postgres")
                .setProperty("hibernate.connection.password", "")
                .setProperty("hibernate.jdbc.batch_size", "20")
                .setProperty("hibernate.hbm2ddl.auto", "create-drop")
                .buildSessionFactory();
        factory.inTransaction(session -> {
            session.persist(new Account());
            session.persist(new Account());
        });
        return factory;
    }

    @ParameterizedTest
    @EnumSource
    void theDialectIsPostgresAndRowsHaveTheirNumbers(Driver driver) throws Exception {
        try (SessionFactory factory = twoAccounts(driver);
                Session session = factory.openSession()) {
            assertThat(((SessionFactoryImplementor) factory).getJdbcServices().getDialect())
                    .isInstanceOf(PostgreSQLDialect.class);
            assertThat(session.createQuery("select a.id from account a order by a.id", Integer.class)
                            .list())
                    .containsExactly(1, 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLockThatIsNotToBeHadAtOnceIsRefused(Driver driver) throws Exception {
        try (SessionFactory factory = twoAccounts(driver);
                Session holder = factory.openSession();
                Session waiter = factory.openSession()) {
            holder.beginTransaction();
            holder.find(Account.class, 1, LockModeType.PESSIMISTIC_WRITE);
            waiter.beginTransaction();

            Throwable refused = catchThrowable(() -> waiter.find(
                    Account.class, 1, LockModeType.PESSIMISTIC_WRITE, Map.of("jakarta.persistence.lock.timeout", 0)));

            // HYT00, which H2's dialect knows by its number, is a time-out like any other to PostgreSQL's.
            Class<?> expected = driver == Driver.MORTISE
                    ? jakarta.persistence.QueryTimeoutException.class
                    : jakarta.persistence.LockTimeoutException.class;
            assertThat(refused).isInstanceOf(expected);
            assertThat(Stream.iterate(refused, Objects::nonNull, Throwable::getCause)
                            .anyMatch(io.mortise.engine.error.LockTimeoutException.class::isInstance))
                    .isEqualTo(driver == Driver.MORTISE);
            waiter.getTransaction().rollback();
            holder.getTransaction().rollback();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDeadlockIsALockAcquisitionExceptionAndTheOtherGoesOn(Driver driver) throws Exception {
        try (SessionFactory factory = twoAccounts(driver);
                Session a = factory.openSession();
                Session b = factory.openSession()) {
            a.beginTransaction();
            b.beginTransaction();
            change(a, 1);
            change(b, 2);
            CompletableFuture<Void> first =
                    CompletableFuture.runAsync(() -> change(a, 2), step -> new Thread(step, "first").start());
            CompletableFuture<Void> second =
                    CompletableFuture.runAsync(() -> change(b, 1), step -> new Thread(step, "second").start());

            CompletableFuture.allOf(first, second).exceptionally(failed -> null).get();

            CompletableFuture<Void> victim = first.isCompletedExceptionally() ? first : second;
            CompletableFuture<Void> survivor = victim == first ? second : first;
            assertThat(Stream.iterate(catchThrowable(victim::get), Objects::nonNull, Throwable::getCause))
                    .anyMatch(LockAcquisitionException.class::isInstance);
            assertThat(survivor).isCompleted();
            a.getTransaction().rollback();
            b.getTransaction().rollback();
        }
    }

    private static void change(Session session, int id) {
        session.find(Account.class, id).add(1);
        session.flush();
    }

    @ParameterizedTest
    @EnumSource
    void aChangeOfAnOldVersionIsRefused(Driver driver) throws Exception {
        try (SessionFactory factory = twoAccounts(driver);
                Session late = factory.openSession()) {
            late.beginTransaction();
            Account old = late.find(Account.class, 1);
            factory.inTransaction(session -> session.find(Account.class, 1).add(1));
            old.add(1);

            assertThat(catchThrowable(late::flush)).isInstanceOf(jakarta.persistence.OptimisticLockException.class);
            late.getTransaction().rollback();
        }
    }
}
