package io.mortise.driver;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Another Java process with the driver in it, and its connections by name. It speaks by lines: every step returns when
 * the process has answered. Ends when it is closed.
 */
final class OtherProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Writer steps;

    private OtherProcess(Process process) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.steps = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    }

    static OtherProcess start() throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new OtherProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        SecondProcess.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** The warning that the connection came with, or the error. */
    @CanIgnoreReturnValue
    String connect(String name, String url) {
        return ask("connect", name, url);
    }

    /** {@code = } and the rows, or the count; {@code ! } and class, SQLState, code and message of the error. */
    @CanIgnoreReturnValue
    String run(String name, String sql) {
        return ask("run", name, sql);
    }

    /** Begins a statement on a thread of its own; see {@link #await}. */
    void start(String name, String sql) {
        ask("start", name, sql);
    }

    String await(String name) {
        return ask("await", name, "");
    }

    void cancel(String name) {
        ask("cancel", name, "");
    }

    void abort(String name) {
        ask("abort", name, "");
    }

    /** From now on the connection's statements are in a transaction. */
    void beginTransaction(String name) {
        ask("isolate", name, "");
    }

    void close(String name) {
        ask("close", name, "");
    }

    private String ask(String verb, String name, String text) {
        try {
            steps.write(verb + "\t" + name + "\t"
                    + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "\n");
            steps.flush();
            String line = answers.readLine();
            if (line == null) {
                throw new AssertionError("the other process has ended");
            }
            return new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Without a word to anybody. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
