package io.mortise.engine.journal.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CallSiteTest {
    private static List<StackTraceElement> stack(String... frames) {
        return Arrays.stream(frames)
                .map(frame -> new StackTraceElement(frame, "run", "File.java", 7))
                .toList();
    }

    @Test
    void theInnermostFrameOfTheApplicationIsTold() {
        assertThat(CallSite.of(stack(
                        "java.lang.Object",
                        "io.mortise.engine.lock.LockManager",
                        "org.h2.jdbc.JdbcStatement",
                        "com.zaxxer.hikari.pool.ProxyStatement",
                        "com.acme.Report",
                        "com.acme.Main",
                        "java.lang.Thread")))
                .contains("com.acme.Report.run(File.java:7)");
    }

    @Test
    void aThreadThatIsIdleInAPoolIsToldByThePool() {
        assertThat(CallSite.of(stack(
                        "jdk.internal.misc.Unsafe",
                        "java.util.concurrent.locks.LockSupport",
                        "java.util.concurrent.LinkedBlockingQueue",
                        "java.lang.Thread")))
                .contains("java.util.concurrent.LinkedBlockingQueue.run(File.java:7)");
    }

    @Test
    void whatAStatementCallsOfTheJdkIsNoPlaceOfTheClients() {
        assertThat(CallSite.of(stack(
                        "java.lang.Object",
                        "io.mortise.engine.lock.LockManager",
                        "java.util.Optional",
                        "io.mortise.engine.storage.StatementWatch",
                        "org.h2.command.Command",
                        "java.lang.reflect.Method",
                        "org.h2.server.TcpServerThread",
                        "java.lang.Thread")))
                .as("a thread that serves another process")
                .isEmpty();
    }

    @Test
    void whoHandsAStatementToAPoolAsItIsIsToldByThePool() {
        assertThat(CallSite.of(stack(
                        "java.util.Optional",
                        "org.h2.jdbc.JdbcStatement",
                        "io.mortise.driver.MortiseStatement",
                        "java.util.concurrent.FutureTask",
                        "java.lang.Thread")))
                .contains("java.util.concurrent.FutureTask.run(File.java:7)");
    }
}
