package io.mortise.bench.round;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What work takes besides time. Immutable.
 *
 * @param cpuNanos processor time; of a round that of the whole process, with what was compiled and cleared away
 * @param bytes allocated by the threads that worked
 * @param switches how often they gave the processor away because they had to wait; 0 where the system does not tell
 * @param compiledMillis how long compilers were at work, each by itself; of a round only, 0 where the JVM does not tell
 */
public record Usage(long cpuNanos, long bytes, long switches, long compiledMillis) {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final @Nullable CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();
    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String SWITCHES = "voluntary_ctxt_switches:";

    /** None yet. */
    public static final Usage NONE = new Usage(0, 0, 0, 0);

    /** What the calling thread has used since it began, without its processor time. */
    static Usage ofThisThread() throws IOException {
        return new Usage(
                0, THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()), switchesOfThisThread(), 0);
    }

    /** Processor time of all threads of this process, the compiler's and the collector's among them. */
    static Usage ofTheProcess() {
        return new Usage(SYSTEM.getProcessCpuTime(), 0, 0, compiled(COMPILER));
    }

    private static long compiled(@Nullable CompilationMXBean compiler) {
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime()
                : 0;
    }

    Usage plus(Usage other) {
        return new Usage(
                cpuNanos + other.cpuNanos,
                bytes + other.bytes,
                switches + other.switches,
                compiledMillis + other.compiledMillis);
    }

    Usage since(Usage before) {
        return new Usage(
                cpuNanos - before.cpuNanos,
                bytes - before.bytes,
                switches - before.switches,
                compiledMillis - before.compiledMillis);
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
