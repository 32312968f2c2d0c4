package io.mortise.bench;

import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parts, with JMH. */
@Command(name = "parts", mixinStandardHelpOptions = true, description = "Times single operations with JMH.")
final class Parts implements Callable<Integer> {
    @Parameters(arity = "0..1", description = "which, as a regular expression (default: all)")
    private String which = ".*Benchmark.*";

    @Option(names = "--forks", description = "JVMs, one after the other, of each (default: ${DEFAULT-VALUE})")
    private int forks = 3;

    @Option(names = "--iterations", description = "counted, of each (default: ${DEFAULT-VALUE})")
    private int iterations = 3;

    @Option(names = "--millis", description = "length of an iteration (default: ${DEFAULT-VALUE})")
    private long millis = 500;

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    @Override
    public Integer call() throws Exception {
        System.setProperty("jmh.ignoreLock", "true"); // One that somebody else holds is not worth failing for.
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(which)
                .forks(forks)
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis))
                .shouldFailOnError(true);
        if (!out.toString().isEmpty()) {
            Files.createDirectories(out.toAbsolutePath().getParent());
            String json = out.toString().replaceFirst("\\.\\w+$", "") + ".json";
            options.resultFormat(ResultFormatType.JSON).result(json);
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        System.out.println(Machine.describe());
        Table table = new Table(List.of("part", "threads", "time", "plus or minus", "unit")).announce();
        for (RunResult run : results) {
            Result<?> result = run.getPrimaryResult();
            table.add(List.of(
                    name(run.getParams()),
                    Integer.toString(run.getParams().getThreads()),
                    String.format(Locale.ROOT, "%.3f", result.getScore()),
                    String.format(Locale.ROOT, "%.3f", result.getScoreError()),
                    result.getScoreUnit()));
        }
        if (!out.toString().isEmpty()) {
            table.write(out);
        }
        return 0;
    }

    /** {@code DriverBenchmark.selectOneRow MORTISE} */
    private static String name(BenchmarkParams params) {
        String engine = params.getParam("engine");
        return params.getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1") + (engine == null ? "" : " " + engine);
    }
}
