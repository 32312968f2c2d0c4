package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nodes of one application that start together: one of them brings the schema up to date, and the others wait for that.
 */
@WorksWith(
        client = "Liquibase, several nodes",
        from = Liquibase.class,
        tried =
                "four nodes that start together, under a row lock held for the whole start, as Keycloak's: each change runs"
                        + " once")
@Timeout(240)
final class StartUpLockItemsTest {
    private static final int NODES = 4;
    private static final String CHANGES = """
            --liquibase formatted sql
            --changeset a:1
            CREATE TABLE T(ID INT PRIMARY KEY, V INT);
            --changeset a:2
            INSERT INTO T VALUES (1, 1);
            --changeset a:3
            ALTER TABLE T ADD COLUMN NAME VARCHAR(10) DEFAULT 'x';
            --changeset a:4
            UPDATE T SET V = V + 1;
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path scripts;

    @ParameterizedTest
    @EnumSource(names = {"H2", "MORTISE"})
    void underARowLockThatIsHeldForTheWholeStartEachChangeRunsOnce(Side side) throws Exception {
        Files.writeString(scripts.resolve("changes.sql"), CHANGES);
        try (HikariDataSource pool = side.pool("")) {
            Side.run(
                    pool,
                    "CREATE TABLE START_LOCK(ID INT PRIMARY KEY, LOCKED BOOLEAN NOT NULL)",
                    "INSERT INTO START_LOCK VALUES (1000, FALSE)");
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();

            Crowd.Result result = Crowd.of(NODES, 1, (node, round) -> {
                try (Connection lock = pool.getConnection();
                        Statement statement = lock.createStatement()) {
                    lock.setAutoCommit(false);
                    statement.execute("SET LOCK_TIMEOUT 200000");
                    statement
                            .executeQuery("SELECT ID FROM START_LOCK WHERE ID = 1000 FOR UPDATE")
                            .close();
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    update(pool); // On another connection; its definitions do not commit this one.
                    inside.decrementAndGet();
                    lock.commit();
                }
            });

            assertThat(result.failures()).isEmpty();
            assertThat(most).hasValue(1);
            assertThat(number(pool, "SELECT COUNT(*) FROM DATABASECHANGELOG")).isEqualTo(4);
            assertThat(number(pool, "SELECT V FROM T")).isEqualTo(2);
        }
    }

    /** What a node does at its start. */
    private void update(HikariDataSource pool) throws Exception {
        try (Connection connection = pool.getConnection();
                Liquibase liquibase = new Liquibase(
                        "changes.sql",
                        new DirectoryResourceAccessor(scripts),
                        DatabaseFactory.getInstance()
                                .findCorrectDatabaseImplementation(new JdbcConnection(connection)))) {
            liquibase.update(new Contexts(), new LabelExpression());
        }
    }

    private static int number(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getInt(1);
        }
    }
}
