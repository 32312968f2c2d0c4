package io.mortise.engine.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.StatementEndedException.Reason;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EndingTextsTest {
    @ParameterizedTest
    @EnumSource
    void everyEndingIsToldFromEveryOtherByHowItBegins(WaitEnd end) {
        String beginning = EndingTexts.beginning(end);

        assertThat(Arrays.stream(WaitEnd.values())
                        .filter(other -> EndingTexts.beginning(other).startsWith(beginning)))
                .containsExactly(end);
        assertThat(EndingTexts.ofStatement(new WaitEnding(end, 7))).startsWith(beginning);
    }

    @ParameterizedTest
    @EnumSource
    void everyReasonOfTheExceptionIsThatOfAnEndingOfItsName(Reason reason) {
        assertThat(EnumSet.allOf(WaitEnd.class).stream()
                        .filter(end -> EndingTexts.reason(end) == reason)
                        .map(WaitEnd::name)
                        .collect(Collectors.toSet()))
                .contains(reason.name());
    }

    @ParameterizedTest
    @EnumSource
    void whatEndsTheTransactionSaysSo(WaitEnd end) {
        if (end.endsTransaction()) {
            assertThat(EndingTexts.ofStatement(WaitEnding.of(end))).contains("The transaction was rolled back");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatHappenedIsSaidInItsOwnWordsWhereThereAreSome(WaitEnd end) {
        assertThat(EndingTexts.what(new WaitEnding(end, 0, "Its limit has passed")))
                .isEqualTo("Its limit has passed");
    }
}
