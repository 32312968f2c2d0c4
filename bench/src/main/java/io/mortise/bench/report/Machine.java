package io.mortise.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.hsqldb.persist.HsqlDatabaseProperties;

/** What it was run on. Stateless. */
public final class Machine {
    private Machine() {}

    /** The processor's name only where the system tells. */
    public static String describe() throws IOException {
        return String.format(
                "%s, Java %s (%s), %s %s, %d processors%s, heap %d MB, load %.2f before it began; %s",
                Instant.now().truncatedTo(ChronoUnit.MINUTES),
                System.getProperty("java.version"),
                System.getProperty("java.vm.name"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                processor(),
                Runtime.getRuntime().maxMemory() >> 20,
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                versions());
    }

    private static String versions() {
        return "H2 " + org.h2.engine.Constants.FULL_VERSION + ", HSQLDB " + HsqlDatabaseProperties.THIS_FULL_VERSION
                + ", Derby " + org.apache.derby.tools.sysinfo.getVersionString();
    }

    private static String processor() throws IOException {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) {
            return "";
        }
        return Files.readAllLines(cpuinfo).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> ", " + line.substring(line.indexOf(':') + 1).trim())
                .orElse("");
    }
}
