package io.mortise.engine.storage.serial;

import java.util.Collection;
import java.util.HashMap;
import java.util.function.Consumer;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.tx.TransactionMap;
import org.jspecify.annotations.Nullable;

/**
 * The maps that a transaction of the store's has opened. Every read or write of the transaction asks here for the map
 * first, by any route: so nothing can be read that is not heard of. And each map shows the transaction's snapshot from
 * the moment when it is opened. One thread.
 */
final class WatchedMaps extends HashMap<Integer, TransactionMap<?, ?>> {
    private static final long serialVersionUID = 1;
    private final transient Consumer<MVMap<?, ?>> asked;
    /** Null once the transaction has ended. */
    private transient @Nullable StoreSnapshot snapshot;

    private boolean isInFirstStatement = true;

    WatchedMaps(StoreSnapshot snapshot, Consumer<MVMap<?, ?>> asked) {
        super(8);
        this.snapshot = snapshot;
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
        StoreSnapshot shown = snapshot;
        if (shown != null) {
            shown.show(number, map);
            if (isInFirstStatement) {
                StoreSnapshot.showToStatement(map);
            }
        }
        return super.put(number, map);
    }

    /** {@inheritDoc} H2 asks whether the transaction has its snapshot. */
    @Override
    public boolean isEmpty() {
        return snapshot == null && super.isEmpty();
    }

    /** {@inheritDoc} H2 goes through them where a statement ends, and takes from each what only that has seen. */
    @Override
    public Collection<TransactionMap<?, ?>> values() {
        isInFirstStatement = false;
        return super.values();
    }

    /** {@inheritDoc} The transaction ends. */
    @Override
    public void clear() {
        snapshot = null;
        super.clear();
    }
}
