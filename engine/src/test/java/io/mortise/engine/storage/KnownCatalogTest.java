package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;

/** What H2 does with the name of a catalogue. */
final class KnownCatalogTest {
    @Test
    void theCatalogOfAConnectionIsTheShortNameOfItsDatabase() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:" + UUID.randomUUID())) {
            SessionLocal session =
                    (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();

            assertThat(connection.getCatalog()).isEqualTo(session.getDatabase().getShortName());
        }
    }

    @Test
    void aConnectionThatHasBeenToldItAsksNoMore() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:" + UUID.randomUUID())) {
            KnownCatalog.tell(connection.unwrap(JdbcConnection.class), "told");

            assertThat(connection.getCatalog()).isEqualTo("told");
        }
    }
}
