package io.mortise.engine.journal.report;

import java.util.List;
import java.util.Optional;

/** Where a thread stands in the application's own code. Stateless. */
public final class CallSite {
    /** Code that an application runs on, not code of its own. */
    private static final List<String> NOT_OURS = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "org.h2.",
            "org.postgresql.",
            "io.mortise.engine.",
            "io.mortise.driver.",
            "io.mortise.postgres.");

    /** Pools of connections: an application runs on them, too. */
    private static final List<String> POOLS = List.of(
            "com.zaxxer.hikari.",
            "org.apache.commons.dbcp2.",
            "org.apache.commons.pool2.",
            "com.mchange.",
            "io.agroal.",
            "org.apache.tomcat.jdbc.",
            "oracle.ucp.");

    /** How a thread stands still says nothing of why. */
    private static final List<String> PARKING =
            List.of("jdk.", "sun.", "java.lang.Object", "java.lang.Thread", "java.util.concurrent.locks.");

    /** What a statement runs in: that it does is known already. */
    private static final List<String> BELOW =
            List.of("org.h2.", "org.postgresql.", "io.mortise.engine.", "io.mortise.driver.", "io.mortise.postgres.");

    private CallSite() {}

    /**
     * The innermost frame of the application's: {@code com.acme.Report.send(Report.java:88)}. If there is none, the
     * thread is idle in some pool, and the frame that says so.
     */
    public static Optional<String> of(List<StackTraceElement> stack) {
        return stack.stream()
                .filter(frame -> !starts(frame, NOT_OURS) && !isPool(frame.getClassName()))
                .findFirst()
                .or(() -> stack.stream()
                        .filter(frame -> !starts(frame, PARKING) && !starts(frame, BELOW))
                        .findFirst())
                .map(CallSite::text);
    }

    /** Is this class of a pool of connections? */
    public static boolean isPool(String className) {
        return POOLS.stream().anyMatch(className::startsWith);
    }

    private static boolean starts(StackTraceElement frame, List<String> packages) {
        return packages.stream().anyMatch(frame.getClassName()::startsWith);
    }

    // StackTraceElement.toString() puts the class loader and the module in front, which nobody searches for.
    private static String text(StackTraceElement frame) {
        String file = frame.getFileName() == null ? "Unknown Source" : frame.getFileName();
        String line = frame.getLineNumber() < 0 ? "" : ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + file + line + ")";
    }
}
