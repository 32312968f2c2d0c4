package io.mortise.watch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.watch.Crowd;
import io.mortise.watch.Main;
import io.mortise.watch.Shop;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code top} in a pseudo-terminal, which the program {@code script} makes. */
@Timeout(120)
final class TerminalTest {
    private static final String PROGRAM = "/usr/bin/script";
    private static final String CLEARED = "\u001b[H\u001b[2J";

    /** The program on its terminal: what it has drawn, and keys for it. One thread. */
    private static final class Terminal implements AutoCloseable {
        private final Process process;
        private final StringBuilder drawn = new StringBuilder();

        Terminal(int columns, int rows, String url) throws IOException {
            assumeTrue(new File(PROGRAM).exists(), "There is no " + PROGRAM + " here.");
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            // The terminal says its name first, for others to resize it.
            String command = "tty; stty rows " + rows + " cols " + columns + "; exec '" + java
                    + "' -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path") + "' "
                    + Main.class.getName() + " top '" + url + "'";
            ProcessBuilder builder = new ProcessBuilder(PROGRAM, "-qfec", command, "/dev/null");
            builder.environment().putAll(Map.of("TERM", "xterm-256color", "LC_ALL", "C.UTF-8"));
            process = builder.redirectErrorStream(true).start();
        }

        /** What was drawn since the last time, up to this text; fails if the program ends without it. */
        String until(String text) throws IOException {
            InputStream in = process.getInputStream();
            byte[] some = new byte[4096];
            while (drawn.indexOf(text) < 0) {
                int n = in.read(some);
                if (n < 0) {
                    throw new AssertionError("ended without " + text + ": " + drawn);
                }
                drawn.append(new String(some, 0, n, StandardCharsets.UTF_8));
            }
            String seen = drawn.substring(0, drawn.indexOf(text) + text.length());
            drawn.delete(0, seen.length());
            return seen;
        }

        /** As if somebody had pulled at its corner. */
        void resize(String name, int columns, int rows) throws IOException, InterruptedException {
            Process stty = new ProcessBuilder(
                            "stty", "-F", name, "rows", Integer.toString(rows), "cols", Integer.toString(columns))
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(stty.waitFor()).isZero();
        }

        void press(String keys) throws IOException {
            OutputStream out = process.getOutputStream();
            out.write(keys.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        int end() throws IOException, InterruptedException {
            process.getInputStream().readAllBytes();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource({"80, 24", "200, 60"})
    void theScreenIsDrawnAndLeftAsItWas(int columns, int rows) throws Exception {
        try (Shop shop = new Shop()) {
            shop.queue();
            try (Terminal terminal = new Terminal(columns, rows, shop.served())) {
                String screen = terminal.until("q quit");
                assertThat(screen)
                        .contains("2 wait", "session " + shop.ada.id(), " session " + shop.ben.id() + " SA, waits ");
                terminal.press("q");
                assertThat(terminal.end()).isZero();
            }
        }
    }

    @Test
    void itFillsATerminalThatGrowsAndShrinks() throws Exception {
        try (Shop shop = new Shop();
                Crowd crowd = new Crowd(shop)) {
            crowd.idle(40);
            try (Terminal terminal = new Terminal(80, 24, shop.served())) {
                String first = terminal.until("q quit");
                String name = first.substring(first.indexOf("/dev/"), first.indexOf('\r'));
                assertThat(first).doesNotContain("  35 ");
                terminal.resize(name, 200, 60);
                terminal.until("  35 ");
                terminal.resize(name, 60, 12);
                terminal.until(CLEARED);
                String small = terminal.until("q quit");
                assertThat(small).contains("mortise watch").doesNotContain("  35 ");
                terminal.press("q");
                assertThat(terminal.end()).isZero();
            }
        }
    }

    @Test
    void aSessionIsChosenAndEndedByKeysAfterAQuestion() throws Exception {
        try (Shop shop = new Shop()) {
            shop.update(shop.ada, 1).expectUpdated(1);
            var waits = shop.update(shop.ben, 1).expectBlockedBy("Ada");
            try (Terminal terminal = new Terminal(120, 30, shop.served())) {
                terminal.until("q quit");
                terminal.press("j");
                terminal.until(">");
                terminal.press("a");
                assertThat(terminal.until("any other key")).contains("losing 1 changed row");
                terminal.press("y");
                terminal.until("rolled back");
                waits.expectUpdated(1);
                terminal.press("q");
                assertThat(terminal.end()).isZero();
            }
        }
    }
}
