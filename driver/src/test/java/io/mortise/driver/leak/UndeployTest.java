package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application that is undeployed takes all with it: its class loader is collected, with the engine and H2 in it. */
@Timeout(120)
final class UndeployTest {
    /** What an application does while it is deployed. */
    private interface Life {
        void live(Class<?> application) throws Exception;
    }

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mem:undeployed",
                "file:%s/db",
                "file:%s/db;AUTO_SERVER=TRUE",
                "mem:undeployed;SERVE=tcp:0",
                "mem:undeployed;TRANSACTION_TIMEOUT=60000;IDLE_BLOCKER_TIMEOUT=60000",
                "mem:undeployed;BORROW_SITE=true;QUERY_TIMEOUT=60000"
            })
    void theClassLoaderIsCollected(String database) throws Exception {
        String url = "jdbc:mortise:" + database.formatted(folder);
        WeakReference<ClassLoader> loader = inALoader(
                application -> application.getMethod("run", String.class).invoke(null, url));

        // A thread that had something to do a moment ago ends some seconds later, by itself.
        while (loader.get() != null && !Thread.currentThread().isInterrupted()) {
            inALoader(application -> application.getMethod("compare").invoke(null));
            System.gc();
        }
        assertThat(loader.get()).isNull();
    }

    /** In a method and on a thread of their own, so that nothing here keeps a class of theirs. */
    private static WeakReference<ClassLoader> inALoader(Life of) throws Exception {
        FutureTask<WeakReference<ClassLoader>> task = new FutureTask<>(() -> {
            try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
                Thread.currentThread().setContextClassLoader(loader);
                of.live(loader.loadClass(Undeployed.class.getName()));
                return new WeakReference<>(loader);
            }
        });
        Thread thread = new Thread(task, "container");
        thread.start();
        thread.join();
        return task.get();
    }

    private static URL[] classPath() throws Exception {
        List<URL> urls = new ArrayList<>();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : path.split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }
}
