package io.mortise.all;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Loads classes from jars inside the jar that this class is in, and asks its parent last. So the engine gets the H2
 * that it was made for, whatever H2 the application has. H2 cannot be renamed instead, because it writes names of its
 * classes into its files. Thread-safe.
 *
 * <p>The jars are read once, into memory. A jar inside a jar cannot be opened in place, and nobody would delete a copy
 * on disk after a kill.
 */
public final class NestedJars extends ClassLoader {
    private static final String FOLDER = "META-INF/inside/";
    private static final List<String> JARS = List.of("mortise.jar", "mortise-engine.jar", "h2.jar");
    private static final String CLASS = ".class";
    /**
     * Ours that know nothing of H2, and what those need. The application sees the same classes: it catches our errors,
     * and sets our settings.
     */
    private static final List<String> SHARED = List.of(
            "io.mortise.engine.error.",
            "io.mortise.engine.fault.",
            "io.mortise.engine.lock.",
            "io.mortise.engine.meter.",
            "io.mortise.engine.setting.",
            "io.mortise.engine.text.",
            "io.mortise.engine.thread.");
    /**
     * What an application implements for H2, or hands to it: those of its own H2, if it has one. The others of that
     * package name types inside H2, so they stay with it.
     */
    private static final Set<String> FOR_APPLICATIONS = Set.of(
            "org.h2.api.Aggregate",
            "org.h2.api.AggregateFunction",
            "org.h2.api.DatabaseEventListener",
            "org.h2.api.JavaObjectSerializer",
            "org.h2.api.Trigger");

    static {
        registerAsParallelCapable();
    }

    private final Map<String, byte[]> entries = new HashMap<>(4096);

    /** @param parent has everything that is not inside; the JDK's classes are found though it should hide them */
    public NestedJars(ClassLoader parent) {
        super("mortise-all", parent);
        for (String jar : JARS) {
            read(jar);
        }
    }

    private void read(String jar) {
        try (InputStream file = NestedJars.class.getClassLoader().getResourceAsStream(FOLDER + jar)) {
            if (file == null) {
                throw new IllegalStateException(FOLDER + jar + " is missing: this is not the jar as it was built.");
            }
            ZipInputStream zip = new ZipInputStream(file);
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    entries.putIfAbsent(entry.getName(), zip.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            Class<?> found = isOutside(name) ? fromOutside(name) : fromInside(name);
            if (resolve) {
                resolveClass(found);
            }
            return found;
        }
    }

    private boolean isOutside(String name) {
        return SHARED.stream().anyMatch(name::startsWith)
                || (FOR_APPLICATIONS.contains(name) && getParent().getResource(file(name)) != null);
    }

    private Class<?> fromInside(String name) throws ClassNotFoundException {
        byte[] inside = entries.get(file(name));
        if (inside == null) {
            return fromOutside(name);
        }
        return define(name, inside);
    }

    private static String file(String className) {
        return className.replace('.', '/') + CLASS;
    }

    private Class<?> define(String name, byte[] bytes) {
        int dot = name.lastIndexOf('.');
        String folder = dot < 0 ? "" : name.substring(0, dot);
        if (getDefinedPackage(folder) == null) {
            definePackageOnce(folder);
        }
        return defineClass(name, bytes, 0, bytes.length, NestedJars.class.getProtectionDomain());
    }

    private void definePackageOnce(String name) {
        try {
            definePackage(name, null, null, null, null, null, null, null);
        } catch (IllegalArgumentException another) {
            // A class of the same package is being loaded on another thread, which was faster.
            assert getDefinedPackage(name) != null;
        }
    }

    // A module system may show the parent less of the JDK than H2 needs.
    private Class<?> fromOutside(String name) throws ClassNotFoundException {
        try {
            return super.loadClass(name, false);
        } catch (ClassNotFoundException hidden) {
            return ClassLoader.getPlatformClassLoader().loadClass(name);
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL inside = findResource(name);
        return inside == null ? super.getResource(name) : inside;
    }

    @Override
    protected @Nullable URL findResource(String name) {
        byte[] bytes = entries.get(name);
        if (bytes == null) {
            return null;
        }
        try {
            return new URL("mortise-all", "", -1, "/" + name, new InMemory(bytes));
        } catch (MalformedURLException e) {
            throw new AssertionError("the handler is given", e);
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL inside = findResource(name);
        return inside == null ? Collections.emptyEnumeration() : Collections.enumeration(List.of(inside));
    }

    /** What a URL of an entry opens. */
    private static final class InMemory extends URLStreamHandler {
        private final byte[] bytes;

        InMemory(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {
                    connected = true;
                }

                @Override
                public InputStream getInputStream() {
                    return new ByteArrayInputStream(bytes);
                }

                @Override
                public int getContentLength() {
                    return bytes.length;
                }
            };
        }
    }
}
