package io.mortise.watch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.watch.read.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What fits on a terminal. */
final class ScreenTest {
    private static Screen screen(int sessions, int chosen) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int i = 1; i <= sessions; i++) {
            rows.add(Arrays.asList(i, "SA", "RUNNING", i, 3, "UPDATE T SET V = 1 WHERE ID = " + i));
        }
        return new Screen(
                new Rows(List.of("SESSION", "USER_NAME", "STATE", "TNO", "ROWS_CHANGED", "LAST_SQL"), rows),
                Rows.NONE,
                chosen);
    }

    @Test
    void itFillsTheTerminalAndNoMore() {
        for (int[] size : new int[][] {{80, 24}, {200, 60}, {20, 5}}) {
            List<String> lines = screen(300, 7).lines(size[0], size[1], "");
            assertThat(lines).hasSizeLessThan(size[1]).allMatch(line -> line.length() <= size[0]);
        }
    }

    @Test
    void theChosenSessionIsMarked() {
        assertThat(screen(9, 7).lines(80, 24, "").stream().filter(line -> line.startsWith("> ")))
                .singleElement()
                .asString()
                .startsWith("> 7 ");
    }

    @Test
    void theChosenSessionIsSeenWhereverItStands() {
        for (int chosen : new int[] {1, 21, 22, 23, 150, 300}) {
            assertThat(screen(300, chosen).lines(80, 24, ""))
                    .hasSize(23)
                    .anyMatch(line -> line.startsWith("> " + chosen + " "))
                    .first()
                    .asString()
                    .startsWith("mortise watch");
        }
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() {
        Rows rows = new Rows(
                List.of("SESSION", "USER_NAME", "STATE", "LAST_SQL"),
                List.of(Arrays.asList(1, "\u001b[2J", "RUNNING", "a\nb\u202ec")));
        assertThat(String.join("", new Screen(rows, Rows.NONE, 0).lines(80, 24, "")))
                .doesNotContain("\u001b", "\n", "\u202e");
    }
}
