package io.mortise.watch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code java -jar mortise-watch.jar} starts. The driver and what the commands need lie inside the jar as jars, so
 * that an application with this jar on its class path sees none of them. Here they are unpacked, and loaded.
 */
public final class Main {
    private static final String COMMANDS = "io.mortise.watch.cli.Commands";
    private static final String DRIVER = "--driver";
    private static final List<String> INSIDE = List.of(
            "mortise.jar",
            "mortise-engine.jar",
            "h2.jar",
            "mortise-postgresql.jar",
            "postgresql.jar",
            "picocli.jar",
            "jline.jar");

    private Main() {}

    public static void main(String[] arguments) throws Throwable {
        ClassLoader loader = loader(arguments);
        Thread.currentThread().setContextClassLoader(loader);
        try {
            Class.forName(COMMANDS, true, loader)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static ClassLoader loader(String[] arguments) throws IOException {
        List<URL> jars = new ArrayList<>();
        for (String name : INSIDE) {
            try (InputStream jar = Main.class.getResourceAsStream("/META-INF/inside/" + name)) {
                if (jar == null) {
                    return Main.class.getClassLoader(); // Not the jar: everything is on the class path.
                }
                jars.add(copy(name, jar));
            }
        }
        CodeSource self = Main.class.getProtectionDomain().getCodeSource();
        jars.add(0, self.getLocation());
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith(DRIVER + "=")) {
                jars.add(url(arguments[i].substring(DRIVER.length() + 1)));
            } else if (arguments[i].equals(DRIVER) && i + 1 < arguments.length) {
                jars.add(url(arguments[i + 1]));
            }
        }
        return new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static URL url(String file) throws IOException {
        return Path.of(file).toUri().toURL();
    }

    private static URL copy(String name, InputStream jar) throws IOException {
        Path copy = Files.createTempFile("mortise-watch-", "-" + name);
        copy.toFile().deleteOnExit();
        Files.copy(jar, copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return copy.toUri().toURL();
    }
}
