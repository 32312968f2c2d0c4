package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.sql.SQLNonTransientConnectionException;
import org.junit.jupiter.api.Test;

/** WATCH where there is nothing that could show a page. */
final class WatchSettingTest {
    @Test
    void theArtifactThatIsMissingIsNamed() {
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:unwatched;WATCH=http:0", "sa", ""))
                .isInstanceOf(SQLNonTransientConnectionException.class)
                .hasMessageStartingWith("WATCH=http:0 needs the artifact io.mortise:mortise-watch");
    }

    @Test
    void whatIsNoAddressIsRefused() {
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:unwatched;WATCH=tcp:8085", "sa", ""))
                .hasMessageContaining("is neither http:PORT nor http:ADDRESS:PORT.");
    }
}
