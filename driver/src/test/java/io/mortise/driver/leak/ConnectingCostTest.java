package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a connection costs does not depend on how many there were before it. In bytes: they do not depend on the
 * machine.
 */
@Timeout(600)
final class ConnectingCostTest {
    private static final String URL = "jdbc:mortise:mem:connecting";
    private static final int SAMPLE = 300;
    /** What it took when this was written, and an eighth. Plain H2 takes 3,700 in the same place. */
    private static final long MOST_BYTES = 9_500;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void theThreeThousandthIsAsCheapAsTheThousandth() throws SQLException {
        assertFlat(1000, 3000);
    }

    @Tag("nightly")
    @Test
    void theHundredThousandthToo() throws SQLException {
        assertFlat(1000, 100_000);
    }

    /** Not compiled, it takes the most: compilers leave objects out. */
    @Test
    void itCostsNoMoreThanItsParts() throws SQLException {
        try (Connection keeper = DriverManager.getConnection(URL, "sa", "")) {
            assertThat(keeper.isValid(1)).isTrue();
            connect(1000);

            assertThat(bytesEach()).isLessThan(MOST_BYTES);
        }
    }

    private void assertFlat(int early, int late) throws SQLException {
        try (Connection keeper = DriverManager.getConnection(URL, "sa", "")) {
            assertThat(keeper.isValid(1)).isTrue();
            connect(early);
            long before = bytesEach();
            connect(late - early);

            assertThat(bytesEach()).isLessThan(before + before / 4);
        }
    }

    private long bytesEach() throws SQLException {
        long before = threads.getCurrentThreadAllocatedBytes();
        connect(SAMPLE);
        return (threads.getCurrentThreadAllocatedBytes() - before) / SAMPLE;
    }

    private static void connect(int times) throws SQLException {
        for (int i = 0; i < times; i++) {
            DriverManager.getConnection(URL, "sa", "").close();
        }
    }
}
