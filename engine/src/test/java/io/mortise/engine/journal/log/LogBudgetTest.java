package io.mortise.engine.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LogBudgetTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LogBudget budget = new LogBudget();

    @Test
    void tenOfATableAreLoggedAMinuteAndTheNextSaysHowManyWereNot() {
        for (int i = 0; i < 10; i++) {
            assertThat(budget.take("ORDERS", i, i * SECOND)).isEqualTo(OptionalLong.of(0));
        }
        for (int i = 10; i < 59; i++) {
            assertThat(budget.take("ORDERS", i, i * SECOND)).isEmpty();
        }

        assertThat(budget.take("ORDERS", 9, 60 * SECOND)).isEqualTo(OptionalLong.of(49));
        assertThat(budget.take("ORDERS", 10, 61 * SECOND)).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void ofOneCauseTheFirstIsLoggedAMinuteAndLeavesRoomForOthers() {
        assertThat(budget.take("ORDERS", "five", 0)).isEqualTo(OptionalLong.of(0));
        for (int i = 0; i < 1000; i++) {
            assertThat(budget.take("ORDERS", "five", i)).isEmpty();
        }

        assertThat(budget.take("ORDERS", "six", 59 * SECOND)).isEqualTo(OptionalLong.of(1000));
        assertThat(budget.take("ORDERS", "five", 60 * SECOND)).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void eachTableHasItsOwnMinuteAndAThousandTablesAreBounded() {
        int logged = 0;
        for (int table = 0; table < 1000; table++) {
            for (int i = 0; i < 20; i++) {
                logged += budget.take("T" + table, table * 20 + i, 0).isPresent() ? 1 : 0;
            }
        }

        assertThat(logged).isEqualTo((100 + 1) * LogBudget.MOST);
    }
}
