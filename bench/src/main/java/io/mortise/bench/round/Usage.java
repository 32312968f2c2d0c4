package io.mortise.bench.round;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What work takes besides time. Immutable.
 *
 * @param cpuNanos processor time; of a round that of the whole process, with what was compiled and cleared away
 * @param bytes allocated by the threads that worked
 * @param switches how often they gave the processor away because they had to wait; 0 where the system does not tell
 */
public record Usage(long cpuNanos, long bytes, long switches) {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String SWITCHES = "voluntary_ctxt_switches:";

    /** None yet. */
    public static final Usage NONE = new Usage(0, 0, 0);

    /** What the calling thread has used since it began, without its processor time. */
    static Usage ofThisThread() throws IOException {
        return new Usage(
                0, THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()), switchesOfThisThread());
    }

    /** Processor time of all threads of this process, the compiler's and the collector's among them. */
    static long cpuNanosOfTheProcess() {
        return SYSTEM.getProcessCpuTime();
    }

    Usage plus(Usage other) {
        return new Usage(cpuNanos + other.cpuNanos, bytes + other.bytes, switches + other.switches);
    }

    Usage since(Usage before) {
        return new Usage(cpuNanos - before.cpuNanos, bytes - before.bytes, switches - before.switches);
    }

    Usage withCpuNanos(long nanos) {
        return new Usage(nanos, bytes, switches);
    }

    private static long switchesOfThisThread() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(SWITCHES))
                .mapToLong(
                        line -> Long.parseLong(line.substring(SWITCHES.length()).trim()))
                .sum();
    }
}
