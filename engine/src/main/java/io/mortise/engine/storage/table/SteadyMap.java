package io.mortise.engine.storage.table;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A map that H2 keeps in something shared, read as it was when the reading began. Thread-safe for what H2 does with it;
 * nobody needs a lock to read it.
 */
final class SteadyMap<K, V> extends HashMap<K, V> {
    private static final long serialVersionUID = 1;

    /** Never changed, only replaced. A final field, because H2 hands the map to other threads in a plain one. */
    private final AtomicReference<HashMap<K, V>> now;

    SteadyMap(Map<? extends K, ? extends V> first) {
        now = new AtomicReference<>(new HashMap<>(first));
    }

    private HashMap<K, V> now() {
        return Objects.requireNonNull(now.get());
    }

    @Override
    public synchronized @Nullable V put(K key, V value) {
        HashMap<K, V> next = new HashMap<>(now());
        V before = next.put(key, value);
        now.set(next);
        return before;
    }

    @Override
    public synchronized @Nullable V remove(@Nullable Object key) {
        HashMap<K, V> next = new HashMap<>(now());
        V before = next.remove(key);
        now.set(next);
        return before;
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        return now().get(key);
    }

    @Override
    public Set<K> keySet() {
        return Collections.unmodifiableSet(now().keySet());
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return Collections.unmodifiableMap(now()).entrySet();
    }

    /** At least 1: H2 throws an empty map away, between two looks that others take at its field. */
    @Override
    public int size() {
        return Math.max(1, now().size());
    }
}
