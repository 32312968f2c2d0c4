package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The checklist of clients: a test of item 31 has a display name that begins with 31, one of several with all of
 * theirs.
 */
final class ChecklistTest {
    private static final Pattern ITEM = Pattern.compile("@DisplayName\\(\\s*\"((?:\\d+, )*\\d+) ");

    @Test
    void everyItemHasATest() throws IOException {
        assertThat(items()).containsAll(IntStream.rangeClosed(1, 63).boxed().toList());
    }

    private static Set<Integer> items() throws IOException {
        Set<Integer> items = new TreeSet<>();
        for (String module : List.of("driver", "compat")) {
            for (Path file : tests(module)) {
                ITEM.matcher(Files.readString(file))
                        .results()
                        .flatMap(name -> Stream.of(name.group(1).split(", ")))
                        .map(Integer::valueOf)
                        .forEach(items::add);
            }
        }
        return items;
    }

    private static List<Path> tests(String module) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("..", module))) {
            return files.filter(path -> path.toString().endsWith("Test.java")).toList();
        }
    }
}
