package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dev tools, in a process of their own, since they do nothing below a test: a class that is compiled anew restarts the
 * application, and nothing of the database before is left in the process.
 */
@Timeout(300)
class RestartTest {
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    @TempDir
    private Path folder;

    private final List<String> said = new ArrayList<>();

    @Test
    void aRestartLeavesNothingOfTheDatabaseBefore() throws Exception {
        Path classes = copyOfTheClasses();
        Process application = start(classes);
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(application.getInputStream(), StandardCharsets.UTF_8))) {
            int before = awaitStart(says);
            assertThat(ask("POST", before, "/accounts/ada/100")).isNotNull();
            assertThat(ask("GET", before, "/accounts/ada")).isEqualTo("100");
            Databases databases = Databases.of(application);
            assertThat(databases.names()).hasSize(1);
            List<String> sessions = databases.sessions();

            Path main = classes.resolve("io/mortise/compat/app/Application.class");
            Files.setLastModifiedTime(main, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
            int after = awaitStart(says);

            assertThat(databases.names()).as("databases that are open").hasSize(1);
            assertThat(databases.sessions()).as("sessions of the pool").hasSameSizeAs(sessions);
            assertThat(databases.rows("locks")).as("locks").isEmpty();
            assertThat(ask("POST", after, "/accounts/ada/7")).isNotNull();
            assertThat(ask("GET", after, "/accounts/ada")).isEqualTo("7");
            databases.close();
        } finally {
            application.destroyForcibly().waitFor();
        }
    }

    private Path copyOfTheClasses() throws IOException {
        Path from = Path.of("target/classes");
        Path to = folder.resolve("classes");
        try (var files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    private static Process start(Path classes) throws IOException {
        List<String> path = new ArrayList<>(List.of(classes.toString()));
        String tests = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : tests.split(File.pathSeparator)) {
            if (entry.endsWith(".jar")) {
                path.add(entry);
            }
        }
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        String.join(File.pathSeparator, path),
                        Application.class.getName(),
                        "--server.port=0",
                        "--spring.datasource.url=jdbc:mortise:mem:shop;JMX=TRUE",
                        "--spring.datasource.hikari.minimum-idle=1",
                        "--spring.datasource.hikari.maximum-pool-size=1",
                        "--spring.devtools.livereload.enabled=false",
                        "--spring.devtools.restart.poll-interval=200ms",
                        "--spring.devtools.restart.quiet-period=100ms")
                .redirectErrorStream(true)
                .start();
    }

    /** Reads what the application says until it has started, and returns the port that it listens at. */
    private int awaitStart(BufferedReader says) throws IOException {
        int port = 0;
        for (String line = says.readLine(); line != null; line = says.readLine()) {
            said.add(line);
            Matcher found = PORT.matcher(line);
            port = found.find() ? Integer.parseInt(found.group(1)) : port;
            if (line.contains("Started Application")) {
                return port;
            }
        }
        throw new AssertionError("It has ended: " + String.join("\n", said));
    }

    private static String ask(String method, int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    /** The databases of another process, as JMX shows them. */
    private record Databases(JMXConnector connector, MBeanServerConnection server) implements AutoCloseable {
        static Databases of(Process process) throws Exception {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
            String address = machine.startLocalManagementAgent();
            machine.detach();
            JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
            return new Databases(connector, connector.getMBeanServerConnection());
        }

        Set<ObjectName> names() throws Exception {
            return server.queryNames(new ObjectName("io.mortise:type=Database,*"), null);
        }

        List<String> sessions() throws Exception {
            return rows("sessions");
        }

        /** Without the line of column names. */
        List<String> rows(String table) throws Exception {
            String text = (String) server.invoke(names().iterator().next(), table, new Object[0], new String[0]);
            return text.lines().skip(1).toList();
        }

        @Override
        public void close() throws IOException {
            connector.close();
        }
    }
}
