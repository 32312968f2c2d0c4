package io.mortise.watch.cli;

import io.mortise.watch.read.Database;
import io.mortise.watch.read.Json;
import io.mortise.watch.read.Reading;
import io.mortise.watch.read.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code report URL -o hang.html} */
@Command(
        name = "report",
        description = "Write this moment and the last minutes into one file, to keep or to send.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
    @Mixin
    private final Access access = new Access();

    @Option(
            names = {"-o", "--output"},
            defaultValue = "mortise-watch.html",
            description = "the file; ${DEFAULT-VALUE} if you name none")
    private Path output = Path.of("mortise-watch.html");

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, IOException {
        try (Database database = access.open()) {
            Reading reading = access.reading(database);
            Files.writeString(output, access.json ? Json.of(reading.everything()) : Report.of(reading));
        }
        spec.commandLine().getOut().println("Written to " + output.toAbsolutePath());
        return 0;
    }
}
