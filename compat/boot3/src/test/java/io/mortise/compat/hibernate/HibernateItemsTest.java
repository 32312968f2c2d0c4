package io.mortise.compat.hibernate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mortise.compat.kit.WorksWith;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.hibernate.PessimisticLockException;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.Version;
import org.hibernate.cfg.Configuration;
import org.hibernate.dialect.H2Dialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.exception.LockAcquisitionException;
import org.hibernate.exception.LockTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hibernate ORM: the dialect, pessimistic locks, deadlocks. */
@WorksWith(
        client = "Hibernate ORM",
        from = SessionFactory.class,
        tried = "the dialect it finds; schema creation; pessimistic locks; deadlock: LockAcquisitionException",
        needs = "6.6 sends no lock timeout of its own to H2: `SET LOCK_TIMEOUT`, or the URL's; 7 sends NOWAIT")
@Timeout(120)
final class HibernateItemsTest {
    @SuppressWarnings("NullAway.Init")
    private SessionFactory factory;

    /** The SQL that Hibernate has sent. */
    private final List<String> sent = new CopyOnWriteArrayList<>();

    /** A row. */
    @Entity(name = "ACCOUNT")
    static class Account {
        @Id
        private int id;

        private int balance;

        protected Account() {}

        Account(int id) {
            this.id = id;
        }

        void add(int amount) {
            balance += amount;
        }
    }

    @BeforeEach
    void twoAccounts() {
        factory = new Configuration()
                .addAnnotatedClass(Account.class)
                .setProperty(
                        "hibernate.connection.url", "jdbc:mortise:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=60000")
                .setProperty("hibernate.connection.username", "sa")
                .setProperty("hibernate.connection.password", "")
                .setProperty("hibernate.hbm2ddl.auto", "create-drop")
                .setStatementInspector(this::sees)
                .buildSessionFactory();
        factory.inTransaction(session -> {
            session.persist(new Account(1));
            session.persist(new Account(2));
        });
    }

    private String sees(String sql) {
        sent.add(sql);
        return sql;
    }

    @AfterEach
    void close() {
        factory.close();
    }

    @Test
    @DisplayName("54 the dialect is H2's, for this version of H2")
    void theDialectIsH2sOfThisVersion() {
        H2Dialect dialect = (H2Dialect)
                ((SessionFactoryImplementor) factory).getJdbcServices().getDialect();

        assertThat(dialect.getVersion().getMajor()).isEqualTo(2);
        assertThat(dialect.getVersion().getMinor()).isEqualTo(5);
        assertThat(dialect.getVersion().getMicro()).isEqualTo(252);
    }

    @Test
    @DisplayName("54 a pessimistic lock that is not to be had says so; only Hibernate 7 sends its own timeout")
    void aPessimisticLockThatTimesOutSaysSo() {
        try (Session holder = factory.openSession();
                Session waiter = factory.openSession()) {
            holder.beginTransaction();
            holder.find(Account.class, 1, LockModeType.PESSIMISTIC_WRITE);
            waiter.beginTransaction();
            waiter.doWork(connection -> connection.createStatement().execute("SET LOCK_TIMEOUT 100"));

            Throwable refused = catchThrowable(() -> waiter.find(
                    Account.class, 1, LockModeType.PESSIMISTIC_WRITE, Map.of("jakarta.persistence.lock.timeout", 0)));

            assertThat(refused)
                    .isInstanceOfAny(
                            PessimisticLockException.class,
                            LockTimeoutException.class,
                            jakarta.persistence.PessimisticLockException.class,
                            jakarta.persistence.LockTimeoutException.class);
            assertThat(sent.get(sent.size() - 1).contains("for update nowait")).isEqualTo(isHibernate7());
            waiter.getTransaction().rollback();
            holder.getTransaction().rollback();
        }
    }

    private static boolean isHibernate7() {
        return Version.getVersionString().startsWith("7.");
    }

    @Test
    @DisplayName("54 a deadlock is a LockAcquisitionException, and the other transaction goes on")
    void aDeadlockIsALockAcquisitionException() throws Exception {
        try (Session a = factory.openSession();
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
            assertThatThrownBy(victim::get)
                    .isInstanceOf(ExecutionException.class)
                    .satisfies(e -> assertThat(chain(e)).anyMatch(LockAcquisitionException.class::isInstance));
            assertThat(survivor).isCompleted();
            a.getTransaction().rollback();
            b.getTransaction().rollback();
        }
    }

    private static void change(Session session, int id) {
        session.find(Account.class, id).add(1);
        session.flush();
    }

    private static List<Throwable> chain(Throwable e) {
        return Stream.iterate(e, Objects::nonNull, Throwable::getCause).toList();
    }
}
