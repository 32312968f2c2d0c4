package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * What of the process is taken at one moment: threads, open files, beans of JMX, and the objects that a database or a
 * connection is made of. Immutable.
 *
 * @param counts threads by name, file descriptors (sockets too, where the system tells), reachable objects by class
 */
record Balance(Map<String, Long> counts) {
    /** One of each for every open database or connection, from the top of the engine down to H2. */
    private static final Set<String> COUNTED = Set.of(
            "io.mortise.driver.MortiseConnection",
            "io.mortise.driver.MortiseResultSet",
            "io.mortise.driver.MortiseStatement",
            "io.mortise.driver.MortisePreparedStatement",
            "io.mortise.driver.MortiseCallableStatement",
            "io.mortise.engine.Engine",
            "io.mortise.engine.lock.LockManager",
            "io.mortise.engine.lock.LockOwner",
            "io.mortise.engine.session.Session",
            "io.mortise.engine.storage.Storage",
            "io.mortise.engine.storage.session.StorageSession",
            "io.mortise.engine.storage.remote.RemoteSession",
            "org.h2.engine.Database",
            "org.h2.engine.SessionLocal",
            "org.h2.engine.SessionRemote",
            "org.h2.server.TcpServer");

    static {
        for (String name : COUNTED) { // One that has been moved would be counted no more.
            try {
                Class.forName(name);
            } catch (ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** H2 remembers the last session of a thread, and a collector may see a last local variable of a frame. */
    private static final long REMEMBERED = 3;

    /** These two end by themselves some seconds after their last work, whatever that was for. */
    private static final Set<String> LINGERING = Set.of("mortise-alarm", "mortise-wait-ticker");

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(180);

    static Balance now() {
        Map<String, Long> counts = new HashMap<>(reachable());
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!LINGERING.contains(thread.getName())) {
                counts.merge("thread " + thread.getName().replaceAll("[0-9]+", "#"), 1L, Long::sum);
            }
        }
        String[] files = new File("/proc/self/fd").list();
        counts.put("open files", files == null ? 0L : files.length);
        counts.put(
                "beans",
                ManagementFactory.getPlatformMBeanServer().getMBeanCount().longValue());
        return new Balance(counts);
    }

    /** Collects first, as the diagnostic command does. */
    private static Map<String, Long> reachable() {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        String histogram;
        try {
            histogram = (String) server.invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new AssertionError("every HotSpot has it", e);
        }
        // num: instances bytes class
        return histogram
                .lines()
                .map(line -> List.of(line.strip().split("\\s+")))
                .filter(columns -> columns.size() > 3 && COUNTED.contains(columns.get(3)))
                .collect(Collectors.toMap(columns -> columns.get(3), columns -> Long.valueOf(columns.get(1))));
    }

    /** Is no more taken now than there was then? What ends by itself, or by the collector, is waited for. */
    static void assertNothingTakenSince(Balance before) {
        long began = System.nanoTime();
        Map<String, Long> more = now().moreThan(before);
        while (!more.isEmpty() && System.nanoTime() - began < PATIENCE_NANOS) {
            more = now().moreThan(before);
        }
        assertThat(more).as("what is taken and not given back").isEmpty();
    }

    /** What holds only once the collector has been here. */
    static void awaitCollected(Callable<Boolean> fact) throws Exception {
        long began = System.nanoTime();
        while (!fact.call()) {
            assertThat(System.nanoTime() - began).as("time for the collector").isLessThan(PATIENCE_NANOS);
            now();
        }
    }

    private Map<String, Long> moreThan(Balance before) {
        Map<String, Long> more = new TreeMap<>();
        counts.forEach((name, count) -> {
            long grown = count - before.counts.getOrDefault(name, 0L);
            if (grown > (COUNTED.contains(name) ? REMEMBERED : 0)) {
                more.put(name, grown);
            }
        });
        return more;
    }
}
