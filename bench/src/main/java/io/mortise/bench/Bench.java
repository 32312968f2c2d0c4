package io.mortise.bench;

import io.mortise.bench.side.SideBySide;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The one command: {@code all}, or a part by its name. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures this driver beside other databases.",
        subcommands = {
            Everything.class,
            SideBySide.class,
            WaitEndings.class,
            Memory.class,
            Scale.class,
            Parts.class,
            Watched.class,
            Report.class
        })
public final class Bench {
    private Bench() {}

    /** The command line; {@code --help} explains it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }
}
