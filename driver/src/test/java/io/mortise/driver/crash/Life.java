package io.mortise.driver.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * One run of {@link Doomed} in a process of its own, from its start to the signal that ends it, and what it had
 * acknowledged by then. Immutable.
 *
 * @param acknowledged the last transaction of each writer that was acknowledged
 * @param settled the last of each that had been acknowledged so long before the end as was asked
 */
record Life(Map<Integer, Long> acknowledged, Map<Integer, Long> settled) {
    Life {
        acknowledged = Map.copyOf(acknowledged);
        settled = Map.copyOf(settled);
    }

    /** When an acknowledgement was read. */
    private record Line(int writer, long n, long nanos) {}

    /** How a process is told to end. */
    enum End {
        /** {@code kill -9}: at once. */
        KILL,
        /** What a service manager sends: the JVM runs its shutdown hooks. */
        TERM,
        /** What Ctrl+C sends: the same. */
        INT,
        /** No signal: a session takes all memory there is, again and again, and then the process halts. */
        MEMORY;

        private void send(Process process) throws IOException, InterruptedException {
            switch (this) {
                case KILL -> process.toHandle().destroyForcibly(); // Process.destroy would close the stream too.
                case TERM -> process.toHandle().destroy();
                case MEMORY -> process.getOutputStream().close();
                case INT ->
                    new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                            .start()
                            .waitFor();
            }
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("it ends of %s", this)
                    .isTrue();
        }
    }

    /** How a process lives and dies: with so many writers, until so many transactions have been acknowledged. */
    record Fate(int writers, int transactions, long seed, End end) {}

    /** @param settleNanos how long before the end a transaction has to have been acknowledged to be called settled */
    static Life of(String url, Fate fate, long settleNanos) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Doomed.class.getName(),
                        url,
                        String.valueOf(fate.writers()),
                        String.valueOf(fate.seed()),
                        fate.end().name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Line> lines = new ArrayList<>();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            while (lines.size() < fate.transactions()) {
                lines.add(read(Objects.requireNonNull(output.readLine(), "the process ended by itself")));
            }
            long end = System.nanoTime();
            fate.end().send(process);
            // What it had still said counts as acknowledged, but as late as can be.
            for (String line = output.readLine(); line != null && line.matches("\\d+ \\d+"); line = output.readLine()) {
                lines.add(read(line));
            }
            return new Life(last(lines, Long.MAX_VALUE), last(lines, end - settleNanos));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Line read(String line) {
        String[] parts = line.split(" ");
        return new Line(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), System.nanoTime());
    }

    private static Map<Integer, Long> last(List<Line> lines, long until) {
        Map<Integer, Long> last = new HashMap<>();
        lines.stream()
                .filter(line -> line.nanos() - until <= 0 || until == Long.MAX_VALUE)
                .forEach(line -> last.merge(line.writer(), line.n(), Math::max));
        return last;
    }
}
