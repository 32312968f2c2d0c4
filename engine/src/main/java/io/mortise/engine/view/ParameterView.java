package io.mortise.engine.view;

import io.mortise.engine.setting.Setting;
import io.mortise.engine.virtual.VirtualTable;
import java.util.Locale;

/** SYS.PARAMETERS: every setting, and its value for the reader's session. Stateless. */
final class ParameterView {
    private ParameterView() {}

    static VirtualTable<Setting<?>> of(Sources sources) {
        return new VirtualTable<Setting<?>>(
                        "SYS",
                        "PARAMETERS",
                        "Settings; SET PARAMETER name = value changes one",
                        reader -> Setting.all().stream())
                .column(
                        "PARAMETER",
                        "VARCHAR",
                        "name of the setting",
                        setting -> setting.name().toLowerCase(Locale.ROOT))
                .columnFor(
                        "SETTING",
                        "VARCHAR",
                        "its value here and now",
                        (setting, reader) -> Cells.text(sources.settings().apply(reader, setting)))
                .column(
                        "DEFAULT_SETTING",
                        "VARCHAR",
                        "its value unless it is set",
                        setting -> Cells.text(setting.defaultText()))
                .column("UNIT", "VARCHAR", "unit", setting -> Cells.text(setting.unit()))
                .column(
                        "SCOPE",
                        "VARCHAR",
                        "DATABASE: for every connection; SESSION: for one session",
                        setting -> setting.scope().name())
                .column("DESCRIPTION", "VARCHAR", "what it is", Setting::description);
    }
}
