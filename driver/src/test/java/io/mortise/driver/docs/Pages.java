package io.mortise.driver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages of docs that a test can write itself: with {@code -Dpages=write} it does, and without it compares. */
final class Pages {
    private Pages() {}

    static void compare(Path page, String expected) {
        try {
            if ("write".equals(System.getProperty("pages"))) {
                Files.writeString(page, expected);
            }
            assertThat(Files.readString(page))
                    .as("%s is not what the program says; run the test with -Dpages=write to have it written", page)
                    .isEqualTo(expected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
