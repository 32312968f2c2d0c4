package io.mortise.compat.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.compat.kit.WorksWith;
import java.nio.file.Files;
import java.nio.file.Path;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.core.H2Database;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.resource.DirectoryResourceAccessor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Liquibase, by URL. */
@WorksWith(
        client = "Liquibase",
        from = Liquibase.class,
        tried = "update, roll back, its own lock",
        needs = "by URL: `driver=" + LiquibaseItemsTest.DRIVER + "`")
@Timeout(120)
final class LiquibaseItemsTest {
    static final String DRIVER = "io.mortise.driver.MortiseDriver";
    private static final String CHANGES = """
            --liquibase formatted sql
            --changeset a:1
            CREATE TABLE T(ID INT PRIMARY KEY);
            --rollback DROP TABLE T;
            """;

    @Test
    @DisplayName("57 Liquibase updates, rolls back, and its lock keeps a second one out")
    void liquibaseUpdatesRollsBackAndLocks(@TempDir Path scripts) throws Exception {
        Files.writeString(scripts.resolve("changes.sql"), CHANGES);
        try (io.mortise.compat.kit.Database database = new io.mortise.compat.kit.Database();
                Liquibase liquibase =
                        new Liquibase("changes.sql", new DirectoryResourceAccessor(scripts), open(database.url()))) {
            assertThat(liquibase.getDatabase()).isInstanceOf(H2Database.class);

            liquibase.update(new Contexts(), new LabelExpression());
            assertThat(database.run("SELECT COUNT(*) FROM T")).isEqualTo("0");
            assertThat(database.run("SELECT COUNT(*) FROM DATABASECHANGELOG")).isEqualTo("1");
            assertThat(oneLocksTheOtherOut(liquibase.getDatabase(), open(database.url())))
                    .isTrue();

            liquibase.rollback(1, "");
            assertThat(database.run("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'"))
                    .isEqualTo("0");
            assertThat(database.run("SELECT LOCKED FROM DATABASECHANGELOGLOCK")).isEqualTo("FALSE");
        }
    }

    private static liquibase.database.Database open(String url) throws Exception {
        return DatabaseFactory.getInstance().openDatabase(url, "sa", "", DRIVER, null, null, null, null);
    }

    private static boolean oneLocksTheOtherOut(liquibase.database.Database one, liquibase.database.Database other)
            throws Exception {
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
