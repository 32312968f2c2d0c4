package io.mortise.engine.storage;

import java.util.Optional;
import org.h2.index.Index;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.mvstore.db.MVIndex;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/** Looks into an index for what is there now, past every snapshot. Stateless. */
final class CommittedNow {
    private CommittedNow() {}

    /**
     * What an index holds under some values.
     *
     * @param isCertain is it there whoever ends how? False while another transaction is putting it in or taking it out
     * @param slot of that transaction
     */
    record Entry(long rowKey, boolean isCertain, int slot) {}

    /** An entry with these values; one that is certain, if there is one. */
    static Optional<Entry> find(StorageSession session, LockingTable table, Index index, SearchRow wanted) {
        int own = session.h2().getTransaction().getId();
        int main = table.primary().getMainIndexColumn();
        if (index instanceof MVDelegateIndex) {
            long key = wanted.getValue(main).getLong();
            return entry(own, key, table.primary().getMVMap().get(key));
        }
        return index instanceof MVIndex<?, ?> secondary ? find(own, secondary, wanted) : Optional.empty();
    }

    @SuppressWarnings("unchecked") // the keys of every index but the primary are rows
    private static Optional<Entry> find(int own, MVIndex<?, ?> index, SearchRow wanted) {
        MVMap<SearchRow, VersionedValue<Value>> map =
                (MVMap<SearchRow, VersionedValue<Value>>) (MVMap<?, ?>) index.getMVMap();
        Cursor<SearchRow, VersionedValue<Value>> entries =
                map.cursor(bound(index, wanted, Long.MIN_VALUE), bound(index, wanted, Long.MAX_VALUE), false);
        Optional<Entry> found = Optional.empty();
        while (entries.hasNext() && found.filter(Entry::isCertain).isEmpty()) {
            SearchRow key = entries.next();
            Optional<Entry> next = entry(own, key.getKey(), entries.getValue());
            found = next.isPresent() ? next : found;
        }
        return found;
    }

    static SearchRow bound(Index index, SearchRow row, long key) {
        SearchRow bound = index.getRowFactory().createRow();
        bound.copyFrom(row);
        bound.setKey(key);
        return bound;
    }

    private static Optional<Entry> entry(int own, long rowKey, @Nullable VersionedValue<?> version) {
        if (version == null) {
            return Optional.empty();
        }
        int slot = OpenTransactions.slotOf(version);
        boolean isThere = version.getCurrentValue() != null;
        if (slot == 0 || slot == own) {
            return isThere ? Optional.of(new Entry(rowKey, true, 0)) : Optional.empty();
        }
        boolean wasThere = version.getCommittedValue() != null;
        return isThere || wasThere ? Optional.of(new Entry(rowKey, isThere && wasThere, slot)) : Optional.empty();
    }
}
