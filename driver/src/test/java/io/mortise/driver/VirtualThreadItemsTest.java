package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * The rule of one statement in flight, with virtual threads: found by reflection, for the driver is built for Java 17.
 */
@EnabledForJreRange(min = JRE.JAVA_21)
@Timeout(60)
final class VirtualThreadItemsTest extends SingleFlight {
    private ExecutorService virtual = Executors.newSingleThreadExecutor();

    @BeforeEach
    void startVirtualThreads() throws ReflectiveOperationException {
        virtual.shutdown();
        virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @AfterEach
    void endVirtualThreads() {
        virtual.shutdownNow();
    }

    private <T> Future<T> starts(Callable<T> step) {
        return virtual.submit(step);
    }

    @Test
    @DisplayName("38 of two virtual threads on one connection the second is refused, and the first goes on")
    void theSecondVirtualThreadIsRefused() throws Exception {
        try (Connection connection = connect("")) {
            Future<Integer> first = starts(() -> number(connection, braked()));
            brake.awaitReached();

            assertThatThrownBy(() -> Background.result(starts(() -> execute(connection, "SELECT 1"))))
                    .isInstanceOf(SessionIsLockedException.class);
            brake.letGo();

            assertThat(Background.result(first)).isEqualTo(1);
            assertThat(Background.result(starts(() -> execute(connection, "SELECT 1"))))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("38 more virtual threads than processors wait for locks, and all are served")
    void manyVirtualThreadsWaitAndAreServed() throws Exception {
        int many = 4 * Runtime.getRuntime().availableProcessors() + 8;
        keeper.setAutoCommit(false);
        execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
        List<Connection> connections = new ArrayList<>();
        List<Future<Boolean>> waits = new ArrayList<>();
        try {
            for (int i = 0; i < many; i++) {
                Connection connection = connect(";LOCK_TIMEOUT=50000");
                connections.add(connection);
                waits.add(starts(() -> execute(connection, "UPDATE T SET V = V + 1 WHERE ID = 1")));
            }
            // A thread that is pinned while it waits keeps a processor from the others, and these would never all wait.
            for (Connection connection : connections) {
                awaitLockWait(connection.unwrap(Session.class));
            }
            keeper.commit();
            for (Future<Boolean> wait : waits) {
                assertThat(Background.result(wait)).isTrue();
            }
            assertThat(sum()).isEqualTo(1 + many);
        } finally {
            keeper.setAutoCommit(true);
            close(connections);
        }
    }

    private static void close(List<Connection> connections) throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
    }

    @Test
    @DisplayName("38 virtual threads wait in line for a session, and cancel reaches them")
    void virtualThreadsWaitInLine() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY=WAIT")) {
            Future<Integer> first = starts(() -> number(connection, braked()));
            brake.awaitReached();
            Future<Boolean> second = starts(() -> execute(connection, "SELECT 1"));
            awaitInLine(connection.unwrap(Session.class));
            brake.letGo();

            assertThat(Background.result(first)).isEqualTo(1);
            assertThat(Background.result(second)).isTrue();
        }
    }
}
