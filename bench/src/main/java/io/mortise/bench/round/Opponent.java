package io.mortise.bench.round;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A {@link Player} in another process, as this one sees it. One thread at a time. */
public final class Opponent implements AutoCloseable {
    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;

    private Opponent(Process process) {
        this.process = process;
        this.orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts a JVM with this one's class path and heap.
     *
     * @param main its main class
     */
    public static Opponent start(Class<?> main, List<String> arguments) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx" + (Runtime.getRuntime().maxMemory() >> 20) + "m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()),
                        arguments.stream())
                .toList();
        return new Opponent(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * Lets it play a round, while everybody else stands still.
     *
     * @throws IOException if it cannot go on; the message says why
     */
    public Round play(long nanos) throws IOException {
        orders.write(nanos + "\n");
        orders.flush();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (Player.isAnswer(line)) {
                return Player.read(line);
            }
            System.out.println(line);
        }
        throw new IOException("its process has ended");
    }

    /** One that hangs is ended. */
    @Override
    public void close() throws IOException, InterruptedException {
        try (answers) {
            if (process.isAlive()) {
                orders.close();
            }
        } finally {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
