package io.mortise.engine.storage.table;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TableGate;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.catalog.VirtualSchema;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.key.UniqueKeys;
import io.mortise.engine.storage.row.PointAccess;
import io.mortise.engine.storage.row.RowLocks;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.h2.api.ErrorCode;
import org.h2.command.CommandInterface;
import org.h2.command.ddl.CreateTableData;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * An H2 table that asks the lock manager before H2 reads or writes. Thread-safe as its superclass is.
 *
 * <p>A local temporary table is nobody's business but its session's and takes no locks, and neither does anything while
 * the database opens or with LOCK_MODE 0.
 */
public final class LockingTable extends NotingTable {
    private final boolean isPrivate;

    private final LockTarget.Table target;
    private final Optional<LockTarget.Table> shared;
    private final long sinceNanos;
    private final TableGate gate;
    private final RowLocks rows;
    private final UniqueKeys keys;
    /** Was it made by a statement that alters another? H2 makes such a table, drops it, and makes it again by SQL. */
    private boolean isDraft;

    private volatile @Nullable SessionLocal exclusive;

    public LockingTable(CreateTableData data, OpenDatabase storage) {
        super(data, storage);
        this.isPrivate = data.temporary && !data.globalTemporary;
        this.target = new LockTarget.Table(data.schema.getId(), data.id);
        this.shared = isPrivate || isMeta() ? Optional.empty() : Optional.of(target);
        this.sinceNanos = storage.clock().getAsLong();
        this.gate = storage.locks().gate(target);
        this.rows = new RowLocks(this, storage);
        this.keys = new UniqueKeys(this, storage);
        H2Reflection.enterTable(storage.database().getStore(), this);
        storage.remember(this);
    }

    /** A statement makes this table: nobody else is to see it before the statement is over. */
    public void created(@Nullable SessionLocal session) {
        if (session != null
                && isLocking()
                && !isMeta()
                && !storage().session(session).statements().isEmpty()) {
            isDraft = storage().session(session).statements().isCopying();
            madeBy(storage().session(session));
            lock(session, EXCLUSIVE_LOCK);
        }
        if (session != null && isPrivate) {
            storage().session(session).createTableRight().handBack(session);
        }
    }

    @Override
    public boolean isPrivate() {
        return isPrivate;
    }

    @Override
    public LockTarget.Table target() {
        return target;
    }

    @Override
    public Optional<LockTarget.Table> shared() {
        return shared;
    }

    @Override
    public long sinceNanos() {
        return sinceNanos;
    }

    @Override
    public TableGate gate() {
        return gate;
    }

    RowLocks rows() {
        return rows;
    }

    private boolean readsAreFree(SessionLocal session) {
        return (isMeta() || storage().policy().readsTakeNoLocks())
                && session.getIsolationLevel() != IsolationLevel.SERIALIZABLE;
    }

    /**
     * Has this session to lock what it uses here? Not H2's own while it closes the database: nobody is there any more,
     * and what is left to be written (sequences, the catalogue without temporary tables) must be.
     */
    private boolean isLocking(StorageSession session) {
        return !(session.isSystem() && storage().isClosing());
    }

    @Override
    public boolean isLocking() {
        return !isPrivate
                && !storage().database().isStarting()
                && storage().database().getLockMode() != 0;
    }

    @Override
    public boolean locksWhatItReads(SessionLocal session) {
        return !readsAreFree(session) && storage().policy().serializesByLocks() && isLocking();
    }

    @Override
    public boolean lock(SessionLocal session, int lockType) {
        if (lockType == Table.WRITE_LOCK) {
            Filling.begins(storage(), session);
        } else if (lockType == Table.READ_LOCK && readsAreFree(session)) {
            filled.checkShown(session);
            return false;
        }
        if (!isLocking()) {
            if (storage().database().getLockMode() == 0) {
                session.registerTableAsUpdated(this);
            }
            return false;
        }
        StorageSession locker = storage().session(session);
        boolean was = lock(locker, lockType);
        begins(locker);
        return was;
    }

    private boolean lock(StorageSession session, int lockType) {
        if (lockType != Table.READ_LOCK && session.isReadOnly()) {
            throw DbException.get(ErrorCode.DATABASE_IS_READ_ONLY);
        }
        if (!isLocking(session) || isMeta() && session.isLeaving()) {
            return false;
        }
        if (isMeta()) {
            if (lockType == Table.EXCLUSIVE_LOCK && session.transactionLocks().mode(this) == null) {
                CatalogFootprint.lockTables(session); // Who waits for a table is not to keep the catalogue from others.
                session.transactionLocks().request(CatalogFootprint.requests(storage(), session));
                CatalogFootprint.checkNoneInDoubt(storage(), session);
            }
            boolean was = lockType != Table.READ_LOCK && locks(session, LockMode.X);
            session.createTableRight().check(session.h2());
            return was;
        }
        LockMode wanted = wanted(session, lockType);
        if (storage().policy().locksUpFront() && wanted != null && !covers(session, wanted)) {
            session.transactionLocks().request(storage().policy().requests(session.situation(), footprint(lockType)));
        }
        boolean was =
                wanted != null && !PointAccess.locksRow(session, rows, lockType, wanted) && locks(session, wanted);
        if (wanted == LockMode.X && lockType == Table.EXCLUSIVE_LOCK) {
            rows.checkNoneInDoubt();
        }
        return was;
    }

    @Override
    public void lock(StorageSession session, LockMode mode) {
        locks(session, mode);
    }

    private boolean locks(StorageSession session, LockMode wanted) {
        return locks(session, wanted, SessionWaits.AS_TOLD);
    }

    /** Locks the table because a statement says so, waiting for so long, or {@link SessionWaits#AS_TOLD}. */
    public void lock(StorageSession session, LockMode wanted, int timeoutMillis) {
        if (isLocking()) {
            locks(session, wanted, timeoutMillis);
        }
    }

    private boolean locks(StorageSession session, LockMode wanted, int timeoutMillis) {
        boolean was = session.transactionLocks().lock(this, wanted, timeoutMillis);
        if (wanted == LockMode.X) {
            exclusive = session.h2();
        }
        return was;
    }

    private boolean covers(StorageSession session, LockMode wanted) {
        LockMode held = session.transactionLocks().mode(this);
        return held != null && held.covers(wanted) && session.statements().hasAsked(this);
    }

    private Footprint footprint(int lockType) {
        return Footprint.of(target, lockType == Table.WRITE_LOCK ? TableAccess.WRITE : TableAccess.WHOLE);
    }

    private @Nullable LockMode wanted(StorageSession session, int lockType) {
        TableAccess access = switch (lockType) {
            case Table.READ_LOCK -> TableAccess.READ;
            case Table.WRITE_LOCK -> TableAccess.WRITE;
            default -> TableAccess.WHOLE;
        };
        if (isEmptiedByRows(session)) {
            return LockMode.IX;
        }
        Optional<LockMode> mode = storage().policy().tableLock(session.situation(), access);
        if (mode.isEmpty() && access == TableAccess.WHOLE) {
            return LockMode.X;
        }
        // A policy that has taken its locks before the statement ran still has to hear when the transaction ends.
        return mode.orElse(access == TableAccess.READ ? null : LockMode.IX);
    }

    /**
     * Under the sqream policy TRUNCATE is a DELETE of all rows, which does not wait for those who insert. H2's own
     * would destroy what they have not committed.
     */
    private boolean isEmptiedByRows(StorageSession session) {
        return storage().policy().locksUpFront() && session.statements().type() == CommandInterface.TRUNCATE_TABLE;
    }

    @Override
    public long truncate(SessionLocal session) {
        if (!isLocking() || !isEmptiedByRows(storage().session(session))) {
            return super.truncate(session);
        }
        long rows = 0;
        for (Cursor all = getScanIndex(session).find(session, null, null, false); all.next(); ) {
            Row locked = lockRow(session, all.get(), SessionWaits.AS_TOLD);
            if (locked != null) {
                removeRow(session, locked);
                rows++;
            }
        }
        return rows;
    }

    @Override
    public void unlock(SessionLocal session) {
        if (isPrivate || storage().database().isStarting()) {
            return; // What was locked before somebody has set LOCK_MODE 0 is given back all the same.
        }
        if (exclusive == session) {
            exclusive = null;
        }
        storage().session(session).transactionLocks().unlock(this);
        if (isMeta() && !storage().isClosing()) {
            storage().listen();
        }
    }

    @Override
    public boolean isLockedExclusively() {
        return exclusive != null;
    }

    /**
     * {@inheritDoc} H2 asks that of the catalogue before it enters its own session to write down a sequence there. So
     * the wait is now, while nobody needs that session.
     */
    @Override
    public boolean isLockedExclusivelyBy(SessionLocal session) {
        if (!isLocking()) {
            return true;
        }
        StorageSession asking = storage().session(session);
        boolean isLocked = !isLocking(asking) || asking.transactionLocks().mode(this) == LockMode.X;
        if (!isLocked && isMeta() && !asking.isLeaving()) {
            asking.transactionLocks().awaitCatalog(this);
        }
        return isLocked;
    }

    /** H2's own search for deadlocks has nothing to find here. */
    @Override
    @SuppressWarnings("NullAway") // what H2 returns where there is none
    public ArrayList<SessionLocal> checkDeadlock(
            SessionLocal session, @Nullable SessionLocal clash, @Nullable Set<SessionLocal> visited) {
        return null;
    }

    @Override
    @SuppressWarnings("NullAway") // null: H2's own answer for a row that is gone or to be skipped
    public Row lockRow(SessionLocal session, Row row, int timeoutMillis) {
        if (!isLocking()) {
            return super.lockRow(session, row, timeoutMillis);
        }
        StorageSession locker = storage().session(session);
        if (locker.transactionLocks().mode(this) == null) {
            lock(locker, locker.statements().isSharing() ? Table.READ_LOCK : Table.WRITE_LOCK);
        }
        return locker.statements().isSharing()
                ? rows.shareIfAsked(locker, row, timeoutMillis)
                : rows.lock(locker, row, timeoutMillis);
    }

    @Override
    public Row getRow(SessionLocal session, long key) {
        try {
            return super.getRow(session, key);
        } catch (DbException e) {
            if (e.getErrorCode() != ErrorCode.ROW_NOT_FOUND_IN_PRIMARY_INDEX || !isLocking()) {
                throw e;
            }
            return rows.foundByIndex(storage().session(session), key, e);
        }
    }

    @Override
    public @Nullable Row tryLockRow(SessionLocal session, Row row) {
        return super.lockRow(session, row, WITHOUT_WAITING);
    }

    @Override
    public @Nullable Row waitInStorage(SessionLocal session, Row row, int timeoutMillis) {
        return super.lockRow(
                session, row, timeoutMillis == SessionWaits.AS_TOLD ? session.getLockTimeout() : timeoutMillis);
    }

    @Override
    public void addRow(SessionLocal session, Row row) {
        if (!isLocking()) {
            super.addRow(session, row);
            return;
        }
        if (isMeta()) {
            VirtualSchema.checkStorable(storage().database(), row);
        }
        StorageSession writer = storage().session(session);
        UniqueKeys.Write write = keys.write(writer);
        for (boolean done = false; !done; ) {
            try {
                super.addRow(session, row);
                done = true;
            } catch (DbException e) {
                write.refused(e, row);
            }
        }
        write.done();
        writer.owner().countRowsChanged(1);
    }

    @Override
    public void removeRow(SessionLocal session, Row row) {
        super.removeRow(session, row);
        if (isLocking()) {
            storage().session(session).owner().countRowsChanged(1);
        }
    }

    @Override
    public void updateRow(SessionLocal session, Row oldRow, Row newRow) {
        if (!isLocking()) {
            super.updateRow(session, oldRow, newRow);
            return;
        }
        StorageSession writer = storage().session(session);
        UniqueKeys.Write write = keys.write(writer);
        for (boolean done = false; !done; ) {
            try {
                super.updateRow(session, oldRow, newRow);
                done = true;
            } catch (DbException e) {
                write.refused(e, newRow);
            }
        }
        write.done();
        writer.owner().countRowsChanged(1);
    }

    @Override
    public void updateRows(SessionLocal session, LocalResult rows, Runnable check) {
        if (!isLocking()) {
            super.updateRows(session, rows, check);
            return;
        }
        StorageSession writer = storage().session(session);
        UniqueKeys.Write write = keys.write(writer);
        for (boolean done = false; !done; ) {
            try {
                rows.reset();
                super.updateRows(session, rows, check);
                done = true;
            } catch (DbException e) {
                write.refused(e, rows);
            }
        }
        write.done();
        writer.owner().countRowsChanged(rows.getRowCount() / 2);
    }

    /**
     * Who reads a table that is dropped goes on reading what the snapshot shows. For that the index on a numeric
     * primary key must stay as it is: H2 makes it one on row numbers, and what is looked for in it is not found any
     * more.
     */
    @Override
    public void removeIndexOrTransferOwnership(SessionLocal session, Index index) {
        boolean stays = isLeaving()
                && !isPrivate // H2 keeps those of local temporary tables with the session.
                && index instanceof MVDelegateIndex
                && storage().database().findComment(index) == null;
        if (!stays) {
            super.removeIndexOrTransferOwnership(session, index);
            return;
        }
        getSchema().remove(index);
        removeIndex(index);
        storage().database().removeMeta(session, index.getId());
    }

    @Override
    public void removeChildrenAndResources(SessionLocal session) {
        Schema schema = getSchema();
        leaves();
        super.removeChildrenAndResources(session);
        storage().forget(this);
        if (isDraft && isLocking()) {
            storage().session(session).createTableRight().lendForCopy(session, schema);
        }
    }
}
