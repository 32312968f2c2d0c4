package io.mortise.engine.storage.transaction;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.VarHandle;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.RootReference;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.value.VersionedValue;

/** The states that a map has had, by number: H2 counts each change of it, commits too. Stateless. */
public final class MapStates {
    private static final VarHandle NUMBER;
    private static final VarHandle SHOWN;
    private static final VarHandle ROOT;

    static {
        try {
            NUMBER = H2Reflection.in(RootReference.class)
                    .findVarHandle(RootReference.class, "updateCounter", long.class);
            Class<?> snapshot = Class.forName("org.h2.mvstore.tx.Snapshot");
            SHOWN = H2Reflection.in(TransactionMap.class).findVarHandle(TransactionMap.class, "snapshot", snapshot);
            ROOT = H2Reflection.in(snapshot).findVarHandle(snapshot, "root", RootReference.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private MapStates() {}

    /** The state in which it is now. */
    public static long of(MVMap<?, ?> map) {
        return (long) NUMBER.get(map.getRoot());
    }

    /** Does a transaction that keeps one snapshot have it of an earlier state? On the transaction's thread. */
    public static <K, V> boolean isShownBefore(long state, Transaction transaction, MVMap<K, VersionedValue<V>> map) {
        if (transaction.allowNonRepeatableRead() || !transaction.hasStatementDependencies()) {
            return false; // It takes another for each statement, or has not taken it yet.
        }
        Object shown = SHOWN.get(transaction.openMapX(map));
        return shown != null && (long) NUMBER.get((RootReference<?, ?>) ROOT.get(shown)) < state;
    }
}
