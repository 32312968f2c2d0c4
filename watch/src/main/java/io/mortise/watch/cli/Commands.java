package io.mortise.watch.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands of the jar: what each does is said where it is. */
@Command(
        name = "mortise-watch",
        description = {"Who blocks whom, live.", ""},
        mixinStandardHelpOptions = true,
        version = "mortise-watch 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "java -jar mortise-watch.jar web jdbc:mortise:h2:tcp://localhost:9092/shop",
            "java -jar mortise-watch.jar report jdbc:mortise:h2:tcp://localhost:9092/shop -o hang.html"
        },
        subcommands = {
            WebCommand.class,
            TopCommand.class,
            PrintCommands.Tree.class,
            PrintCommands.Locks.class,
            PrintCommands.Deadlocks.class,
            ReportCommand.class
        })
public final class Commands implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Runs a command; the exit code is 0, 1 if it failed, 2 if it was not understood. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, new PrintWriter(System.out, true, StandardCharsets.UTF_8)));
    }

    static int run(String[] arguments, PrintWriter out) {
        CommandLine line = new CommandLine(new Commands());
        line.setOut(out);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof RuntimeException) { // Nobody's fault but ours: say where.
                failure.printStackTrace(command.getErr());
            } else {
                command.getErr().println(failure.getMessage() == null ? failure.toString() : failure.getMessage());
            }
            return 1;
        });
        return line.execute(arguments);
    }
}
