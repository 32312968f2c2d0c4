package io.mortise.compat.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Writes down the clients of a class whose tests have all run and passed. JUnit calls it, one class after another. */
public final class Tried implements TestWatcher, AfterAllCallback {
    private static final Path FOLDER = Path.of("target", "works-with");
    /** Tells apart two runs of one class, each with another version of its client. */
    private static final String RUN = System.getProperty("works-with.run", "");

    private boolean hasPassed = true;

    @Override
    public void testFailed(ExtensionContext test, @Nullable Throwable cause) {
        hasPassed = false;
    }

    @Override
    public void testAborted(ExtensionContext test, @Nullable Throwable cause) {
        hasPassed = false;
    }

    @Override
    public void testDisabled(ExtensionContext test, Optional<String> reason) {
        hasPassed = false;
    }

    @Override
    public void afterAll(ExtensionContext tests) throws IOException {
        Class<?> type = tests.getRequiredTestClass();
        WorksWith[] claims = hasPassed ? type.getAnnotationsByType(WorksWith.class) : new WorksWith[0];
        Files.createDirectories(FOLDER);
        Files.write(
                FOLDER.resolve(type.getName() + RUN),
                Arrays.stream(claims).map(claim -> TriedClient.of(claim).line()).toList());
    }

    /** Every client that passed, in every module below a folder, as the modules have written them down. */
    public static List<TriedClient> allBelow(Path folder) throws IOException {
        try (Stream<Path> modules = Files.list(folder)) {
            return modules.map(module -> module.resolve(FOLDER))
                    .filter(Files::isDirectory)
                    .flatMap(Tried::lines)
                    .map(TriedClient::parse)
                    .toList();
        }
    }

    private static Stream<String> lines(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            StringBuilder text = new StringBuilder();
            for (Path file : files.toList()) {
                text.append(Files.readString(file));
            }
            return text.toString().lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
