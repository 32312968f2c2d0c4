package io.mortise.examples;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Walks through what users of Kognitio, SQream and ClickHouse know of locks, in their own words: a script for each,
 * with several sessions side by side, printed as a transcript.
 */
public final class Tour {
    static final List<String> SCRIPTS = List.of("kognitio.sql", "sqream.sql", "clickhouse.sql");

    private Tour() {}

    /** @param args the scripts to play; all of them if there is none */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("tour");
        List<String> wanted = Arrays.stream(args).filter(arg -> !arg.isBlank()).toList();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        (wanted.isEmpty() ? SCRIPTS : wanted).forEach(script -> play(script, folder, out));
    }

    static void play(String script, Path folder, PrintStream out) {
        ScriptPlay.play(SqlScript.shipped(script), folder, new Narrator(out));
    }
}
