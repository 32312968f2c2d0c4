package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.EngineError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page of errors says of each what the code says. */
final class ErrorsPageTest {
    private static final Path PAGE = Path.of("../docs/errors.md");
    private static final String START =
            "<!-- errors: ErrorsPageTest compares this table with the code and prints the right one -->\n";
    private static final String END = "<!-- end of errors -->";

    @Test
    void theTableIsTheCodes() throws IOException {
        String page = Files.readString(PAGE);

        assertThat(page.substring(page.indexOf(START) + START.length(), page.indexOf(END)))
                .as("paste the expected table between the two comments of docs/errors.md")
                .isEqualTo(table());
    }

    private static String table() {
        return Arrays.stream(EngineError.values())
                .map(error -> "| `%s` | %d | `%s` | %s | %s |\n"
                        .formatted(error.sqlState(), error.vendorCode(), type(error), error.meaning(), error.remedy()))
                .collect(Collectors.joining(
                        "",
                        "| SQLState | code | type | what happened | what to do |\n| --- | --- | --- | --- | --- |\n",
                        ""));
    }

    private static String type(EngineError error) {
        return error.exception("").getClass().getSimpleName();
    }
}
