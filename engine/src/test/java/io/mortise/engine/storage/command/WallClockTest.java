package io.mortise.engine.storage.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class WallClockTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private long nanos = 5_000_000_000L;
    /** How far the engine's clock goes on while it is read once. */
    private long costs;

    private Instant time = NOON;
    private int asked;

    private final WallClock clock = new WallClock(
            () -> {
                nanos += costs;
                return nanos;
            },
            () -> {
                asked++;
                return time;
            });

    @Test
    void asksTheComputerOnceAndAddsWhatHasPassed() {
        assertThat(clock.at(nanos)).isEqualTo(NOON);
        assertThat(clock.at(nanos + 1)).isEqualTo(NOON.plusNanos(1));
        assertThat(clock.at(nanos + 9_999_999)).isEqualTo(NOON.plusNanos(9_999_999));
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void asksAgainAfterTenMilliseconds() {
        clock.at(nanos);
        nanos += 10_000_000;
        time = NOON.minusSeconds(3_600); // Somebody has set it.

        assertThat(clock.at(nanos)).isEqualTo(NOON.minusSeconds(3_600));
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void ofAMomentBeforeTheLastReadingItAsksAnew() {
        clock.at(nanos);

        assertThat(clock.at(nanos - 1)).isEqualTo(NOON);
        assertThat(asked).isEqualTo(2);
    }

    /** Between its two readings the thread may have stood still for longer than the time is good for. */
    @Test
    void whatWasInterruptedIsUsedOnce() {
        costs = 2_000;
        assertThat(clock.at(nanos)).isEqualTo(NOON);
        costs = 0;
        time = NOON.plusSeconds(1);

        assertThat(clock.at(nanos)).isEqualTo(NOON.plusSeconds(1));
        assertThat(clock.at(nanos)).isEqualTo(NOON.plusSeconds(1));
        assertThat(asked).isEqualTo(2);
    }

    /** A time that is ahead of the computer's would be seen to go back when it is asked next. */
    @Test
    void isNeverAheadOfTheComputers() {
        costs = 300;
        Instant shown = clock.at(nanos);

        assertThat(clock.at(nanos)).isEqualTo(shown);
    }
}
