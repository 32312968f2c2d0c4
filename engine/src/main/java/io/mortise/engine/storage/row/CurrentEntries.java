package io.mortise.engine.storage.row;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the rows with a key as they are now: what has been committed, and what the looking transaction has written,
 * whatever its isolation level lets it see. One thread.
 */
public final class CurrentEntries {
    /** What is true of a row with the key. */
    public enum State {
        /** Nobody else has touched it, or the looking transaction has written it. */
        THERE,
        /** Another open transaction has written it, and it had the key before and has it after. */
        TOUCHED,
        /** Another open transaction has removed it, or changed its key. */
        LEAVING
    }

    /**
     * @param version as it was read
     * @param isOwn has the looking transaction written it?
     * @param slotNow {@link #slot} at the time of asking; by any thread
     */
    public record Entry(long row, State state, VersionedValue<?> version, boolean isOwn, IntSupplier slotNow) {
        /** Of the open transaction that has written it; 0 if it is committed. */
        public int slot() {
            return OpenTransactions.slotOf(version);
        }

        /** Has the looking transaction written it, at this place of its log or behind it? */
        public boolean isWrittenSince(long place) {
            return isOwn && OpenTransactions.placeOf(version) >= place;
        }

        /** The open transaction that has written it, if it is one that the engine knows and it is still so. */
        public Optional<Holding> holding(OpenTransactions transactions) {
            Optional<Holding> holding = transactions.holdingOf(version);
            boolean same =
                    slotNow.getAsInt() == slot() && holding.map(Holding::owner).equals(transactions.ownerOf(slot()));
            return same ? holding : Optional.empty();
        }
    }

    private final SessionLocal session;
    private final Index index;
    private final int own;

    public CurrentEntries(SessionLocal session, Index index) {
        this.session = session;
        this.index = index;
        this.own = session.getTransaction().getId();
    }

    /** Can it look into this index? All that H2 makes for keys are of these two kinds. */
    public static boolean canRead(@Nullable Index index) {
        return index instanceof MVSecondaryIndex || index instanceof MVDelegateIndex;
    }

    /** The row with these values of the key: one that stays if there is one, else one that leaves. */
    public Optional<Entry> find(SearchRow values) {
        Entry[] leaving = new Entry[1];
        Optional<Entry> staying = first(values, entry -> {
            if (entry.state == State.LEAVING) {
                leaving[0] = entry;
            }
            return entry.state != State.LEAVING;
        });
        return staying.isPresent() ? staying : Optional.ofNullable(leaving[0]);
    }

    /** A row with these values, other than this one. One that another transaction removes still counts. */
    public Optional<Entry> other(SearchRow values, long exceptRow) {
        return first(values, entry -> entry.row != exceptRow);
    }

    /** A row with these values that another open transaction has written, inserted or removed, as asked for. */
    public Optional<Entry> written(SearchRow values, Predicate<Entry> wanted) {
        if (index instanceof MVDelegateIndex delegate) {
            Long key = values.getValue(rowNumberColumn()).getLong();
            VersionedValue<SearchRow> version = delegate.getMVMap().get(key);
            return version == null || !isAnothers(version)
                    ? Optional.empty()
                    : Optional.of(other(delegate.getMVMap(), key, key, version)).filter(wanted);
        }
        return written(((MVSecondaryIndex) index).getMVMap(), values, wanted);
    }

    private <V> Optional<Entry> written(
            MVMap<SearchRow, VersionedValue<V>> map, SearchRow values, Predicate<Entry> wanted) {
        Cursor<SearchRow, VersionedValue<V>> entries =
                map.cursor(bound(index, values, Long.MIN_VALUE), bound(index, values, Long.MAX_VALUE), false);
        while (entries.hasNext()) {
            SearchRow key = entries.next();
            if (isAnothers(entries.getValue())) {
                Entry entry = other(map, key, key.getKey(), entries.getValue());
                if (wanted.test(entry)) {
                    return Optional.of(entry);
                }
            }
        }
        return Optional.empty();
    }

    private boolean isAnothers(VersionedValue<?> version) {
        int slot = OpenTransactions.slotOf(version);
        return slot != 0 && slot != own;
    }

    private int rowNumberColumn() {
        return ((MVPrimaryIndex) index.getTable().getScanIndex(session)).getMainIndexColumn();
    }

    private Optional<Entry> first(SearchRow values, Predicate<Entry> wanted) {
        if (index instanceof MVDelegateIndex delegate) {
            Long key = values.getValue(rowNumberColumn()).getLong();
            return entry(delegate.getMVMap(), key, key).filter(wanted);
        }
        return first(((MVSecondaryIndex) index).getMVMap(), values, wanted);
    }

    /**
     * What a cursor shows is of the moment when it was opened. If an entry has gone since, another may have come in its
     * place, as when the row got another primary key: then once more.
     */
    private <V> Optional<Entry> first(
            MVMap<SearchRow, VersionedValue<V>> map, SearchRow values, Predicate<Entry> wanted) {
        while (true) {
            Cursor<SearchRow, VersionedValue<V>> entries =
                    map.cursor(bound(index, values, Long.MIN_VALUE), bound(index, values, Long.MAX_VALUE), false);
            boolean hasLost = false;
            while (entries.hasNext()) {
                SearchRow key = entries.next();
                Optional<Entry> entry = entry(map, key, key.getKey());
                hasLost |= entry.isEmpty() && hasChanged(map, key, entries.getValue());
                if (entry.filter(wanted).isPresent()) {
                    return entry;
                }
            }
            if (!hasLost) {
                return Optional.empty();
            }
        }
    }

    private static <K, V> boolean hasChanged(MVMap<K, VersionedValue<V>> map, K key, VersionedValue<V> since) {
        VersionedValue<V> now = map.get(key);
        return now == null || now.getOperationId() != since.getOperationId();
    }

    /** The first or the last place in an index that a row with these values can have. */
    public static SearchRow bound(Index index, SearchRow values, long key) {
        SearchRow bound = index.getRowFactory().createRow();
        bound.copyFrom(values);
        bound.setKey(key);
        return bound;
    }

    private <K, V> Optional<Entry> entry(MVMap<K, VersionedValue<V>> map, K key, long row) {
        while (true) {
            VersionedValue<V> version = map.get(key);
            if (version == null) {
                return Optional.empty();
            }
            int slot = OpenTransactions.slotOf(version);
            if (slot == 0 || slot == own) {
                return version.getCurrentValue() == null
                        ? Optional.empty()
                        : Optional.of(new Entry(row, State.THERE, version, slot == own, () -> slot));
            }
            // Between its commit and the last of its entries that is marked so, a transaction has ended for all who
            // look: only H2's own reading of the entry knows.
            V seen = immediate(map, key);
            if (map.get(key) == version) {
                return seen == null ? Optional.empty() : Optional.of(other(map, key, row, version));
            }
        }
    }

    private <K, V> @Nullable V immediate(MVMap<K, VersionedValue<V>> map, K key) {
        TransactionMap<K, V> view = session.getTransaction().openMapX(map);
        return view.getImmediate(key);
    }

    private static <K, V> Entry other(MVMap<K, VersionedValue<V>> map, K key, long row, VersionedValue<V> version) {
        State state = version.getCurrentValue() == null ? State.LEAVING : State.TOUCHED;
        return new Entry(row, state, version, false, () -> {
            VersionedValue<V> now = map.get(key);
            return now == null ? 0 : OpenTransactions.slotOf(now);
        });
    }
}
