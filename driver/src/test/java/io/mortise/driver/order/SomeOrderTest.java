package io.mortise.driver.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What serializable transactions were answered, plain H2 answers too if it runs those that have committed one after
 * another: in an order in which none comes before one that was over when it began. Runs again with {@code -Dseed=};
 * {@code -Drounds=} says how many.
 */
@Timeout(value = 9, unit = TimeUnit.HOURS)
final class SomeOrderTest {
    /** In CI the same programs each time; at night others. */
    private static final long SEED = 2;

    private static final int ROWS = 5;
    private static final String COARSE = ";SERIALIZABLE_TRANSACTION_NOTES=2;SERIALIZABLE_KEPT=1";

    @ParameterizedTest
    @EnumSource
    void thereIsAnOrder(Shape shape) throws SQLException {
        play(shape, "", 20, SEED);
        play(shape, COARSE, 10, SEED);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("nightly")
    void thereIsAnOrderAllNight(Shape shape) throws SQLException {
        play(shape, "", 20_000, System.nanoTime() >>> 1);
        play(shape, COARSE, 5_000, System.nanoTime() >>> 1);
    }

    private static void play(Shape shape, String settings, int rounds, long usualSeed) throws SQLException {
        long seed = Long.getLong("seed", usualSeed);
        Random random = new Random(seed);
        long began = System.nanoTime();
        long committed = 0;
        String url = "jdbc:mortise:mem:order" + Long.toHexString(seed) + shape + ";LOCK_TIMEOUT=0" + settings;
        try (Connection plain = DriverManager.getConnection("jdbc:h2:mem:", "sa", "");
                Connection first = DriverManager.getConnection(url, "sa", "");
                Play play = new Play(url, random)) {
            begin(shape, new Random(seed), List.of(plain, first));
            plain.setAutoCommit(false);
            Orders orders = new Orders(plain, Shape.tables());
            for (int round = 0; round < Integer.getInteger("rounds", rounds); round++) {
                List<Part> parts = play.play();
                committed += parts.size();
                assertThat(orders.explain(parts, Orders.content(first, Shape.tables())))
                        .as(
                                "-Dseed=%d, %s, round %d: %s%n%s",
                                seed,
                                shape,
                                round,
                                orders.difference(),
                                parts.stream().map(Part::toString).collect(Collectors.joining("\n")))
                        .isTrue();
            }
            System.out.printf(
                    "%s%s: seed %d, %d transactions committed, %d refused, %d s%n",
                    shape,
                    settings,
                    seed,
                    committed,
                    play.refused(),
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
        }
    }

    private static void begin(Shape shape, Random random, List<Connection> databases) throws SQLException {
        for (Connection database : databases) {
            shape.create(database);
        }
        Acts acts = new Acts(random);
        for (int key = 0; key < ROWS; key++) {
            Act row = acts.first(key);
            for (Connection database : databases) {
                row.run(database);
            }
        }
    }
}
