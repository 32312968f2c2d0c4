package io.mortise.engine.storage.row;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitWatch;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import org.h2.result.Row;
import org.jspecify.annotations.Nullable;

/**
 * A shared lock on one row, as an entry of the lock table. One thread.
 *
 * <pre>
 * who shares                      who changes
 * enter S                         write the row in storage
 * has another written it?         does another share it?
 * then give S back and wait       then undo that and wait
 * </pre>
 *
 * Both write before they look, so at least one of them sees the other; if both do, both stand in the queue.
 */
final class SharedRow {
    private final StorageSession session;
    private final LockManager locks;
    private final LockableTable table;
    private final LockTarget.Row target;
    private final int own;
    /** Shared since an earlier statement: who has it in storage now has not changed it, and is about to let it go. */
    private final boolean hadBefore;

    private Optional<OwnerId> waitedFor = Optional.empty();

    SharedRow(StorageSession session, LockableTable table, long key) {
        this.session = session;
        this.locks = session.locks();
        this.table = table;
        this.target = new LockTarget.Row(table.target(), key);
        this.own = session.h2().getTransaction().getId();
        forgetLetGo();
        this.hadBefore = locks.isSharedBy(session.owner(), target);
    }

    /**
     * @param seen the row as the statement's snapshot has it
     * @param timeoutMillis milliseconds, {@link SessionWaits#AS_TOLD} or {@link SessionWaits#SKIP_LOCKED}
     * @return the row as it is now; null if it is gone, or locked and to be left out
     */
    @Nullable
    Row lock(Row seen, int timeoutMillis) {
        Holder now = holder();
        while (!now.isOwn() && !hadBefore) {
            if (!enter(timeoutMillis)) {
                return null;
            }
            Spot.ROW_SHARED.pass();
            now = holder();
            if (now.kind() == Holder.Kind.NOBODY) {
                break;
            }
            locks.release(session.owner().id(), target);
            if (now.isGone()) {
                break;
            }
            if (timeoutMillis == SessionWaits.SKIP_LOCKED) {
                return null;
            }
            if (now.isStranger()) {
                table.storage().tripped();
                return table.waitInStorage(session.h2(), seen, timeoutMillis);
            }
            await(now, timeoutMillis);
        }
        if (!now.isOwn()) {
            checkSeen(seen, now);
        }
        return now.row().orElse(null);
    }

    private Holder holder() {
        return Holder.of(table, target.key(), own);
    }

    /** The lock table may still have it that somebody, perhaps we, was given the row, which a roll-back has freed. */
    private void forgetLetGo() {
        OpenTransactions transactions = table.storage().transactions();
        locks.forgetLetGo(target, new WaitWatch() {
            @Override
            public boolean hasLetGo(OwnerId holder) {
                return !transactions.isOwner(Holder.slotOf(table, target.key()), holder);
            }
        });
    }

    private boolean enter(int timeoutMillis) {
        forgetLetGo();
        boolean skips = timeoutMillis == SessionWaits.SKIP_LOCKED;
        WaitOutcome outcome = locks.acquire(
                session.owner(),
                target,
                LockMode.S,
                session.waits().rule(skips ? 0 : timeoutMillis, () -> Holder.slotOf(table, target.key())));
        if (!skips) {
            session.waits().checkGranted(outcome);
        }
        return outcome instanceof WaitOutcome.Acquired;
    }

    private void await(Holder holder, int timeoutMillis) {
        waitedFor = holder.owner();
        session.waits()
                .checkGranted(locks.acquireFrom(
                        holder.holding().orElseThrow(),
                        session.owner(),
                        target,
                        LockMode.S,
                        session.waits().rule(timeoutMillis, () -> Holder.slotOf(table, target.key()))));
    }

    /** Where the snapshot must stay, what it shows must be what there is. */
    private void checkSeen(Row seen, Holder now) {
        if (!session.h2().getTransaction().allowNonRepeatableRead()
                && !now.row().filter(row -> isSame(seen, row)).isPresent()) {
            throw session.waits().conflict(target, waitedFor);
        }
    }

    private static boolean isSame(Row seen, Row now) {
        if (seen.hasSharedData(now)) {
            return true;
        }
        for (int i = 0; i < seen.getColumnCount(); i++) {
            if (!seen.getValue(i).equals(now.getValue(i))) {
                return false;
            }
        }
        return true;
    }
}
