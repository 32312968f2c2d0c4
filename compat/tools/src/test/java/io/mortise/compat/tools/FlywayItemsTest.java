package io.mortise.compat.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.compat.kit.Database;
import io.mortise.compat.kit.WorksWith;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Flyway, by data source and by URL. */
@WorksWith(
        client = "Flyway",
        from = Flyway.class,
        tried = "migrate twice, by data source and by URL",
        needs = "by URL: `mortise-flyway` beside it")
@Timeout(120)
final class FlywayItemsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path scripts;

    @SuppressWarnings("NullAway.Init")
    private Database database;

    @BeforeEach
    void open() throws Exception {
        database = new Database();
        Files.writeString(scripts.resolve("V1__table.sql"), "CREATE TABLE T(ID INT PRIMARY KEY);");
        Files.writeString(scripts.resolve("V2__row.sql"), "INSERT INTO T VALUES (1);");
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    @Test
    @DisplayName("56 Flyway with a data source migrates twice, and the second time does nothing")
    void flywayMigratesByDataSource() throws Exception {
        migratesTwice(Flyway.configure().dataSource(database.dataSource("")));
    }

    @Test
    @DisplayName("56 Flyway with a URL and the plugin migrates twice, and the second time does nothing")
    void flywayMigratesByUrl() throws Exception {
        migratesTwice(Flyway.configure().dataSource(database.url(), "sa", ""));
    }

    private void migratesTwice(FluentConfiguration configuration) throws Exception {
        Flyway flyway = configuration.locations("filesystem:" + scripts).load();

        assertThat(flyway.migrate().migrationsExecuted).isEqualTo(2);
        assertThat(flyway.migrate().migrationsExecuted).isZero();
        assertThat(database.run("SELECT COUNT(*) FROM T")).isEqualTo("1");
        assertThat(flyway.info().current().getVersion().getVersion()).isEqualTo("2");
    }
}
