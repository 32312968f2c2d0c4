package io.mortise.flyway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.internal.license.VersionPrinter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the plugin does in the Flyway on the class path: the build runs this class with the newest and with an old one.
 */
@Timeout(120)
final class MortiseDatabaseTypeTest {
    @Test
    @DisplayName("56 Flyway with our URL alone migrates twice, and the second time does nothing")
    void flywayMigratesByUrl(@TempDir Path scripts) throws Exception {
        String url = "jdbc:mortise:mem:" + UUID.randomUUID();
        Files.writeString(scripts.resolve("V1__table.sql"), "CREATE TABLE T(ID INT PRIMARY KEY);");
        Files.writeString(scripts.resolve("V2__row.sql"), "INSERT INTO T VALUES (1);");
        Flyway flyway = Flyway.configure()
                .dataSource(url, "sa", "")
                .locations("filesystem:" + scripts)
                .load();
        assertThat(VersionPrinter.getVersion())
                .isEqualTo(System.getProperty("flyway.version", VersionPrinter.getVersion()));
        try (Connection keeper = DriverManager.getConnection(url, "sa", "")) {
            assertThat(flyway.migrate().migrationsExecuted).isEqualTo(2);
            assertThat(flyway.migrate().migrationsExecuted).isZero();
            assertThat(keeper.createStatement().executeUpdate("DELETE FROM T")).isEqualTo(1);
        }
    }

    @Test
    void onlyOurUrlsAreOurs() {
        MortiseDatabaseType type = new MortiseDatabaseType();

        assertThat(type.handlesJDBCUrl("jdbc:mortise:mem:x")).isTrue();
        assertThat(type.handlesJDBCUrl("jdbc:p6spy:mortise:mem:x")).isTrue();
        assertThat(type.handlesJDBCUrl("jdbc:h2:mem:x")).isFalse();
        assertThat(type.getDriverClass("jdbc:mortise:mem:x", getClass().getClassLoader()))
                .isEqualTo("io.mortise.driver.MortiseDriver");
    }
}
