package io.mortise.driver.url;

import io.mortise.engine.ConnectRequest;
import io.mortise.engine.Engine;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.provider.Provider;
import io.mortise.engine.provider.Providers;
import io.mortise.engine.setting.Nearest;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A URL of this driver with its properties, parsed: the one place that rejects a setting. Immutable.
 *
 * @param canonical the database as {@code getURL} reports it: no settings, so no password
 * @param request what the engine is asked for
 * @param unknownProperties entries of the properties that neither we nor H2 know
 */
public record ConnectionUrl(String canonical, ConnectRequest request, List<String> unknownProperties) {
    static final String PREFIX = "jdbc:mortise:";
    private static final String STORAGE = "h2:";
    private static final List<String> BEGINNINGS_OF_PATHS = List.of("/", "./", "../", "~/", ".\\");
    private static final String NOTHING_DONE = " No connection was made.";
    private static final Set<String> CREDENTIALS = Set.of("USER", "PASSWORD");

    /** Has this URL our prefix? Whether it can be used, only connecting tells. */
    public static boolean isOurs(String url) {
        return url.startsWith(PREFIX);
    }

    /** @throws SQLException 08001 for a URL or a key that is not known, 22023 for a value out of range */
    static ConnectionUrl parse(String url, Properties properties) throws SQLException {
        String rest = url.substring(PREFIX.length());
        Optional<Provider> provider = Providers.of(rest);
        if (provider.isPresent()) {
            Provider.Address address = provider.get().read(rest);
            Parts found = new Parts(provider);
            for (Map.Entry<String, String> entry : address.settings().entrySet()) {
                found.fromUrl(entry.getKey(), entry.getValue());
            }
            return of(address.database(), found, properties);
        }
        List<String> parts = split(rest);
        String database = canonical(url, parts.get(0));
        Parts found = new Parts(provider);
        for (String part : parts.subList(1, parts.size())) {
            found.fromUrl(part);
        }
        return of(database, found, properties);
    }

    private static ConnectionUrl of(String database, Parts found, Properties properties) throws SQLException {
        for (Map.Entry<String, String> entry : asText(properties).entrySet()) {
            found.fromProperties(entry.getKey(), entry.getValue());
        }
        Settings settings = Settings.of(found.settings);
        ConnectRequest request = new ConnectRequest(
                "jdbc:" + database + found.storageSettings,
                found.credentials.getOrDefault("USER", ""),
                found.credentials.getOrDefault("PASSWORD", ""),
                Map.copyOf(found.storageProperties),
                settings);
        String prefix = settings.get(Setting.REPORT_URL) ? "jdbc:" : PREFIX;
        return new ConnectionUrl(prefix + database, request, List.copyOf(found.unknown));
    }

    /** The same database for another user, without our settings. */
    public ConnectionUrl by(String user, String password) {
        return new ConnectionUrl(
                canonical,
                new ConnectRequest(request.storageUrl(), user, password, request.properties(), Settings.DEFAULTS),
                List.of());
    }

    /** Can others connect to the same database? A database in memory without a name is its one connection's. */
    public boolean isReachable() {
        return !canonical.endsWith("h2:mem:");
    }

    /** Our settings as given, unchecked, and the user: for tools that ask before the URL is complete. */
    public static Map<Setting<?>, String> settingsOf(String url, Properties properties) {
        Map<Setting<?>, String> settings = new LinkedHashMap<>();
        settingsIn(url).forEach((key, value) -> Setting.named(key).ifPresent(setting -> settings.put(setting, value)));
        asText(properties)
                .forEach((key, value) -> Setting.named(key).ifPresent(setting -> settings.put(setting, value)));
        return settings;
    }

    private static Map<String, String> settingsIn(String url) {
        try {
            Optional<Provider> provider = isOurs(url) ? Providers.of(url.substring(PREFIX.length())) : Optional.empty();
            if (provider.isPresent()) {
                return provider.get().read(url.substring(PREFIX.length())).settings();
            }
        } catch (SQLException e) {
            return Map.of(); // It is not complete yet, or cannot be used here: there is nothing to show of it.
        }
        Map<String, String> found = new LinkedHashMap<>();
        List<String> parts = isOurs(url) ? split(url) : List.of("");
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                found.put(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        return found;
    }

    /** {@code h2:} and one of the forms of H2, a path being written as {@code file:} whichever way it came. */
    private static String canonical(String url, String given) throws SQLException {
        String inner = given.startsWith(STORAGE) ? given.substring(STORAGE.length()) : given;
        boolean isPath = isPath(inner);
        if (!given.startsWith(STORAGE) && !isPath && !Engine.isStoragePlace(inner)) {
            throw EngineError.INVALID_URL.exception(
                    url.split(";", 2)[0] + " is not a URL of this driver." + NOTHING_DONE
                            + " It is one of jdbc:mortise:h2:mem:NAME, jdbc:mortise:h2:file:PATH and"
                            + " jdbc:mortise:h2:tcp://HOST[:PORT]/NAME, each with [;KEY=VALUE...]; h2: can be left out.");
        }
        return STORAGE + (isPath ? "file:" : "") + inner;
    }

    private static boolean isPath(String place) {
        for (String beginning : BEGINNINGS_OF_PATHS) {
            if (place.startsWith(beginning)) {
                return true;
            }
        }
        return place.length() > 2
                && isLetter(place.charAt(0))
                && place.charAt(1) == ':'
                && (place.charAt(2) == '/' || place.charAt(2) == '\\');
    }

    private static boolean isLetter(char c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }

    /** At semicolons; a backslash keeps the next character from counting, and stays, for H2 reads it again. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ';') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
                if (c == '\\' && i + 1 < text.length()) {
                    part.append(text.charAt(++i));
                }
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /** With the defaults of the properties, and values that are not text (an Integer, a char array) as text. */
    private static Map<String, String> asText(Properties properties) {
        Map<String, String> entries = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(key -> entries.put(key, properties.getProperty(key)));
        properties.forEach((key, value) -> {
            if (key != null && value != null) {
                entries.put(key.toString(), value instanceof char[] chars ? new String(chars) : value.toString());
            }
        });
        return entries;
    }

    /** What has been found so far. */
    private static final class Parts {
        private final Map<Setting<?>, String> settings = new LinkedHashMap<>();
        private final Map<String, String> credentials = new LinkedHashMap<>();
        private final Map<String, String> storageProperties = new LinkedHashMap<>();
        private final List<String> unknown = new ArrayList<>();
        private final StringBuilder storageSettings = new StringBuilder();
        private final Optional<Provider> provider;

        Parts(Optional<Provider> provider) {
            this.provider = provider;
        }

        private void fromUrl(String part) throws SQLException {
            if (part.isEmpty()) {
                return;
            }
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw EngineError.INVALID_URL.exception(
                        "Setting " + part + " has no value." + NOTHING_DONE + " Write " + part + "=VALUE.");
            }
            String key = part.substring(0, equals);
            if (!isOurs(key) && Engine.storageSettings().contains(key.toUpperCase(Locale.ROOT))) {
                storageSettings.append(';').append(part);
            } else {
                fromUrl(key, part.substring(equals + 1).replace("\\;", ";"));
            }
        }

        private void fromUrl(String key, String value) throws SQLException {
            if (!isTaken(key, value)) {
                throw unknownSetting(key);
            }
        }

        private void fromProperties(String key, String value) throws SQLException {
            if (!isTaken(key, value)) {
                unknown.add(key);
            }
        }

        /** A setting of ours, a user or a password? */
        private static boolean isOurs(String key) {
            return Setting.named(key).isPresent() || CREDENTIALS.contains(key.toUpperCase(Locale.ROOT));
        }

        private boolean isTaken(String key, String value) throws SQLException {
            String upper = key.toUpperCase(Locale.ROOT);
            Optional<Setting<?>> setting = Setting.named(key);
            if (setting.isPresent()) {
                put(setting.get(), value);
                return true;
            }
            if (CREDENTIALS.contains(upper)) {
                putOnce(credentials, upper, value);
                return true;
            }
            Optional<String> storages = provider.isPresent()
                    ? provider.get().settingNamed(key)
                    : Optional.of(upper).filter(Engine.storageSettings()::contains);
            if (storages.isPresent()) {
                put(storages.get(), value);
            }
            return storages.isPresent();
        }

        private <T> void put(Setting<T> setting, String value) throws SQLException {
            Optional<String> complaint = setting.complaint(value);
            if (complaint.isPresent()) {
                throw setting == Setting.SESSION_TIMEOUT
                        ? EngineError.INVALID_SESSION_TIMEOUT.exception(complaint.get() + " No session was made.")
                        : EngineError.INVALID_SETTING_VALUE.exception(complaint.get() + NOTHING_DONE);
            }
            String before = settings.put(setting, value);
            if (before != null && !setting.parse(before).equals(setting.parse(value))) {
                throw twice(setting.name());
            }
        }

        /** H2 itself prefers what stands in its URL; of what a provider is handed there is one place only. */
        private void put(String storages, String value) throws SQLException {
            if (provider.isPresent()) {
                putOnce(storageProperties, storages, value);
            } else {
                storageProperties.put(storages, value);
            }
        }

        private static void putOnce(Map<String, String> map, String key, String value) throws SQLException {
            String before = map.put(key, value);
            if (before != null && !before.equals(value)) {
                throw twice(key);
            }
        }

        /** Says no value: it may be a password. */
        private static SQLException twice(String key) {
            return EngineError.INVALID_URL.exception(
                    key + " is given twice, with different values." + NOTHING_DONE + " Leave one out.");
        }

        private SQLException unknownSetting(String key) {
            Set<String> known =
                    Setting.all().stream().map(Setting::name).collect(Collectors.toCollection(TreeSet::new));
            known.addAll(provider.map(Provider::settings).orElseGet(Engine::storageSettings));
            String nearest = Nearest.to(key, known)
                    .map(name -> " Did you mean " + name + "?")
                    .orElse("");
            return EngineError.UNKNOWN_SETTING.exception("Unknown setting " + Nearest.shown(key) + "." + NOTHING_DONE
                    + nearest + " docs/settings.md lists them.");
        }
    }
}
