package io.mortise.engine;

import io.mortise.engine.setting.Setting;
import java.util.HashMap;
import java.util.Map;

/**
 * What a client asks for when it connects. Immutable.
 *
 * @param storageUrl H2's own URL, {@code jdbc:h2:…}, with H2's own settings only
 * @param properties entries that are neither ours nor user and password; handed to H2
 * @param settings ours, as given; each checked already against its {@link Setting.Kind}
 */
public record ConnectRequest(
        String storageUrl,
        String user,
        String password,
        Map<String, String> properties,
        Map<Setting, String> settings) {

    /** The same by another user, without what only an administrator may ask for: the first has asked for it. */
    public ConnectRequest by(String another, String anothersPassword) {
        Map<Setting, String> others = new HashMap<>(settings);
        others.keySet().removeIf(Setting::isAdministrators);
        return new ConnectRequest(storageUrl, another, anothersPassword, properties, Map.copyOf(others));
    }

    /** The same, whether or not there is a session of that name already. */
    public ConnectRequest unchecked() {
        Map<Setting, String> others = new HashMap<>(settings);
        others.remove(Setting.SESSION_CHECK);
        return new ConnectRequest(storageUrl, user, password, properties, Map.copyOf(others));
    }
}
