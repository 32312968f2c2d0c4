package io.mortise.all;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.launch.Framework;

/** The jar as it was built: each test starts a process, or a module system, that has only what it says. */
@Timeout(120)
final class AllJarTest {
    private static final Path JAR = Path.of(System.getProperty("mortise.all", ""));
    private static final Path OTHER_H2 = Path.of(System.getProperty("other.h2", ""));
    private static final Path OLDER_H2 = Path.of(System.getProperty("older.h2", ""));
    private static final String H2_VERSION = "SELECT H2VERSION()";

    @TempDir
    private Path folder;

    /** What a {@link Probe} prints that has these jars and nothing else. */
    private static List<String> probe(List<Path> jars, String... arguments) throws Exception {
        return run(Probe.class, jars, arguments);
    }

    private static List<String> run(Class<?> program, List<Path> jars, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(
                        File.pathSeparator,
                        Stream.concat(jars.stream(), Stream.of(Path.of("target", "test-classes")))
                                .map(Path::toString)
                                .toList()),
                program.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().toList();
    }

    @Test
    void aloneItOpensAFileThatPlainH2WroteAndPlainH2GoesOn() throws Exception {
        String file = folder.resolve("shop").toString();
        try (Connection plain = DriverManager.getConnection("jdbc:h2:file:" + file, "sa", "");
                Statement statement = plain.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR, G CLOB)");
            statement.execute("INSERT INTO T VALUES (1, 'plain', SPACE(100000))");
        }

        List<String> printed = probe(
                List.of(JAR),
                "jdbc:mortise:file:" + file,
                "SELECT V || LENGTH(G) FROM T",
                "INSERT INTO T VALUES (2, 'all', 'x')",
                "LOCK TABLE T IN SHARE MODE",
                "SELECT COUNT(*) FROM IPE_CURSESSIONS",
                H2_VERSION);

        assertThat(printed).startsWith("1 1", "plain100000", "1").endsWith("1", "2.5.252");
        try (Connection plain = DriverManager.getConnection("jdbc:h2:file:" + file, "sa", "");
                Statement statement = plain.createStatement();
                ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            assertThat(count.next() && count.getInt(1) == 2).isTrue();
        }
    }

    @Test
    void besideAnotherH2EachKeepsItsOwn() throws Exception {
        for (List<Path> order : List.of(List.of(JAR, OTHER_H2), List.of(OTHER_H2, JAR))) {
            assertThat(probe(
                            order,
                            "jdbc:mortise:mem:a",
                            "CREATE TABLE T(ID INT PRIMARY KEY)",
                            "SELECT COUNT(*) FROM SYS.LOCKS",
                            H2_VERSION,
                            "--",
                            "jdbc:h2:mem:a",
                            H2_VERSION))
                    .containsExactly("2 2", "0", "0", "2.5.252", "2.4.240");
        }
    }

    /** The pool's interface, and H2's for triggers: an application that implements one has the jar that it is in. */
    @Test
    void anApplicationCatchesOurErrorsAndGivesH2ClassesOfItsOwn() throws Exception {
        Path hikari = Path.of(SQLExceptionOverride.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        for (Path h2 : List.of(OTHER_H2, OLDER_H2)) {
            assertThat(run(Shop.class, List.of(JAR, h2, hikari)))
                    .as("beside %s", h2)
                    .containsExactly("42 84", "Price[cents=7]", "held by 1", "kept true", "locks false", "xa true");
        }
    }

    @Test
    void itServesAndAttaches() throws Exception {
        String file = folder.resolve("served").toString();

        assertThat(probe(
                        List.of(JAR),
                        "jdbc:mortise:file:" + file + ";AUTO_SERVER=TRUE;SERVE=tcp:0",
                        "SELECT COUNT(*) FROM SYS.PARAMETERS WHERE PARAMETER = 'serve' AND SETTING LIKE 'tcp:%'"))
                .endsWith("1");
    }

    @Test
    void itHasOneServiceLineAndAModuleName() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            String services = new String(
                    jar.getInputStream(jar.getEntry("META-INF/services/java.sql.Driver"))
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
            assertThat(services.strip()).isEqualTo("io.mortise.driver.MortiseDriver");
            assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
                    .isEqualTo("io.mortise.all");
            assertThat(jar.stream().map(Object::toString).filter(entry -> entry.startsWith("org/")))
                    .isEmpty();
        }
    }

    @Test
    void aModuleSystemStartsItAsABundle() throws Exception {
        Framework framework = new FrameworkFactory()
                .newFramework(Map.of(
                        "org.osgi.framework.storage",
                        Files.createDirectory(folder.resolve("bundles")).toString(),
                        "felix.log.level",
                        "1"));
        framework.start();
        try {
            Bundle bundle =
                    framework.getBundleContext().installBundle(JAR.toUri().toString());
            bundle.start();

            java.sql.Driver driver = (java.sql.Driver) bundle.loadClass("io.mortise.driver.MortiseDriver")
                    .getDeclaredConstructor()
                    .newInstance();
            try (Connection connection = driver.connect("jdbc:mortise:mem:bundle", null);
                    Statement statement = connection.createStatement();
                    ResultSet version = statement.executeQuery(H2_VERSION)) {
                assertThat(bundle.getState()).isEqualTo(Bundle.ACTIVE);
                assertThat(version.next() ? version.getString(1) : "").isEqualTo("2.5.252");
            }
        } finally {
            framework.stop();
            framework.waitForStop(10_000);
        }
    }
}
