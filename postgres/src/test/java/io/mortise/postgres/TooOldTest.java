package io.mortise.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that is too old, in the flesh; Maven's profile {@code nightly} puts it where it is looked for. */
@Tag("nightly")
@Timeout(180)
final class TooOldTest {
    private static final Path OLD = Path.of(System.getProperty("server.jars", "target/servers"), "13.jar");

    @Test
    void itIsRefusedWithItsVersionAndNothingStaysThere() throws Exception {
        try (EmbeddedPostgres server = Binaries.of(OLD).start()) {
            String tail = "postgresql://localhost:" + server.getPort() + "/postgres?user=postgres";

            assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:" + tail))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"))
                    .hasMessageContaining("The server is PostgreSQL 13.23.")
                    .hasMessageContaining("No connection was made. The oldest that can be used is 14.");

            try (Connection plain = DriverManager.getConnection("jdbc:" + tail);
                    Statement waits = plain.createStatement()) {
                waits.execute("DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN NOT EXISTS (SELECT FROM"
                        + " pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid());"
                        + " PERFORM pg_sleep(0.01); END LOOP; END $$");
            }
        }
    }
}
