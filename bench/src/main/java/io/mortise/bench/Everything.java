package io.mortise.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs each part in a JVM of its own, one after the other, and makes the report. Plain H2 and one other share a JVM, so that
 * no third database has a say in how their code is compiled.
 */
@Command(name = "all", mixinStandardHelpOptions = true, description = "Runs every part, each in its own JVM.")
final class Everything implements Callable<Integer> {
    /** What everybody has to do; the other two are to show what a policy or another database does where it matters. */
    private static final String OF_ALL =
            "point-select,update,transaction,bulk-insert,hot-row,transfers,child-inserts-8,tpcc";

    @Option(names = "--results", description = "where tables, page and charts go (default: ${DEFAULT-VALUE})")
    private Path results = Path.of("results");

    @Option(names = "--heap", description = "of each JVM (default: ${DEFAULT-VALUE})")
    private String heap = "4g";

    /** One part, and its arguments. */
    private record Part(String name, String file, List<String> arguments) {
        static Part sides(int number, String engine, String... arguments) {
            List<String> all = new ArrayList<>(List.of("--engines=H2," + engine));
            all.addAll(List.of(arguments));
            return new Part("side-by-side", "side-by-side-" + number + "-" + engine, all);
        }

        static Part of(String name, String... arguments) {
            return new Part(name, name, List.of(arguments));
        }
    }

    /** Twelve minutes on two processors. */
    private static List<Part> parts() {
        String[] few = {"--rounds=3", "--millis=300", "--workloads=" + OF_ALL};
        return List.of(
                Part.sides(1, "MORTISE", "--rounds=7", "--millis=500"),
                Part.sides(2, "KOGNITIO", few),
                Part.sides(3, "SQREAM", few),
                Part.sides(4, "HSQLDB", few),
                Part.sides(5, "DERBY", few),
                Part.of("wait-endings", "--engines=H2,MORTISE,HSQLDB,DERBY", "--times=100", "--seconds=4"),
                Part.of("memory"),
                Part.of("scale"),
                Part.of("parts", "--iterations=3", "--millis=300"));
    }

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(results);
        try (Stream<Path> old = Files.list(results)) {
            for (Path file :
                    old.filter(each -> each.toString().endsWith(".tsv")).toList()) {
                Files.delete(file);
            }
        }
        int failures = 0;
        for (Part part : parts()) {
            int exit = run(part);
            if (exit != 0) {
                System.err.println(part.name() + " has failed");
                failures++;
            }
        }
        new Report(results).call();
        return failures;
    }

    private int run(Part part) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                Bench.class.getName(),
                part.name(),
                "--out=" + results.resolve(part.file() + ".tsv")));
        command.addAll(part.arguments());
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
