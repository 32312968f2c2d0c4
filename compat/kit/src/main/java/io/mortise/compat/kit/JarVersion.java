package io.mortise.compat.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The version that a jar on the class path says it is: nobody has to write it down, so nobody can forget to. */
public final class JarVersion {
    private static final List<String> MANIFEST_ENTRIES = List.of("Implementation-Version", "Bundle-Version");

    private JarVersion() {}

    /** Of the jar that the class comes from. */
    public static String of(Class<?> type) {
        Path file = location(type);
        try (JarFile jar = new JarFile(file.toFile())) {
            return Stream.of(fromMaven(jar), fromManifest(jar))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElseGet(() -> fromName(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(type + " comes from no file", e);
        }
    }

    /** A jar that has others packed into it has their pom.properties too: then none is believed. */
    private static Optional<String> fromMaven(JarFile jar) throws IOException {
        List<JarEntry> entries = jar.stream()
                .filter(entry -> entry.getName().matches("META-INF/maven/.*/pom\\.properties"))
                .toList();
        if (entries.size() != 1) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        properties.load(jar.getInputStream(entries.get(0)));
        return Optional.ofNullable(properties.getProperty("version"));
    }

    private static Optional<String> fromManifest(JarFile jar) throws IOException {
        Optional<Manifest> manifest = Optional.ofNullable(jar.getManifest());
        return MANIFEST_ENTRIES.stream()
                .flatMap(name -> manifest.map(m -> m.getMainAttributes().getValue(name)).stream())
                .findFirst();
    }

    private static String fromName(Path jar) {
        return jar.getFileName().toString().replaceAll("^.*?-(\\d.*)\\.jar$", "$1");
    }
}
