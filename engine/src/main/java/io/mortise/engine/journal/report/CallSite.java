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
     * thread is idle in some pool, and the frame that says so. A thread that serves another process has neither.
     */
    public static Optional<String> of(List<StackTraceElement> stack) {
        for (StackTraceElement frame : stack) {
            if (!starts(frame, NOT_OURS) && !isPool(frame.getClassName())) {
                return Optional.of(text(frame));
            }
        }
        for (StackTraceElement frame : stack.subList(outside(stack), stack.size())) {
            if (!starts(frame, PARKING)) {
                return Optional.of(text(frame));
            }
        }
        return Optional.empty();
    }

    /** What a statement calls of the JDK says nothing of who has called the statement. */
    private static int outside(List<StackTraceElement> stack) {
        for (int i = stack.size(); i > 0; i--) {
            if (starts(stack.get(i - 1), BELOW)) {
                return i;
            }
        }
        return 0;
    }

    /** Is this class of a pool of connections? */
    public static boolean isPool(String className) {
        return starts(className, POOLS);
    }

    private static boolean starts(StackTraceElement frame, List<String> packages) {
        return starts(frame.getClassName(), packages);
    }

    private static boolean starts(String className, List<String> packages) {
        for (String each : packages) {
            if (className.startsWith(each)) {
                return true;
            }
        }
        return false;
    }

    // StackTraceElement.toString() puts the class loader and the module in front, which nobody searches for.
    private static String text(StackTraceElement frame) {
        String file = frame.getFileName() == null ? "Unknown Source" : frame.getFileName();
        String line = frame.getLineNumber() < 0 ? "" : ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + file + line + ")";
    }
}
