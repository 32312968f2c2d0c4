package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;

/** A slice of the application, as Boot tests repositories: on this database, not on another one put in its place. */
@DataJpaTest
class AccountsJpaTest {
    @Autowired
    private Accounts accounts;

    @Autowired
    private DataSource source;

    @Test
    void aRepositoryIsTestedOnThisDatabase() throws SQLException {
        accounts.saveAndFlush(new Account("eve", 3));

        assertThat(accounts.findByOwner("eve")).isPresent();
        try (Connection connection = source.getConnection()) {
            assertThat(connection.getMetaData().getDriverName()).isEqualTo("Mortise JDBC Driver");
        }
    }
}
