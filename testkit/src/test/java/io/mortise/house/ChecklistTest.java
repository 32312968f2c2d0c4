package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checklist of clients: a test of item 31 has a display name that begins with 31. */
final class ChecklistTest {
    private static final Pattern ITEM = Pattern.compile("@DisplayName\\(\\s*\"(\\d+) ");

    @Test
    void everyItemOfSessionsAndDriverHasATest() throws IOException {
        Set<Integer> wanted = IntStream.concat(IntStream.rangeClosed(1, 41), IntStream.rangeClosed(61, 63))
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(items()).containsAll(wanted);
    }

    private static Set<Integer> items() throws IOException {
        Set<Integer> items = new TreeSet<>();
        for (String module : List.of("driver", "compat")) {
            for (Path file : tests(module)) {
                ITEM.matcher(Files.readString(file))
                        .results()
                        .map(item -> Integer.valueOf(item.group(1)))
                        .forEach(items::add);
            }
        }
        return items;
    }

    private static List<Path> tests(String module) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test"))) {
            return files.filter(path -> path.toString().endsWith(".java")).toList();
        }
    }
}
