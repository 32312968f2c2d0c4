package io.mortise.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the program with named sessions tells. */
@Timeout(60)
final class NamedSessionsTest {
    @Test
    void aBasketIsItsSessionsWhicheverConnectionAsks() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        new NamedSessions(new PrintStream(bytes, true, StandardCharsets.UTF_8)).run();

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("Ada's second connection has not put anything into it, and finds apples and pears.")
                .contains("Ben's is of the same name, and has nothing in it.")
                .containsPattern("(?s)ada +SA.*ben +SA")
                .contains("A new pool of Ada's finds apples and pears.");
    }
}
