package io.mortise.engine.storage.session;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TableGate;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.checkpoint.CheckpointedTable;
import io.mortise.engine.storage.statement.CatalogueNumbers;
import io.mortise.engine.storage.statement.RunningStatements;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.h2.command.ddl.CreateTableData;
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

    private static final int NO_DEFINITION = -1;
    private static final AtomicIntegerFieldUpdater<LockableTable> DEPARTURES =
            AtomicIntegerFieldUpdater.newUpdater(LockableTable.class, "departures");

    private final OpenDatabase storage;

    /** Written by who has the table exclusively, before it gives that back. */
    private volatile int alterations;

    /** Is it exclusively a definition's? By that session. */
    private boolean isBeingAltered;

    private volatile boolean isLeaving;

    /** How many indexes it had when the definition that has it exclusively began; negative while there is none. */
    private volatile int settledIndexes = NO_DEFINITION;

    /** Of the catalogue's table: how often a table or an index has gone. */
    private volatile int departures;

    /** H2's number of the catalogue since when no plan looks into an index that the table has lost. */
    private volatile long plansFrom;

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
        settledIndexes = getIndexes().size();
    }

    /** A lock on the table is about to be given back; perhaps an exclusive one. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under that lock
    final void lockEnds(LockMode mode) {
        if (mode == LockMode.X && isBeingAltered) {
            isBeingAltered = false;
            alterations++;
            settledIndexes = NO_DEFINITION;
        }
    }

    /** Is there an index whose entries nobody sees yet, because the definition that makes it is not committed? */
    public final boolean hasUnfinishedIndex() {
        int settled = settledIndexes;
        return settled >= 0 && getIndexes().size() > settled;
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
        super.removeIndex(index);
        countDeparture();
        storage.database().getNextModificationMetaId();
        // At once: who drops the parent of a foreign key drops an index of this table, and has it not exclusively.
        plansFrom = storage.database().getModificationMetaId();
    }

    /** Is it gone, or an index into which the innermost statement, one on rows, may have planned to look? */
    final boolean isGoneFor(RunningStatements running) {
        return isGone() || isPlanOutdated(running);
    }

    private boolean isPlanOutdated(RunningStatements running) {
        long from = plansFrom;
        return from != 0
                && !running.isDefinition()
                && running.prepared()
                        .filter(statement -> CatalogueNumbers.of(statement) < from)
                        .isPresent();
    }

    /** The table is about to be dropped: its rows have not gone yet. */
    protected final void leaves() {
        isLeaving = true;
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
