package io.mortise.engine.storage.transaction;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.slot.Slots;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.h2.engine.Database;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Which session runs the transaction in each of the store's slots. Thread-safe.
 *
 * <p>An uncommitted value names its writer by slot only, and slots are used again. Who asks for the writer of a value
 * must therefore look at the value again after the answer. If its slot and the session's transaction are the same, the
 * slot was that transaction's all the while.
 */
public final class OpenTransactions {
    /** In an operation id, the slot stands above the position in the transaction's undo log. */
    private static final int LOG_ID_BITS = 40;

    private static final long LOG_ID = (1L << LOG_ID_BITS) - 1;

    /** So many references stand in one line of memory at most. */
    private static final int LINE = 16;

    private static final int LINES = Slots.count() / LINE;

    /** A transaction may have written a value again and again; this often its first writing is looked for. */
    private static final int LOOK_BACK = 1000;

    /** One transaction, by the two things that make up its identity. */
    public record Entry(Writer session, Transaction transaction) {}

    /** By {@link #place}: slots that follow each other are used at once, and would share a line of memory. */
    private final AtomicReferenceArray<@Nullable Entry> slots = new AtomicReferenceArray<>(LINE * (LINES + 1));
    /** The highest slot ever used; H2 takes the lowest that is free, so this is how many ran at once at most. */
    private final AtomicInteger highest = new AtomicInteger();

    private final Slots ofStore;

    private volatile long lastBranchEnd;

    private final TransactionStore store;

    private final LeftBranches left;

    public OpenTransactions(Database database, LockManager locks) {
        store = database.getStore().getTransactionStore();
        ofStore = new Slots(store);
        left = new LeftBranches(database, locks, this);
    }

    /** The prepared ones that no session has. */
    public LeftBranches left() {
        return left;
    }

    public Slots ofStore() {
        return ofStore;
    }

    /** The slot of the transaction that wrote a value; 0 if it is committed. */
    public static int slotOf(VersionedValue<?> value) {
        return (int) (value.getOperationId() >>> LOG_ID_BITS);
    }

    /** The place of a value that is not committed in the log of the transaction that has written it. */
    public static long placeOf(VersionedValue<?> value) {
        return value.getOperationId() & LOG_ID;
    }

    /**
     * A transaction that a crash had left prepared has ended. H2 does not count that as a change of its tables, and
     * would answer a query from the result that it gave before.
     */
    public synchronized void branchEnded(Database database) {
        lastBranchEnd = database.getNextModificationDataId();
        database.getNextModificationDataId(); // A view that was asked in between asks its tables again.
    }

    /** When that was last, in H2's numbering of changes. */
    public long lastBranchEnd() {
        return lastBranchEnd;
    }

    public void enter(Writer session, Transaction transaction) {
        int slot = transaction.getId();
        slots.setRelease(
                place(slot), new Entry(session, transaction)); // Storage publishes what it writes, and this before it.
        if (slot > highest.get()) {
            highest.accumulateAndGet(slot, Math::max);
        }
    }

    public void leave(Writer session, int slot) {
        Entry entry = at(slot);
        if (entry != null && entry.session == session) {
            slots.compareAndSet(place(slot), entry, null);
        }
    }

    /** What is known of a transaction of the store's; empty if it is not one that has asked for a lock. */
    public Optional<Entry> entry(Transaction transaction) {
        return Optional.ofNullable(at(transaction.getId())).filter(entry -> entry.transaction == transaction);
    }

    /** The owner in this slot now; empty if it is not one that has asked for a lock. */
    public Optional<OwnerId> ownerOf(int slot) {
        Entry entry = at(slot);
        if (entry == null || !entry.session.owner().isActive()) {
            return Optional.empty();
        }
        return Optional.of(entry.session.owner().id());
    }

    /**
     * Who has written a value, and by which statement: the one that wrote there first, for that took it. Empty if it is
     * committed, or not by one that has asked for a lock.
     */
    public Optional<Holding> holdingOf(VersionedValue<?> value) {
        return ownerOf(slotOf(value)).map(owner -> new Holding(owner, takenBy(value)));
    }

    /** The statement by which the open transaction that has written a value took it; NONE if that is not known. */
    public StatementRecord takenBy(VersionedValue<?> value) {
        int slot = slotOf(value);
        Entry entry = at(slot);
        if (entry == null) {
            return StatementRecord.NONE;
        }
        long first = value.getOperationId();
        for (int i = 0; i < LOOK_BACK; i++) {
            VersionedValue<?> before = StoreReflection.replaced(store, first);
            if (before == null || slotOf(before) != slot) {
                break;
            }
            first = before.getOperationId();
        }
        return entry.session.writings().at(first & LOG_ID);
    }

    /** What is known of the transaction in this slot now; null if it is not one that has asked for a lock. */
    public @Nullable Entry at(int slot) {
        return slots.get(place(slot));
    }

    /** Where a slot stands: the next one is a line of memory away. */
    private static int place(int slot) {
        return slot % LINE * (LINES + 1) + slot / LINE;
    }

    public boolean isOwner(int slot, OwnerId owner) {
        Entry entry = slot == 0 ? null : at(slot);
        return entry != null && entry.session.owner().id().equals(owner);
    }

    /** Has the transaction in this slot removed rows that foreign keys may refer to? Yes if it is not one we know. */
    public boolean hasRemovedKeys(int slot) {
        return keptKeys(slot).map(KeptKeys::hasRemoved).orElse(true);
    }

    /** What the transaction in this slot has made of foreign keys; empty if it is not one we know. */
    public Optional<KeptKeys> keptKeys(int slot) {
        return Optional.ofNullable(at(slot)).map(entry -> entry.session.keptKeys());
    }

    /**
     * Settles all open transactions: see {@link StoreReflection#settle}. To be called before storage may meet an entry
     * of another transaction.
     */
    public void settle() {
        int last = highest.get();
        for (int slot = 1; slot <= last; slot++) {
            Entry entry = at(slot);
            if (entry != null) {
                StoreReflection.settle(entry.transaction);
            }
        }
    }
}
