package io.mortise.engine.storage.key;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.h2.api.ErrorCode;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.result.SearchRow;

/**
 * A serializable transaction must not be told of a duplicate that its snapshot does not show. Nor of one that has gone,
 * be it since the snapshot or since storage has refused it. One thread, for one refusal.
 */
final class ShownDuplicates {
    private final StorageSession session;
    private final Index index;
    private final SnapshotKeys keys;

    private ShownDuplicates(StorageSession session, LockableTable table, Index index) {
        this.session = session;
        this.index = index;
        this.keys = new SnapshotKeys(session, table, index);
    }

    /** Empty if storage has refused something else, or the transaction is none that notes what it reads. */
    static Optional<ShownDuplicates> of(StorageSession session, LockableTable table, DbException refusal) {
        Spot.DUPLICATE_MET.pass();
        boolean isToBeChecked = refusal.getErrorCode() == ErrorCode.DUPLICATE_KEY_1
                && refusal.getSource() instanceof Index
                && session.serial().isOpen()
                && !table.isPrivate();
        return isToBeChecked
                ? Optional.of(new ShownDuplicates(session, table, readable(table, (Index) refusal.getSource())))
                : Optional.empty();
    }

    /** H2 names the rows themselves where it means the key by which they are numbered. */
    private static Index readable(LockableTable table, Index named) {
        return CurrentEntries.canRead(named)
                ? named
                : table.getIndexes().stream()
                        .filter(MVDelegateIndex.class::isInstance)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("a duplicate without a key"));
    }

    /** Throws if it is not shown, or has gone. */
    void check(Row row) {
        if (find(row).isEmpty()) {
            throw keys.gone(row);
        }
    }

    /**
     * The same of many rows, an old and a new one by turns: one of them is refused, perhaps for another. Those before
     * it are written, and none of them is in its own way.
     *
     * @param place in the transaction's log, where this write begins
     */
    void check(LocalResult rows, long place) {
        Set<Row> different = new TreeSet<>(index::compareRows);
        boolean isThere = false;
        rows.reset();
        while (rows.next()) {
            rows.next();
            Row row = rows.currentRowForTable();
            isThere |= find(row).filter(found -> !found.isWrittenSince(place)).isPresent();
            isThere |= !different.add(row);
        }
        if (!isThere && !different.isEmpty()) {
            throw keys.gone(different.iterator().next());
        }
    }

    private Optional<CurrentEntries.Entry> find(Row row) {
        Optional<CurrentEntries.Entry> there = new CurrentEntries(session.h2(), index).find(row);
        if (there.isEmpty()) {
            keys.absent(row, SearchRow.MATCH_ALL_ROW_KEY);
        } else if (!there.get().isOwn()) {
            keys.present(row, there.get().row());
        }
        return there;
    }
}
