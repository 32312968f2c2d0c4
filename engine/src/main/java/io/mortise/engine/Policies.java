package io.mortise.engine;

import io.mortise.engine.policy.KognitioPolicy;
import io.mortise.engine.policy.KognitioPolicy.AutocommitSelect;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.policy.MvccPolicy;
import io.mortise.engine.policy.SqreamPolicy;
import io.mortise.engine.setting.Setting;
import java.util.Locale;
import java.util.Map;

/** Makes the lock policy that the settings ask for. Stateless. */
final class Policies {
    /** H2's own, for both rows and tables. */
    private static final long MVCC_LOCK_TIMEOUT_MILLIS = 2000;

    private Policies() {}

    static LockPolicy of(Map<Setting, String> settings) {
        return switch (value(settings, Setting.LOCK_POLICY).toLowerCase(Locale.ROOT)) {
            case "kognitio" -> new KognitioPolicy(seconds(settings, Setting.LKTI), autocommitSelect(settings));
            case "sqream" -> new SqreamPolicy(seconds(settings, Setting.STATEMENT_LOCK_TIMEOUT));
            default -> new MvccPolicy(MVCC_LOCK_TIMEOUT_MILLIS);
        };
    }

    private static AutocommitSelect autocommitSelect(Map<Setting, String> settings) {
        return value(settings, Setting.DEFAULT_AT_NOW).equals("0") ? AutocommitSelect.LOCKING : AutocommitSelect.AT_NOW;
    }

    private static long seconds(Map<Setting, String> settings, Setting setting) {
        return Long.parseLong(value(settings, setting)) * 1000;
    }

    private static String value(Map<Setting, String> settings, Setting setting) {
        return settings.getOrDefault(setting, setting.defaultValue());
    }
}
