package io.mortise.bench.heap;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** The bytes of all live objects by class, after a full collection. Immutable. */
public record Histogram(Map<String, Long> bytes) {
    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+).*");

    /** What jcmd calls GC.class_histogram, of this process. */
    public static Histogram now() throws JMException {
        Object text = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> bytes = new HashMap<>();
        String.valueOf(text).lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                bytes.merge(matcher.group(2), Long.parseLong(matcher.group(1)), Long::sum);
            }
        });
        return new Histogram(bytes);
    }

    public long total() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Of the driver's and the engine's own classes. */
    public long ours() {
        return bytes.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("io.mortise.")
                        && !entry.getKey().startsWith("io.mortise.bench."))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
