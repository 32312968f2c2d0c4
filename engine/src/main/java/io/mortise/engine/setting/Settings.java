package io.mortise.engine.setting;

import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one connection, session or database: the values that were given, and the default of any other.
 * Immutable.
 */
public final class Settings {
    /** Nothing was given. */
    public static final Settings DEFAULTS = new Settings(Map.of());

    /** Each value is of its setting's type: {@link #of} and {@link #with} are the only ways in. */
    private final Map<Setting<?>, Object> given;

    private Settings(Map<Setting<?>, Object> given) {
        this.given = given;
    }

    /**
     * These, read from text.
     *
     * @throws IllegalArgumentException for a text that its setting would complain of
     */
    public static Settings of(Map<Setting<?>, String> texts) {
        if (texts.isEmpty()) {
            return DEFAULTS; // As on nearly every connection.
        }
        return new Settings(texts.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Entry::getKey, entry -> entry.getKey().parse(entry.getValue()))));
    }

    public <T> T get(Setting<T> setting) {
        T value = valueOf(setting);
        return value == null ? setting.defaultValue() : value;
    }

    /** The value that was given; empty if the default counts. */
    public <T> Optional<T> given(Setting<T> setting) {
        return Optional.ofNullable(valueOf(setting));
    }

    @SuppressWarnings("unchecked")
    private <T> @Nullable T valueOf(Setting<T> setting) {
        return given.isEmpty() ? null : (T) given.get(setting); // Asked a dozen times a connection, and most have none.
    }

    public <T> Settings with(Setting<T> setting, T value) {
        Map<Setting<?>, Object> changed = new HashMap<>(given);
        changed.put(setting, value);
        return new Settings(Map.copyOf(changed));
    }

    /** Those given for which this holds. */
    public Settings only(Predicate<Setting<?>> condition) {
        return new Settings(given.entrySet().stream()
                .filter(entry -> condition.test(entry.getKey()))
                .collect(Collectors.toUnmodifiableMap(Entry::getKey, Entry::getValue)));
    }

    /** Which were given. */
    public Set<Setting<?>> names() {
        return given.keySet();
    }

    /** The value that counts, as it is written. */
    public <T> String text(Setting<T> setting) {
        return setting.text(get(setting));
    }

    /** Those given, as they are written. */
    public Map<Setting<?>, String> texts() {
        return given.keySet().stream().collect(Collectors.toUnmodifiableMap(setting -> setting, this::text));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings settings && given.equals(settings.given);
    }

    @Override
    public int hashCode() {
        return given.hashCode();
    }

    @Override
    public String toString() {
        return texts().toString();
    }
}
