package io.mortise.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.setting.Setting;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which SET is the engine's: that of every setting there is, but for those that H2 sets itself. */
class SessionSettingsTest {
    private static final CommandParser PARSER = new CommandParser(new CommandParser.Marks("s", "k", "l"));

    @ParameterizedTest
    @MethodSource("thoseThatH2HasNot")
    void everySettingMayStandBehindSet(Setting<?> setting) throws Exception {
        for (String sql : List.of("SET PARAMETER %s = 'v'", "SET %s 'v'", "set %s = v", "SET %s TO 'v'")) {
            assertThat(PARSER.read(String.format(sql, setting.name())).commands())
                    .as(sql)
                    .containsExactly(new Command.SetParameter(setting.name(), "v"));
        }
    }

    static Stream<Setting<?>> thoseThatH2HasNot() {
        return Setting.all().stream()
                .filter(setting -> setting != Setting.LOCK_TIMEOUT && setting != Setting.QUERY_TIMEOUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET LOCK_TIMEOUT 5",
                "SET QUERY_TIMEOUT = 5",
                "SET READONLY TRUE",
                "SET @LKTI = 5",
                "SET SCHEMA PUBLIC",
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT"
            })
    void whatH2HasStaysH2s(String sql) throws Exception {
        assertThat(PARSER.read(sql).commands()).isEmpty();
    }
}
