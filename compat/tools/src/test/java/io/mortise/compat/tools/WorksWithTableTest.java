package io.mortise.compat.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.compat.kit.Tried;
import io.mortise.compat.kit.TriedClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page's table of clients is what this build has tried, in the versions that their jars say they are. */
final class WorksWithTableTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "works-with.md");
    private static final Path MODULES = Path.of("..");
    private static final String START = "<!-- works with: ";
    private static final String END = "<!-- end of works with -->";

    @Test
    void theTableIsWhatHasBeenTried() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf(START);
        assertThat(start).as("docs/works-with.md has: " + START).isNotNegative();

        assertThat(page.substring(start, page.indexOf(END, start)))
                .as("paste the expected table between the two comments of docs/works-with.md")
                .endsWith("-->\n" + table(Tried.allBelow(MODULES)));
    }

    private static String table(List<TriedClient> clients) {
        return clients.stream()
                .collect(Collectors.groupingBy(
                        TriedClient::client, () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER), Collectors.toList()))
                .values()
                .stream()
                .map(WorksWithTableTest::row)
                .collect(Collectors.joining(
                        "",
                        "| client | versions tried | what was tried | what it needs |\n| --- | --- | --- | --- |\n",
                        ""));
    }

    private static String row(List<TriedClient> versions) {
        TreeSet<String> numbers = new TreeSet<>(Comparator.comparing(WorksWithTableTest::comparable));
        versions.forEach(version -> numbers.add(version.version()));
        TriedClient one = versions.get(0);
        assertThat(versions).allSatisfy(version -> {
            assertThat(version.tried()).isEqualTo(one.tried());
            assertThat(version.needs()).isEqualTo(one.needs());
        });
        return "| %s | %s | %s | %s |\n".formatted(one.client(), String.join(", ", numbers), one.tried(), one.needs());
    }

    /** So that 6.10 comes after 6.9. */
    private static String comparable(String version) {
        return Pattern.compile("\\d+")
                .matcher(version)
                .replaceAll(number -> "%08d".formatted(Integer.valueOf(number.group())));
    }
}
