package io.mortise.engine.storage.serial;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.tx.TransactionMap;
import org.jspecify.annotations.Nullable;

/**
 * The maps that a transaction of the store's has opened. Every read or write of the transaction asks here for the map
 * first, by any route: so nothing can be read that is not heard of. One thread.
 */
final class WatchedMaps extends HashMap<Integer, TransactionMap<?, ?>> {
    private static final long serialVersionUID = 1;
    private final transient Consumer<MVMap<?, ?>> asked;

    WatchedMaps(Map<Integer, TransactionMap<?, ?>> before, Consumer<MVMap<?, ?>> asked) {
        super(before);
        this.asked = asked;
    }

    @Override
    public @Nullable TransactionMap<?, ?> get(@Nullable Object number) {
        TransactionMap<?, ?> map = super.get(number);
        if (map != null) {
            asked.accept(map.map);
        }
        return map;
    }

    @Override
    public @Nullable TransactionMap<?, ?> put(Integer number, TransactionMap<?, ?> map) {
        asked.accept(map.map);
        return super.put(number, map);
    }
}
