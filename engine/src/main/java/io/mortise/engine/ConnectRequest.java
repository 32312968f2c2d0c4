package io.mortise.engine;

import io.mortise.engine.provider.Provider;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.util.Map;

/**
 * What a client asks for when it connects. Immutable.
 *
 * @param storageUrl H2's own URL, {@code jdbc:h2:…}, with H2's own settings only
 * @param properties entries that are neither ours nor user and password; handed to H2
 * @param settings ours, as given; each checked already
 */
public record ConnectRequest(
        String storageUrl, String user, String password, Map<String, String> properties, Settings settings) {

    /** The same by another user, without what only an administrator may ask for: the first has asked for it. */
    public ConnectRequest by(String another, String anothersPassword) {
        return new ConnectRequest(
                storageUrl,
                another,
                anothersPassword,
                properties,
                settings.only(setting -> !setting.isAdministrators()));
    }

    /** Is it for H2, and so for no provider? */
    public boolean isForH2() {
        return storageUrl.startsWith("jdbc:h2:");
    }

    /** As a provider is asked. */
    Provider.Login to(String database) {
        return new Provider.Login(database, user, password, properties, settings);
    }

    /** The same, whether or not there is a session of that name already. */
    public ConnectRequest unchecked() {
        return new ConnectRequest(
                storageUrl, user, password, properties, settings.only(setting -> setting != Setting.SESSION_CHECK));
    }
}
