package io.mortise.engine.storage.row;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.util.Optional;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Who has a row in storage, as of one moment. Immutable.
 *
 * @param kind what is true of the row
 * @param holding the other transaction, if it is one that the engine knows
 * @param row as it is now; if another has it, as it is committed
 */
public record Holder(Kind kind, Optional<Holding> holding, Optional<Row> row) {
    enum Kind {
        /** Deleted. */
        GONE,
        /** Committed. */
        NOBODY,
        /** Written or locked by the transaction that asks. */
        OWN,
        /** Written or locked by another. */
        OTHER
    }

    private static final Holder GONE = new Holder(Kind.GONE, Optional.empty(), Optional.empty());

    /** @param own the slot of the transaction that asks */
    public static Holder of(LockableTable table, long key, int own) {
        OpenTransactions transactions = table.storage().transactions();
        while (true) {
            VersionedValue<SearchRow> version = version(table, key);
            int slot = version == null ? 0 : OpenTransactions.slotOf(version);
            if (version == null || slot == 0 || slot == own) {
                Optional<Row> row = version == null ? Optional.empty() : row(version.getCurrentValue(), key);
                return row.isEmpty() ? GONE : new Holder(slot == 0 ? Kind.NOBODY : Kind.OWN, Optional.empty(), row);
            }
            Optional<Holding> holding = transactions.holdingOf(version);
            VersionedValue<SearchRow> again = version(table, key);
            boolean same = again != null && OpenTransactions.slotOf(again) == slot;
            if (same && holding.map(Holding::owner).equals(transactions.ownerOf(slot))) {
                return new Holder(Kind.OTHER, holding, row(version.getCommittedValue(), key));
            }
        }
    }

    /** A row as it will be if its owner commits; empty if it is being deleted, or not there. */
    public static Optional<Row> uncommitted(LockableTable table, long key) {
        VersionedValue<SearchRow> version = version(table, key);
        return version == null ? Optional.empty() : row(version.getCurrentValue(), key);
    }

    private static Optional<Row> row(@Nullable SearchRow value, long key) {
        if (!(value instanceof Row row)) {
            return Optional.empty();
        }
        if (row.getKey() == 0) {
            row.setKey(key); // As H2 does: the key is not stored twice.
        }
        return Optional.of(row);
    }

    private static @Nullable VersionedValue<SearchRow> version(LockableTable table, long key) {
        return table.primary().getMVMap().get(key);
    }

    /** The slot of the transaction that has a row now; 0 if none has. */
    public static int slotOf(LockableTable table, long key) {
        VersionedValue<SearchRow> version = version(table, key);
        return version == null ? 0 : OpenTransactions.slotOf(version);
    }

    Optional<OwnerId> owner() {
        return holding.map(Holding::owner);
    }

    boolean isGone() {
        return kind == Kind.GONE;
    }

    public boolean isOwn() {
        return kind == Kind.OWN;
    }

    /** Has it a transaction that the engine does not know, such as one left prepared by a crash? */
    boolean isStranger() {
        return kind == Kind.OTHER && holding.isEmpty();
    }
}
