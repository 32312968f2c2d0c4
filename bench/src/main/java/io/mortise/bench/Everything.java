package io.mortise.bench;

import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs each part in a JVM of its own, one after the other, and makes the report. */
@Command(name = "all", mixinStandardHelpOptions = true, description = "Runs every part, each in its own JVM.")
final class Everything implements Callable<Integer> {
    /** What everybody has to do; the other two are to show what a policy or another database does where it matters. */
    private static final String OF_ALL =
            "point-select,update,transaction,bulk-insert,hot-row,transfers,child-inserts,tpcc";

    private static final String WELL = "well";

    /** Where it is written down what this ran on. */
    static final String MACHINE = "machine.txt";

    @Option(names = "--results", description = "where tables, page and charts go (default: ${DEFAULT-VALUE})")
    private Path results = Path.of("results");

    @Option(names = "--heap", description = "of each JVM (default: ${DEFAULT-VALUE})")
    private String heap = "4g";

    @Option(names = "--quick", description = "as little as possible of everything, to see that it runs")
    private boolean isQuick;

    @Option(names = "--only", split = ",", description = "parts by how they begin, keeping what is there of the others")
    private List<String> only = List.of();

    /**
     * One part, and its arguments.
     *
     * @param minutes after so many it is ended: a net
     */
    private record Part(String name, String file, int minutes, List<String> arguments) {
        static Part sides(int number, String engine, String... arguments) {
            List<String> all = new ArrayList<>(List.of("--engines=H2," + engine));
            all.addAll(List.of(arguments));
            return new Part("side-by-side", "side-by-side-" + number + "-" + engine.toLowerCase(Locale.ROOT), 100, all);
        }

        /** Two others side by side, in a table of their own. */
        static Part beside(String file, String engines, String workloads, String... arguments) {
            List<String> all = new ArrayList<>(List.of("--engines=" + engines, "--workloads=" + workloads));
            all.addAll(List.of(arguments));
            return new Part("side-by-side", file, 12, all);
        }

        static Part onServer(String... arguments) {
            return beside("server", "PGJDBC,MORTISE_PG", "point-select,update,transaction", arguments);
        }

        static Part inFile(String... arguments) {
            return beside("files", "H2_FILE,MORTISE_FILE", "update,transaction,bulk-insert", arguments);
        }

        static Part withoutDelay(String... arguments) {
            return beside("no-delay", "H2_NO_DELAY,MORTISE_NO_DELAY", "update", arguments);
        }

        /** Readers that lock at SERIALIZABLE, and such that do not. */
        static Part serializable(String... arguments) {
            return beside("locks", "LOCKS,MORTISE", "read-mostly-serializable", arguments);
        }

        static Part of(String name, String... arguments) {
            return new Part(name, name, 12, List.of(arguments));
        }
    }

    /** About an hour on two processors; what each took is in the report. */
    private static List<Part> whole() {
        String[] few = {
            "--rounds=5",
            "--millis=400",
            "--contended-millis=400",
            "--forks=1",
            "--contended-forks=1",
            "--workloads=" + OF_ALL
        };
        return List.of(
                Part.sides(1, "MORTISE", "--rounds=80", "--millis=100"),
                Part.of("wait-endings", "--engines=H2,MORTISE,HSQLDB,DERBY", "--times=300", "--seconds=12"),
                Part.of("parts", "--iterations=5", "--millis=500"),
                Part.of("memory", "--rows=1000000"),
                Part.of("scale"),
                Part.of("watched"),
                Part.onServer("--rounds=80", "--millis=100"),
                Part.inFile("--rounds=40", "--millis=100"),
                Part.withoutDelay("--rounds=20", "--millis=100"),
                Part.serializable(),
                Part.sides(2, "KOGNITIO", few),
                Part.sides(3, "SQREAM", few),
                Part.sides(4, "HSQLDB", few),
                Part.sides(5, "DERBY", few));
    }

    private static List<Part> quick() {
        String[] few = {
            "--rounds=1",
            "--millis=50",
            "--contended-millis=50",
            "--forks=1",
            "--contended-forks=1",
            "--workloads=" + OF_ALL
        };
        return List.of(
                Part.sides(
                        1,
                        "MORTISE",
                        "--rounds=1",
                        "--millis=50",
                        "--contended-millis=50",
                        "--forks=1",
                        "--contended-forks=1"),
                Part.of(
                        "wait-endings",
                        "--engines=H2,MORTISE,HSQLDB,DERBY",
                        "--times=3",
                        "--warm-ups=1",
                        "--seconds=2"),
                Part.of("parts", "--iterations=1", "--millis=50"),
                Part.of("memory", "--rows=10000"),
                Part.of("scale", "--sessions=1,10", "--locks=1000,10000"),
                Part.of("watched", "--rounds=1", "--millis=1100", "--sessions=50", "--waiting=10"),
                Part.onServer("--rounds=1", "--millis=50"),
                Part.inFile("--rounds=1", "--millis=50"),
                Part.withoutDelay("--rounds=1", "--millis=50"),
                Part.serializable(
                        "--rounds=1", "--millis=50", "--contended-millis=50", "--forks=1", "--contended-forks=1"),
                Part.sides(2, "KOGNITIO", few),
                Part.sides(3, "SQREAM", few),
                Part.sides(4, "HSQLDB", few),
                Part.sides(5, "DERBY", few));
    }

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(results);
        List<Part> parts = (isQuick ? quick() : whole())
                .stream().filter(part -> isWanted(part)).toList();
        if (only.isEmpty()) {
            forgetOld();
        }
        Files.writeString(results.resolve(MACHINE), Machine.describe() + "\n");
        Table times = new Table(List.of("part", "arguments", "seconds", "ended"));
        int failures = 0;
        for (Part part : parts) {
            long begin = System.nanoTime();
            String ended = run(part);
            String seconds = Long.toString(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
            times.add(List.of(part.file(), String.join(" ", part.arguments()), seconds, ended));
            failures += ended.equals(WELL) ? 0 : 1;
        }
        times.write(results.resolve("times.tsv"));
        new Report(results).call();
        return failures;
    }

    private boolean isWanted(Part part) {
        return only.isEmpty() || only.stream().anyMatch(part.file()::startsWith);
    }

    private void forgetOld() throws IOException {
        try (Stream<Path> old = Files.list(results)) {
            for (Path file :
                    old.filter(each -> each.toString().endsWith(".tsv")).toList()) {
                Files.delete(file);
            }
        }
    }

    private String run(Part part) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                Bench.class.getName(),
                part.name(),
                "--out=" + results.resolve(part.file() + ".tsv")));
        command.addAll(part.arguments());
        System.out.println("\n" + part.file());
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(part.minutes(), TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            return "killed after " + part.minutes() + " min";
        }
        return process.exitValue() == 0 ? WELL : "failed (" + process.exitValue() + ")";
    }
}
