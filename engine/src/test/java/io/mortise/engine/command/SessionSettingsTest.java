package io.mortise.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.setting.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words after SET that are ours must be settings of a session, though {@code command} can not ask {@code setting}. */
class SessionSettingsTest {
    @Test
    void everyWordIsASettingOfASession() {
        assertThat(Grammar.SESSION_SETTINGS)
                .allSatisfy(name -> assertThat(Setting.named(name))
                        .hasValueSatisfying(
                                setting -> assertThat(setting.scope()).isEqualTo(Setting.Scope.SESSION)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOCK_TIMEOUT", "QUERY_TIMEOUT"})
    void whatH2HasStaysH2s(String name) {
        assertThat(Grammar.SESSION_SETTINGS).doesNotContain(name);
    }
}
