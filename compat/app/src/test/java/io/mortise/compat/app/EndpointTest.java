package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The locks by Actuator, without values. */
class EndpointTest extends AskedEndpoint {
    @Test
    void itAnswersWhileThePoolIsEmptyAndShowsNoValues() throws Exception {
        assertThat(whileOneWaits())
                .contains("\"waiting\":1", "\"waitsFor\":\"EX ROW PUBLIC.SEAT\"", "\"waiters\":[{", "\"rowsChanged\":1")
                .doesNotContain("UPDATE SEAT", "ID=7", "depth");
    }
}
