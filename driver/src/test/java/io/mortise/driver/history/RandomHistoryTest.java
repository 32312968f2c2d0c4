package io.mortise.driver.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.driver.history.History.Promise;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random transactions, whose histories have to keep what their level promises. Runs again with {@code -Dseed=}; how
 * many seeds in a row, {@code -Dseeds=} says.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
final class RandomHistoryTest {
    private static final int TRANSACTIONS = 40;
    private static final String LEVELS = """
            mvcc     | SERIALIZABLE    | STRICT_SERIALIZABLE
            mvcc     | SNAPSHOT        | SNAPSHOT
            mvcc     | READ COMMITTED  | READ_COMMITTED
            kognitio | SERIALIZABLE    | STRICT_SERIALIZABLE
            kognitio | READ COMMITTED  | STRICT_SERIALIZABLE
            sqream   | SERIALIZABLE    | SNAPSHOT
            sqream   | READ COMMITTED  | READ_COMMITTED
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = LEVELS)
    void whatALevelPromisesIsKept(String policy, String level, Promise promise) throws SQLException {
        play(policy, level, promise, 2);
    }

    @Tag("nightly")
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = LEVELS)
    void whatALevelPromisesIsKeptAllNight(String policy, String level, Promise promise) throws SQLException {
        play(policy, level, promise, 1000);
    }

    private static void play(String policy, String level, Promise promise, int seeds) throws SQLException {
        long first = Long.getLong("seed", 1);
        long after = first + Long.getLong("seeds", seeds);
        long began = System.nanoTime();
        long committed = 0;
        for (long seed = first; seed < after; seed++) {
            RandomRun run = new RandomRun(
                    "jdbc:mortise:mem:%s;LOCK_POLICY=" + policy, level, seed, 3 + (int) (seed % 6), TRANSACTIONS);
            History history = run.play();
            assertThat(history.broken(promise)).as("-Dseed=%d: %s", seed, run).isEmpty();
            committed += history.size();
        }
        assertThat(committed).as("transactions that were committed").isPositive();
        System.out.printf(
                "%s at %s: seeds %d to %d, %d transactions committed, %d s%n",
                policy, level, first, after - 1, committed, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    }
}
