package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What an application catches, error by error and client by client, on plain H2 (the one that Boot manages) and on Mortise: the same
 * class or one that extends it, the same SQLState, so that whatever retries or reports goes on doing so. R2DBC is not among the
 * clients: there is no driver for it here.
 */
class ErrorsTest {
    /** The first SQLException's state, and the classes of Spring's that are thrown by each client. */
    private record Failure(Class<?> type, String sqlState) {
        static Failure of(Throwable thrown) {
            Throwable cause = thrown;
            while (cause != null && !(cause instanceof SQLException)) {
                cause = cause.getCause();
            }
            return new Failure(
                    thrown.getClass(), cause instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "");
        }
    }

    /** A row of the table: a statement that fails, and whether another transaction has row 1 meanwhile. */
    private record Case(String name, String sql, boolean isHeld) {}

    private static final List<Case> CASES = List.of(
            new Case("lock timeout", "UPDATE ACCOUNT SET BALANCE = 5 WHERE ID = 1", true),
            new Case("lock timeout of FOR UPDATE", "SELECT * FROM ACCOUNT WHERE ID = 1 FOR UPDATE", true),
            new Case("NOWAIT", "SELECT * FROM ACCOUNT WHERE ID = 1 FOR UPDATE NOWAIT", true),
            new Case("duplicate key", "INSERT INTO ACCOUNT(OWNER, BALANCE) VALUES ('ada', 1)", false),
            new Case("no parent", "INSERT INTO ENTRY VALUES (99)", false),
            new Case("children", "DELETE FROM ACCOUNT WHERE ID = 2", false),
            new Case("null", "INSERT INTO ACCOUNT(OWNER, BALANCE) VALUES (NULL, 1)", false),
            new Case("too long", "INSERT INTO ACCOUNT(OWNER, BALANCE) VALUES (REPEAT('x', 99), 1)", false),
            new Case("check", "INSERT INTO CHECKED VALUES (-1)", false),
            new Case("no such table", "SELECT * FROM NOWHERE", false),
            new Case("no such column", "SELECT NOTHING FROM ACCOUNT", false),
            new Case("syntax", "SELEC 1", false),
            new Case("not a number", "SELECT CAST('x' AS INT)", false),
            new Case("division by zero", "SELECT 1 / (BALANCE - BALANCE) FROM ACCOUNT", false));

    private static ConfigurableApplicationContext start(String url) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + url + ";LOCK_TIMEOUT=20",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=ERROR",
                        "--logging.level.org.hibernate=OFF");
    }

    private static Map<String, Failure> failures(String url) throws Exception {
        Map<String, Failure> found = new LinkedHashMap<>();
        try (ConfigurableApplicationContext application = start(url)) {
            JdbcTemplate jdbc = application.getBean(JdbcTemplate.class);
            jdbc.execute("INSERT INTO ACCOUNT(OWNER, BALANCE) VALUES ('ada', 100), ('bob', 100)");
            jdbc.execute("CREATE TABLE ENTRY(ACCOUNT BIGINT REFERENCES ACCOUNT(ID))");
            jdbc.execute("INSERT INTO ENTRY VALUES (2)");
            jdbc.execute("CREATE TABLE CHECKED(V INT CHECK (V > 0))");
            Map<String, Consumer<String>> clients = clients(application);
            for (Case each : CASES) {
                clients.forEach((client, run) -> found.put(
                        client + ", " + each.name(), each.isHeld() ? whileHeld(application, each, run) : failure(each, run)));
            }
            Accounts accounts = application.getBean(Accounts.class);
            found.put("Spring Data, lock timeout", whileHeld(application, CASES.get(0), sql -> new TransactionTemplate(
                            application.getBean(PlatformTransactionManager.class))
                    .executeWithoutResult(status -> accounts.lockByOwner("ada"))));
            found.put("Spring Data, duplicate key", failure(
                    CASES.get(3), sql -> accounts.saveAndFlush(new Account("ada", 1))));
            found.put("Spring Data, null", failure(CASES.get(6), sql -> accounts.saveAndFlush(new Account(null, 1))));
            found.put(
                    "Spring Data, too long",
                    failure(CASES.get(7), sql -> accounts.saveAndFlush(new Account("x".repeat(99), 1))));
            found.put("JdbcTemplate, deadlock", deadlock(application));
        }
        return found;
    }

    private static Map<String, Consumer<String>> clients(ConfigurableApplicationContext application) {
        TransactionTemplate transaction = new TransactionTemplate(application.getBean(PlatformTransactionManager.class));
        EntityManager manager = application.getBean(EntityManager.class);
        DataSource source = application.getBean(DataSource.class);
        DSLContext jooq = application.getBean(DSLContext.class);
        JdbcTemplate template = application.getBean(JdbcTemplate.class);
        Map<String, Consumer<String>> clients = new LinkedHashMap<>();
        clients.put("JdbcTemplate", template::execute);
        clients.put("JPA", sql -> transaction.executeWithoutResult(status -> {
            if (sql.startsWith("SEL")) {
                manager.createNativeQuery(sql).getResultList();
            } else {
                manager.createNativeQuery(sql).executeUpdate();
            }
        }));
        clients.put("jOOQ with Spring", jooq::execute);
        clients.put("jOOQ", sql -> DSL.using(source, SQLDialect.H2).execute(sql));
        clients.put("JDBC", sql -> {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new Thrown(e);
            }
        });
        return clients;
    }

    /** Carries what JDBC throws through an interface that throws nothing. */
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        Thrown(SQLException cause) {
            super(cause);
        }
    }

    private static Failure failure(Case each, Consumer<String> run) {
        try {
            run.accept(each.sql());
        } catch (Thrown e) {
            return Failure.of(e.getCause());
        } catch (RuntimeException e) {
            return Failure.of(e);
        }
        throw new AssertionError(each + " did not fail");
    }

    private static Failure whileHeld(ConfigurableApplicationContext application, Case each, Consumer<String> run) {
        try (Connection holder = application.getBean(DataSource.class).getConnection();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("UPDATE ACCOUNT SET BALANCE = 1 WHERE ID = 1");
            try {
                return failure(each, run);
            } finally {
                holder.rollback();
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static Failure deadlock(ConfigurableApplicationContext application) throws Exception {
        JdbcTemplate jdbc = application.getBean(JdbcTemplate.class);
        TransactionTemplate transaction = new TransactionTemplate(application.getBean(PlatformTransactionManager.class));
        CyclicBarrier both = new CyclicBarrier(2);
        List<CompletableFuture<Void>> sides = new ArrayList<>();
        for (int side = 1; side <= 2; side++) {
            int first = side;
            sides.add(CompletableFuture.runAsync(() -> transaction.executeWithoutResult(status -> {
                jdbc.execute("SET LOCK_TIMEOUT 60000");
                jdbc.update("UPDATE ACCOUNT SET BALANCE = 7 WHERE ID = " + first);
                await(both);
                jdbc.update("UPDATE ACCOUNT SET BALANCE = 7 WHERE ID = " + (3 - first));
            }), step -> new Thread(step, "side").start()));
        }
        for (CompletableFuture<Void> side : sides) {
            Throwable thrown = side.handle((done, e) -> e).get();
            if (thrown != null) {
                return Failure.of(thrown.getCause());
            }
        }
        throw new AssertionError("nobody gave way");
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsCaughtOnPlainH2IsCaughtHere() throws Exception {
        Map<String, Failure> plain = failures("jdbc:h2:mem:errors");
        Map<String, Failure> ours = failures("jdbc:mortise:mem:errors");

        assertThat(ours.keySet()).isEqualTo(plain.keySet()).hasSize(5 * CASES.size() + 5);
        List<String> different = new ArrayList<>();
        plain.forEach((what, failure) -> {
            Failure here = ours.get(what);
            boolean isJdbc = what.startsWith("JDBC");
            boolean isSameClass = isJdbc
                    ? jdbcType(failure.type()).isAssignableFrom(here.type())
                    : failure.type().isAssignableFrom(here.type());
            if (!isSameClass || !failure.sqlState().equals(here.sqlState())) {
                different.add(what + ": plain H2 " + failure + ", here " + here);
            }
        });
        assertThat(different).isEmpty();
    }

    /** H2's own exceptions extend JDBC's, and so do ours. */
    private static Class<?> jdbcType(Class<?> type) {
        Class<?> standard = type;
        while (!standard.getName().startsWith("java.sql.")) {
            standard = standard.getSuperclass();
        }
        return standard;
    }
}
