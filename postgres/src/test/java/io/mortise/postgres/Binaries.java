package io.mortise.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

/**
 * Which server the tests run on: the one on the class path, or that of the jar which the property {@code server.jar}
 * names. All such jars have the same names inside, so two of them cannot stand on one class path.
 */
final class Binaries {
    private static final String JAR = "server.jar";

    private Binaries() {}

    static EmbeddedPostgres.Builder chosen() {
        String jar = System.getProperty(JAR, "");
        return jar.isEmpty() ? EmbeddedPostgres.builder() : of(Path.of(jar));
    }

    static EmbeddedPostgres.Builder of(Path jar) {
        return EmbeddedPostgres.builder().setPgBinaryResolver((system, architecture) -> archive(jar));
    }

    private static InputStream archive(Path jar) throws IOException {
        try (JarInputStream inside = new JarInputStream(Files.newInputStream(jar))) {
            for (JarEntry entry = inside.getNextJarEntry(); entry != null; entry = inside.getNextJarEntry()) {
                if (entry.getName().endsWith(".txz")) {
                    return new ByteArrayInputStream(inside.readAllBytes());
                }
            }
        }
        throw new IOException(jar + " has no server in it.");
    }
}
