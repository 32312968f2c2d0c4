package io.mortise.engine.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SettingTest {
    @Test
    void namesAreComparedWithoutCaseAndUnderscores() {
        assertThat(Setting.named("sessionBusy")).contains(Setting.SESSION_BUSY);
        assertThat(Setting.named("SESSION_busy")).contains(Setting.SESSION_BUSY);
        assertThat(Setting.named("statementLockTimeout")).contains(Setting.STATEMENT_LOCK_TIMEOUT);
        assertThat(Setting.named("SESSION_BUSSY")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.mortise.engine.setting.Setting#all")
    void everyDefaultIsAValueTheSettingTakes(Setting<?> setting) {
        assertThat(
                        setting.defaultText().isEmpty()
                                ? List.of()
                                : setting.complaint(setting.defaultText()).stream()
                                        .toList())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SESSION_TIMEOUT      | 5000  | SESSION_TIMEOUT=5000 is larger than 3600 s, the most it can be.
            SESSION_TIMEOUT      | 0     | SESSION_TIMEOUT=0 is smaller than 1 s, the least it can be.
            LOCK_TIMEOUT         | soon  | LOCK_TIMEOUT=soon is not a whole number of ms.
            LOCK_TIMEOUT         | 99999999999999999999 | LOCK_TIMEOUT=99999999999999999999 is larger than 2147483647 ms, the most it can be.
            DEADLOCK_PRIORITY    | -11   | DEADLOCK_PRIORITY=-11 is smaller than -10, the least it can be.
            SESSION_BUSY         | maybe | SESSION_BUSY=maybe is not one of FAIL, WAIT, RETRY.
            """)
    void aValueOutOfRangeIsNamedWithTheLimit(String setting, String value, String complaint) {
        assertThat(Setting.named(setting).orElseThrow().complaint(value)).contains(complaint);
    }

    /** Nor is the time that it takes a matter of their square. */
    @ParameterizedTest
    @MethodSource("io.mortise.engine.setting.Setting#all")
    void noneKeepsOrRepeatsMegabytes(Setting<?> setting) {
        String digits = "9".repeat(2_000_000);
        for (String text : List.of("n".repeat(2_000_000), digits, "-" + digits, "tcp:" + digits, "http:" + digits)) {
            String kept = setting.complaint(text).orElseGet(() -> said(setting, text));
            assertThat(kept.length()).as("%s", setting).isLessThan(4500);
        }
    }

    private static <T> String said(Setting<T> setting, String text) {
        return setting.text(setting.parse(text));
    }

    @Test
    void noughtsInFrontOfANumberAreNothing() {
        String one = "0".repeat(2_000_000) + "1";

        assertThat(Setting.SESSION_TIMEOUT.complaint(one)).isEmpty();
        assertThat(Setting.SESSION_TIMEOUT.parse(one)).isEqualTo(1);
        assertThat(Setting.DEADLOCK_PRIORITY.complaint("-" + one)).isEmpty();
    }

    @Test
    void choicesAreStoredAsTheyAreSpelledHere() {
        assertThat(Setting.SESSION_BUSY.complaint("wait")).isEmpty();
        assertThat(Setting.SESSION_BUSY.text(Setting.SESSION_BUSY.parse(" wait ")))
                .isEqualTo("WAIT");
    }

    @Test
    void theNearestNameIsFoundUnlessNoneIsAlike() {
        List<String> names = List.of("LOCK_TIMEOUT", "LOCK_POLICY", "QUERY_TIMEOUT");

        assertThat(Nearest.to("LOCK_TIMOUT", names)).contains("LOCK_TIMEOUT");
        assertThat(Nearest.to("lockPolice", names)).contains("LOCK_POLICY");
        assertThat(Nearest.to("FOO", names)).isEmpty();
        assertThat(Nearest.to("LOCK_TIMEOUT".repeat(100_000), names)).isEmpty();
    }
}
