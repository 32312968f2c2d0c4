package io.mortise.compat.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.core.PostgresDatabase;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.resource.DirectoryResourceAccessor;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Flyway and Liquibase take the database for PostgreSQL, and lock one another out as they do with pgjdbc. */
@Timeout(180)
final class MigrationToolsTest {
    private static final String CHANGES = """
            --liquibase formatted sql
            --changeset a:1
            CREATE TABLE T(ID INT PRIMARY KEY);
            --rollback DROP TABLE T;
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path scripts;

    @ParameterizedTest
    @EnumSource
    void flywayMigratesByDataSource(Driver driver) throws Exception {
        String url = driver.freshDatabase();

        migratesTwice(Flyway.configure().dataSource(new DriverManagerDataSource(url, "postgres", "")), url);
    }

    @ParameterizedTest
    @EnumSource
    void flywayMigratesByUrl(Driver driver) throws Exception {
        String url = driver.freshDatabase();

        migratesTwice(Flyway.configure().dataSource(url, "postgres", ""), url);
    }

    private void migratesTwice(FluentConfiguration configuration, String url) throws Exception {
        Files.writeString(scripts.resolve("V1__table.sql"), "CREATE TABLE T(ID INT PRIMARY KEY);");
        // PostgreSQL runs this outside transactions only: Flyway has to know that it is PostgreSQL.
        Files.writeString(scripts.resolve("V2__index.sql"), "CREATE INDEX CONCURRENTLY I ON T(ID);");
        Files.writeString(scripts.resolve("V3__row.sql"), "INSERT INTO T VALUES (1);");
        // Or the index waits for the transaction by which Flyway keeps others out, as its manual says.
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        Flyway flyway = configuration.locations("filesystem:" + scripts).load();

        assertThat(flyway.migrate().migrationsExecuted).isEqualTo(3);
        assertThat(flyway.migrate().migrationsExecuted).isZero();
        assertThat(Driver.column(url, "SELECT COUNT(*) FROM T")).containsExactly("1");
        assertThat(flyway.info().current().getVersion().getVersion()).isEqualTo("3");
    }

    @ParameterizedTest
    @EnumSource
    void liquibaseUpdatesRollsBackAndLocks(Driver driver) throws Exception {
        String url = driver.freshDatabase();
        Files.writeString(scripts.resolve("changes.sql"), CHANGES);
        try (Liquibase liquibase =
                new Liquibase("changes.sql", new DirectoryResourceAccessor(scripts), open(url, driver))) {
            assertThat(liquibase.getDatabase()).isInstanceOf(PostgresDatabase.class);

            liquibase.update(new Contexts(), new LabelExpression());
            assertThat(Driver.column(url, "SELECT ID FROM DATABASECHANGELOG")).containsExactly("1");
            assertThat(oneLocksTheOtherOut(liquibase.getDatabase(), open(url, driver)))
                    .isTrue();

            liquibase.rollback(1, "");
            assertThat(Driver.column(url, "SELECT TO_REGCLASS('t')")).containsExactly("null");
            assertThat(Driver.column(url, "SELECT LOCKED FROM DATABASECHANGELOGLOCK"))
                    .containsExactly("f");
        }
    }

    private static Database open(String url, Driver driver) throws Exception {
        return DatabaseFactory.getInstance()
                .openDatabase(url, "postgres", "", driver.className(), null, null, null, null);
    }

    private static boolean oneLocksTheOtherOut(Database one, Database other) throws Exception {
        LockService first = LockServiceFactory.getInstance().getLockService(one);
        LockService second = LockServiceFactory.getInstance().getLockService(other);
        boolean firstHasIt = first.acquireLock();
        boolean secondHasIt = second.acquireLock();
        first.releaseLock();
        boolean secondHasItNow = second.acquireLock();
        second.releaseLock();
        other.close();
        return firstHasIt && !secondHasIt && secondHasItNow;
    }
}
