package io.mortise.engine.storage.row;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.transaction.OpenTransactions;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;

/**
 * A few microseconds in which a thread looks out for a row and keeps its processor. Most transactions are shorter than
 * it takes to fall asleep and to be woken. Used by one thread, for one wait.
 *
 * <p>It ends at once if the holder of the row waits itself, looks out for another row, or has worked for longer. So two
 * that have each other's rows go on to stand in line, where that is found.
 */
final class LookOut {
    private static final long LONGEST_NANOS = 30_000;
    /** Another processor is needed for the other to work on. */
    private static final boolean ALONE = Runtime.getRuntime().availableProcessors() == 1;
    /** So many rounds between two looks at the clock. */
    private static final int ROUNDS = 8;
    /** Who sees the row free so often and does not get it is in the way of others. */
    private static final int MOST_TRIES = 8;

    private final LockableTable table;
    private final long key;
    private final int own;
    private final LockManager locks;
    private long beganNanos;
    private int tries;

    /** @param own the slot of the transaction that looks out */
    LookOut(LockableTable table, long key, int own) {
        this.table = table;
        this.key = key;
        this.own = own;
        this.locks = table.storage().locks();
    }

    /** Does the row seem to be free, before the time is up? Asked again when somebody else was faster. */
    boolean seesItFree(LockOwner owner) {
        if (tries == 0) {
            beganNanos = System.nanoTime();
        }
        if (ALONE || tries == MOST_TRIES || tries > 0 && isOver()) {
            return false;
        }
        tries++;
        VersionedValue<SearchRow> version = table.primary().getMVMap().get(key);
        int slot = version == null ? own : OpenTransactions.slotOf(version);
        if (slot == 0 || slot == own) {
            return slot == 0; // Of a row that is gone, or our own, others know more.
        }
        OpenTransactions.Entry holder = table.storage().transactions().at(slot);
        if (holder == null || !locks.isBrief(holder.session().owner())) {
            return false;
        }
        owner.setLookingOut(true);
        try {
            Spot.ROW_LOOKED_FOR.pass();
            return ends(holder.transaction(), holder.session().owner());
        } finally {
            owner.setLookingOut(false);
        }
    }

    private boolean ends(Transaction transaction, LockOwner holder) {
        while (transaction.getStatus() == Transaction.STATUS_OPEN) {
            for (int i = 0; i < ROUNDS; i++) {
                Thread.onSpinWait();
            }
            if (isOver() || holder.isHeldUp()) {
                return false;
            }
        }
        return true;
    }

    private boolean isOver() {
        return System.nanoTime() - beganNanos >= LONGEST_NANOS;
    }
}
