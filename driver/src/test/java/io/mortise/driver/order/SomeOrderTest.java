package io.mortise.driver.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What serializable transactions were answered, plain H2 answers too if it runs those that have committed one after
 * another: in an order in which none comes before one that was over when it began. Runs again with {@code -Dseed=}; at
 * night {@code -Dcommitted=} says how many transactions have to commit for each shape of the tables.
 */
@Timeout(value = 9, unit = TimeUnit.HOURS)
final class SomeOrderTest {
    private static final long SEED = Long.getLong("seed", 2);
    private static final long COMMITTED = Long.getLong("committed", 1_000_000);

    @ParameterizedTest
    @EnumSource
    void thereIsAnOrder(Shape shape) throws SQLException {
        check(shape, Way.SNAPSHOT, 2, 16);
        check(shape, Way.COARSE, 2, 8);
        check(shape, Way.LOCKS, 2, 4);
        check(shape, Way.KOGNITIO, 2, 4);
    }

    private static void check(Shape shape, Way way, int roundsADefined, int rounds) throws SQLException {
        try (Rounds all = new Rounds(shape, way, SEED, roundsADefined)) {
            for (int i = 0; i < rounds; i++) {
                assertThat(all.wrongInNext()).isEmpty();
            }
            assertThat(all.committed()).as("transactions that were committed").isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("nightly")
    void thereIsAnOrderAllNight(Shape shape) throws SQLException {
        for (Way way : Way.values()) {
            long began = System.nanoTime();
            try (Rounds all = new Rounds(shape, way, SEED, 50)) {
                while (all.committed() < COMMITTED) {
                    assertThat(all.wrongInNext()).isEmpty();
                }
                System.out.printf("%s, %d s%n", all, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
            }
        }
    }
}
