package io.mortise.engine.storage.serial;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.mvstore.RootReference;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.jspecify.annotations.Nullable;

/**
 * What all tables are at one moment: the root of each of their maps, and who was committing. H2 takes it in the same
 * way, and makes an object for each map at once. Here a map gets its own when the transaction asks for it. Immutable.
 */
final class StoreSnapshot {
    private static final VarHandle COMMITTING;
    private static final VarHandle BITS;
    private static final MethodHandle SNAPSHOT;
    private static final VarHandle OF_TRANSACTION;
    private static final VarHandle OF_STATEMENT;

    static {
        try {
            COMMITTING = MethodHandles.privateLookupIn(TransactionStore.class, MethodHandles.lookup())
                    .findVarHandle(TransactionStore.class, "committingTransactions", AtomicReference.class);
            Class<?> versioned = Class.forName("org.h2.mvstore.tx.VersionedBitSet");
            BITS = MethodHandles.privateLookupIn(versioned, MethodHandles.lookup())
                    .findVarHandle(versioned, "bits", long[].class);
            Class<?> snapshot = Class.forName("org.h2.mvstore.tx.Snapshot");
            SNAPSHOT = MethodHandles.privateLookupIn(snapshot, MethodHandles.lookup())
                    .findConstructor(snapshot, MethodType.methodType(void.class, RootReference.class, long[].class))
                    .asType(MethodType.methodType(Object.class, RootReference.class, long[].class));
            MethodHandles.Lookup maps = MethodHandles.privateLookupIn(TransactionMap.class, MethodHandles.lookup());
            OF_TRANSACTION = maps.findVarHandle(TransactionMap.class, "snapshot", snapshot);
            OF_STATEMENT = maps.findVarHandle(TransactionMap.class, "statementSnapshot", snapshot);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final AllMaps maps;
    private final RootReference<?, ?>[] roots;
    private final long[] committing;

    private StoreSnapshot(AllMaps maps, RootReference<?, ?>[] roots, long[] committing) {
        this.maps = maps;
        this.roots = roots;
        this.committing = committing;
    }

    /** Takes it: anew if somebody has begun or ended a commit meanwhile. */
    static StoreSnapshot of(TransactionStore store, AllMaps maps) {
        AtomicReference<?> now = (AtomicReference<?>) COMMITTING.get(store);
        RootReference<?, ?>[] roots = new RootReference<?, ?>[maps.size()];
        Object before;
        do {
            before = now.get();
            for (int i = 0; i < roots.length; i++) {
                roots[i] = maps.get(i).flushAndGetRoot();
            }
        } while (now.get() != before);
        return new StoreSnapshot(maps, roots, (long[]) BITS.get(before));
    }

    /** Who was committing then: a bit for each transaction, by its number. Not to be changed. */
    long[] committing() {
        return committing;
    }

    /**
     * Lets a transaction see of a map what is in here.
     *
     * @param number the map's
     */
    void show(Integer number, TransactionMap<?, ?> map) {
        @Nullable Integer place = maps.place(number);
        if (place != null) {
            OF_TRANSACTION.set(map, made(roots[place]));
        }
    }

    /** Lets the statement that runs see of a map what its transaction sees, besides what that has written. */
    static void showToStatement(TransactionMap<?, ?> map) {
        OF_STATEMENT.set(map, OF_TRANSACTION.get(map));
    }

    private Object made(RootReference<?, ?> root) {
        try {
            return (Object) SNAPSHOT.invokeExact((RootReference) root, committing);
        } catch (Throwable e) {
            throw new AssertionError("it only sets two fields", e);
        }
    }
}
