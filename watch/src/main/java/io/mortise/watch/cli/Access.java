package io.mortise.watch.cli;

import io.mortise.watch.read.Connections;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Reading;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command is told: which database, as whom, and what to leave out. */
final class Access {
    @Parameters(paramLabel = "URL", description = "of the database, as in jdbc:mortise:h2:tcp://localhost:9092/shop")
    String url = "";

    @Option(
            names = {"-u", "--user"},
            defaultValue = "sa",
            description = "user of the database; ${DEFAULT-VALUE} if you give none")
    String user = "sa";

    @Option(
            names = {"-p", "--password"},
            arity = "0..1",
            interactive = true,
            description =
                    "asks for the password; without this the environment variable MORTISE_PASSWORD counts, and else none")
    String password = "";

    @Option(names = "--driver", paramLabel = "JAR", description = "a jar with another JDBC driver")
    List<Path> drivers = new ArrayList<>();

    @Option(names = "--redact", description = "leave out the texts of statements and the keys of rows")
    boolean redact;

    @Option(names = "--json", description = "print JSON")
    boolean json;

    Connections connections() {
        return (as, secret) -> {
            Properties login = new Properties();
            login.setProperty("user", as);
            login.setProperty("password", secret);
            for (Driver driver : ServiceLoader.load(Driver.class)) {
                Connection connection = driver.acceptsURL(url) ? driver.connect(url, login) : null;
                if (connection != null) {
                    return connection;
                }
            }
            if (DriverManager.drivers().noneMatch(this::takes)) {
                throw new SQLException(
                        "There is no JDBC driver here for " + url.split(";", 2)[0]
                                + ". --driver JAR adds one; the URL of a database of ours begins with jdbc:mortise:.",
                        "08001");
            }
            return DriverManager.getConnection(url, login);
        };
    }

    private boolean takes(Driver driver) {
        try {
            return driver.acceptsURL(url);
        } catch (SQLException e) {
            return false;
        }
    }

    Database open() throws SQLException {
        String given = password == null || password.isEmpty() ? System.getenv("MORTISE_PASSWORD") : password;
        return Database.open(connections(), user, given == null ? "" : given);
    }

    Reading reading(Database database) {
        return new Reading(database, redact ? Reading.Detail.REDACTED : Reading.Detail.ALL);
    }
}
