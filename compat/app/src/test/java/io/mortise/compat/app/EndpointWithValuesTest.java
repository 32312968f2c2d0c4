package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The locks by Actuator, with statements and keys. */
@TestPropertySource(properties = "management.endpoint.mortise.show-values=always")
class EndpointWithValuesTest extends AskedEndpoint {
    @Test
    void itShowsStatementsAndKeysIfItIsTold() throws Exception {
        assertThat(whileOneWaits()).contains("UPDATE SEAT SET TAKEN = 2", "EX ROW PUBLIC.SEAT(ID=7)");
    }
}
