package io.mortise.engine.storage.session;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TableGate;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.checkpoint.CheckpointedTable;
import java.util.Optional;
import org.h2.command.ddl.CreateTableData;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.result.Row;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/** An H2 table that can be locked, as sessions, rows and keys see it. Thread-safe as its superclass is. */
public abstract class LockableTable extends CheckpointedTable {
    /** The number of the table in which H2 keeps its catalogue. */
    public static final int META_TABLE = 0;

    private final OpenDatabase storage;

    /** Written by who has the table exclusively, before it gives that back. */
    private volatile int alterations;

    /** Is it exclusively a definition's? By that session. */
    private boolean isBeingAltered;

    private volatile boolean isLeaving;

    protected LockableTable(CreateTableData data, OpenDatabase storage) {
        super(data, storage.database().getStore(), storage.checkpoints());
        this.storage = storage;
    }

    /** The database that the table is in. */
    public final OpenDatabase storage() {
        return storage;
    }

    public abstract LockTarget.Table target();

    /** The same, if it is one that other sessions can see, and not of the catalogue. */
    public abstract Optional<LockTarget.Table> shared();

    /** Where a lock of intention is taken without the mutex. */
    public abstract TableGate gate();

    /** When this object was made, on the engine's clock: the table's number may have been another's before. */
    public abstract long sinceNanos();

    /** Is it the table of the catalogue? */
    public final boolean isMeta() {
        return target().id() == META_TABLE;
    }

    /** Is it a local temporary table, which nobody else sees? */
    public abstract boolean isPrivate();

    /** Does a query of this session lock the table, or rows of it? */
    public abstract boolean locksWhatItReads(SessionLocal session);

    /** Locks the table, waiting as long as the session has been told. */
    public abstract void lock(StorageSession session, LockMode mode);

    /** Locks a row if it is free, without waiting; null if it is not, or is gone. */
    public abstract @Nullable Row tryLockRow(SessionLocal session, Row row);

    /** Leaves the waiting to H2, for a row that a transaction has which the engine does not know. */
    public abstract @Nullable Row waitInStorage(SessionLocal session, Row row, int timeoutMillis);

    public final MVPrimaryIndex primary() {
        return (MVPrimaryIndex) getScanIndex(null);
    }

    /** How many definitions have had the table exclusively, and are over. */
    public final int alterations() {
        return alterations;
    }

    /** A definition has the table exclusively. */
    final void alterationBegins() {
        isBeingAltered = true;
    }

    /** A lock on the table is about to be given back; perhaps an exclusive one. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under that lock
    final void lockEnds(LockMode mode) {
        if (mode == LockMode.X && isBeingAltered) {
            isBeingAltered = false;
            alterations++;
        }
    }

    /** The table is about to be dropped: its rows have not gone yet. */
    protected final void leaves() {
        isLeaving = true;
    }

    /** Is it being dropped, or has it been? Who sees that its rows have gone sees this too. */
    public final boolean isLeaving() {
        return isLeaving;
    }

    /** Has the table been dropped, or replaced by its altered copy? */
    @SuppressWarnings("ConstantValue") // H2 takes the name of a table away when it drops it.
    public final boolean isGone() {
        return (Object) getName() == null;
    }

    /** A row of this table is about to be looked for, as the parent of a foreign key. */
    public final void refer(StorageSession session) {
        storage.policy().tableLock(session.situation(), TableAccess.REFERENCE).ifPresent(mode -> lock(session, mode));
    }

    /** Are the foreign keys of a table in force, checked by us or by H2? */
    public static boolean enforcesForeignKeys(Table table) {
        return table instanceof LockableTable lockable ? lockable.isEnforcing() : table.getCheckForeignKeyConstraints();
    }

    private boolean isEnforcing() {
        return super.getCheckForeignKeyConstraints();
    }
}
