package io.mortise.engine.storage.session;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TableGate;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.checkpoint.CheckpointedTable;
import io.mortise.engine.storage.definition.GoneTable;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.statement.CatalogueNumbers;
import io.mortise.engine.storage.statement.IndexAges;
import io.mortise.engine.storage.statement.RunningStatements;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.h2.command.ddl.CreateTableData;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.result.Row;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/** An H2 table that can be locked, as sessions, rows and keys see it. Thread-safe as its superclass is. */
public abstract class LockableTable extends CheckpointedTable {
    /** The number of the table in which H2 keeps its catalogue. */
    public static final int META_TABLE = 0;

    /** No plan counts: the table is leaving, or an index of it is, just now. */
    private static final long UNSETTLED = Long.MAX_VALUE;

    private static final AtomicIntegerFieldUpdater<LockableTable> DEPARTURES =
            AtomicIntegerFieldUpdater.newUpdater(LockableTable.class, "departures");

    private static final AtomicIntegerFieldUpdater<LockableTable> VEILS =
            AtomicIntegerFieldUpdater.newUpdater(LockableTable.class, "veils");

    private final OpenDatabase storage;

    /** Written by who has the table exclusively, before it gives that back. */
    private volatile int alterations;

    /** Is it exclusively a definition's? By that session. */
    private boolean isBeingAltered;

    private volatile boolean isLeaving;

    private final IndexAges ages = new IndexAges();

    /** Of the catalogue's table: how often a table or an index has gone. */
    private volatile int departures;

    /**
     * H2's number of the catalogue since when a plan looks into no index that the table has lost. Written before an
     * index goes, and before its entries do.
     */
    private volatile long plansFrom;

    /** How many there are for whom, or because of whom, not all sessions see the same indexes. */
    private volatile int veils;

    // Takes an index out of H2's list: that thread has to see the list itself.
    private volatile @Nullable Thread remover;

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
        if (!isBeingAltered) {
            isBeingAltered = true;
            ages.definitionBegins(super.getIndexes());
            VEILS.incrementAndGet(this);
        }
    }

    /** The session is about to give a lock on the table back; perhaps an exclusive one. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under that lock
    final void lockEnds(StorageSession session, LockMode mode) {
        if (mode != LockMode.X) {
            return;
        }
        defined(session);
        if (isBeingAltered) {
            isBeingAltered = false;
            alterations++;
            if (ages.hasNew(super.getIndexes())) { // It is committed now, and older snapshots do not show that.
                storage.database().getNextModificationMetaId();
            }
            ages.definitionEnds(super.getIndexes(), storage.database().getModificationMetaId());
            VEILS.decrementAndGet(this);
        }
    }

    /** Who has had it exclusively is about to let it go: older snapshots may show what is no more. */
    protected abstract void defined(StorageSession session);

    /** Plans that are made from now on count. */
    private void settle() {
        if (!isLeaving) {
            storage.database().getNextModificationMetaId();
            plansFrom = storage.database().getModificationMetaId();
        }
    }

    /** Since when its indexes count. */
    public final IndexAges indexAges() {
        return ages;
    }

    /**
     * From now on, and until it is {@linkplain #showYoung}n, sessions that hide young indexes do not see those here.
     */
    public final void hideYoung() {
        VEILS.incrementAndGet(this);
    }

    public final void showYoung() {
        VEILS.decrementAndGet(this);
    }

    /**
     * {@inheritDoc} Nobody plans to look into one that is not committed, besides who makes it; nor into one that is
     * younger than the snapshot which the transaction keeps. Who writes a row writes it to all of them.
     */
    @Override
    public final List<Index> getIndexes() {
        return veils == 0 ? super.getIndexes() : seen(super.getIndexes());
    }

    private List<Index> seen(List<Index> all) {
        SessionLocal running = runningHere(); // Of a statement that is only read there is none.
        StorageSession session = running == null ? null : storage.session(running);
        if (remover == Thread.currentThread()
                || session != null && session.transactionLocks().mode(this) == LockMode.X) {
            return all;
        }
        return ages.seenBy(
                all,
                session != null && session.snapshotAge().isHiding()
                        ? session.snapshotAge().of(H2Reflection.transaction(session.h2()))
                        : Long.MAX_VALUE);
    }

    /** The session whose statement the calling thread runs, if it is one of this database's. */
    protected final @Nullable SessionLocal runningHere() {
        Session running = H2Reflection.threadSession();
        return running instanceof SessionLocal local && local.getDatabase() == storage.database() ? local : null;
    }

    /**
     * Is all that a plan looks into in a snapshot that was taken before this is asked? What goes is marked before its
     * entries go. What comes nobody plans to look into before its entries are there.
     *
     * @param plan H2's number of the catalogue by which the statement was read
     */
    public final boolean isSettledFor(long plan) {
        return plan >= plansFrom;
    }

    /** Waits for the definition because of which a plan does not count, and has the statement repeated. */
    public final void checkPlan(StorageSession session, long plan) {
        if (!isSettledFor(plan) && session.transactionLocks().mode(this) != LockMode.X) { // Else it is its own.
            lock(session, LockMode.IS);
            if (!isLeaving) { // Else the definition has failed, and the table is there: its plans count.
                throw GoneTable.repeated(this);
            }
        }
    }

    /** How often a table or an index of the database has gone. */
    static int departures(OpenDatabase storage) {
        LockableTable catalogue = storage.table(META_TABLE);
        return catalogue == null ? 0 : catalogue.departures;
    }

    private void countDeparture() {
        LockableTable catalogue = storage.table(META_TABLE);
        if (catalogue != null) {
            DEPARTURES.incrementAndGet(catalogue);
        }
    }

    /**
     * {@inheritDoc} Its entries go next, while the statement that drops it goes on. Who has planned to look there reads
     * its statement anew.
     */
    @Override
    public final void removeIndex(Index index) {
        // At once: who drops the parent of a foreign key drops an index of this table, and has it not exclusively.
        plansFrom = UNSETTLED; // Who does not find it in the list any more has no snapshot of it, and sees this.
        remover = Thread.currentThread();
        try {
            super.removeIndex(index);
            Spot.INDEX_REMOVED.pass();
        } finally {
            remover = null;
            ages.gone(index);
            countDeparture();
            settle();
        }
    }

    /** Is it gone, or an index into which the innermost statement, one on rows, may have planned to look? */
    final boolean isGoneFor(RunningStatements running) {
        return isGone() || isPlanOutdated(running);
    }

    /** May the innermost statement, one on rows, have planned to look into an index that was not there, or is not? */
    protected final boolean isPlanOutdated(RunningStatements running) {
        long from = plansFrom;
        return from != 0
                && !isLeaving
                && !running.isDefinition()
                && running.prepared()
                        .filter(statement -> CatalogueNumbers.of(statement) < from && statement.needRecompile())
                        .isPresent();
    }

    /** The table is about to be dropped: its rows have not gone yet. */
    protected final void leaves() {
        isLeaving = true;
        plansFrom = UNSETTLED;
        countDeparture();
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
