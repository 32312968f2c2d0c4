package io.mortise.driver;

import io.mortise.engine.session.ConnectionState;
import io.mortise.engine.setting.Setting;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the client of a connection says of itself with {@code setClientInfo}. Thread-safe. */
final class ClientWords {
    static final String APPLICATION_NAME = "ApplicationName";
    static final String QUERY_ID = "query_id";
    /** Names and descriptions, in the order of the names. The first three are those that JDBC proposes. */
    static final Map<String, String> DESCRIPTIONS = new TreeMap<>(Map.of(
            APPLICATION_NAME,
            "the application; shown in IPE_CURSESSIONS",
            "ClientUser",
            "the user of the application",
            "ClientHostname",
            "the host that the application runs on",
            QUERY_ID,
            "the id of the next statement; refused while a statement of that id runs"));

    private final ConnectionState state;
    private volatile Map<String, String> others = Map.of(); // written under this; most clients say nothing

    ClientWords(ConnectionState state) {
        this.state = state;
    }

    /** Returns false if this is not a name of ours. */
    boolean set(String name, @Nullable String value) {
        Optional<String> known = nameOf(name);
        if (known.isEmpty()) {
            return false;
        }
        String text = value == null ? "" : value;
        switch (known.get()) {
            case APPLICATION_NAME -> state.set(Setting.APPLICATION_NAME, Setting.APPLICATION_NAME.parse(text));
            case QUERY_ID -> state.setNextQueryId(text);
            default -> put(known.get(), text);
        }
        return true;
    }

    private synchronized void put(String name, String text) {
        Map<String, String> more = new HashMap<>(others);
        more.put(name, text);
        others = Map.copyOf(more);
    }

    /** Null where nothing is set, as JDBC has it. */
    @Nullable
    String get(String name) {
        String value = switch (name) {
            case APPLICATION_NAME -> state.applicationName();
            case QUERY_ID -> state.nextQueryId();
            default -> others.getOrDefault(name, "");
        };
        return value.isEmpty() ? null : value;
    }

    static Optional<String> nameOf(String name) {
        return DESCRIPTIONS.keySet().stream()
                .filter(known -> known.equalsIgnoreCase(name))
                .findFirst();
    }

    void clear() {
        DESCRIPTIONS.keySet().forEach(name -> set(name, ""));
    }

    void addTo(Properties properties) {
        for (String name : DESCRIPTIONS.keySet()) {
            String value = get(name);
            if (value != null) {
                properties.setProperty(name, value);
            }
        }
    }
}
