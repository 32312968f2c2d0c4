package io.mortise.driver.mill;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Serializable transactions of many threads, by the million, over each {@link Field}. Runs again with {@code -Dseed=};
 * {@code -Dcommitted=} says how many have to commit.
 */
@Tag("nightly")
@Timeout(value = 9, unit = TimeUnit.HOURS)
final class MillTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final long COMMITTED = Long.getLong("committed", 1_000_000);

    @ParameterizedTest
    @EnumSource
    void noCircleBySnapshots(Field field) throws SQLException {
        mill(field, "");
    }

    @ParameterizedTest
    @EnumSource
    void noCircleByLocks(Field field) throws SQLException {
        mill(field, ";SERIALIZABLE_BY=LOCKS");
    }

    @ParameterizedTest
    @EnumSource
    void noCircleUnderKognitio(Field field) throws SQLException {
        mill(field, ";LOCK_POLICY=kognitio");
    }

    private static void mill(Field field, String settings) throws SQLException {
        long began = System.nanoTime();
        String url = "jdbc:mortise:mem:mill" + field + settings.length() + ";LOCK_TIMEOUT=600000" + settings;
        try (Mill mill = new Mill(field, url, SEED)) {
            while (mill.committed() < COMMITTED) {
                assertThat(mill.wrongInNext())
                        .as("-Dseed=%d, %s%s, %d committed", SEED, field, settings, mill.committed())
                        .isEmpty();
            }
            System.out.printf(
                    "%s%s: seed %d, %d transactions committed, %d refused, %d s%n",
                    field,
                    settings,
                    SEED,
                    mill.committed(),
                    mill.refused(),
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
        }
    }
}
