package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Another H2 than ours on the class path. The build runs this class once more, with such a one in the place of ours.
 */
@EnabledIfSystemProperty(named = "h2.old.version", matches = ".+")
final class OldStorageTest {
    @Test
    @DisplayName("10 another H2 on the class path is named, and what to do about it")
    void anotherH2IsNamedAndWhatToDoAboutIt() {
        String old = System.getProperty("h2.old.version");

        for (String url : new String[] {"jdbc:mortise:mem:a", "jdbc:mortise:h2:mem:b;MODE=MySQL;LOCK_TIMEOUT=1"}) {
            assertThatThrownBy(() -> DriverManager.getConnection(url))
                    .isInstanceOf(SQLNonTransientConnectionException.class)
                    .hasMessageStartingWith("H2 " + old + " is on the class path; this engine needs exactly 2.5.252.")
                    .hasMessageContaining("io.mortise:mortise-all")
                    .hasMessageContaining("the property h2.version")
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("08001");
                        assertThat(e.getErrorCode()).isEqualTo(90048);
                    });
        }
    }
}
