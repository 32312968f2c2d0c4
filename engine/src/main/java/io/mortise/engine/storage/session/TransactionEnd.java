package io.mortise.engine.storage.session;

import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.index.DualIndex;
import org.h2.index.Index;
import org.h2.table.Column;
import org.h2.table.DualTable;
import org.h2.table.Table;
import org.h2.table.VirtualTable;

/**
 * Hears from H2 that a transaction has ended which may have locked no table: H2 tells the tables that are locked, so
 * this is one, that nobody can name. Thread-safe.
 */
final class TransactionEnd extends VirtualTable {
    /** To H2 two tables with one number are the same; this is nobody else's. */
    private static final int NUMBER = Integer.MIN_VALUE;

    private final Runnable ended;

    /** @param ended run when the transaction of the session that has locked this has ended */
    TransactionEnd(Database database, Runnable ended) {
        super(database.getMainSchema(), NUMBER, DualTable.NAME);
        setColumns(new Column[0]);
        this.ended = ended;
    }

    /**
     * Lets H2 tell this table of the end of the session's transaction. H2 may know it already: an Error in the middle
     * of the end of the transaction before leaves its tables there.
     */
    static void hear(SessionLocal session, Table table) {
        try {
            session.registerTableAsLocked(table);
        } catch (RuntimeException e) {
            if (!session.getLocks().contains(table)) {
                throw e;
            }
        }
    }

    @Override
    public void unlock(SessionLocal session) {
        ended.run();
    }

    @Override
    public Index getScanIndex(SessionLocal session) {
        return new DualIndex(new DualTable(getDatabase()));
    }

    @Override
    public boolean canGetRowCount(SessionLocal session) {
        return true;
    }

    @Override
    public long getRowCount(SessionLocal session) {
        return 0;
    }

    @Override
    public long getRowCountApproximation(SessionLocal session) {
        return 0;
    }

    @Override
    public long getMaxDataModificationId() {
        return 0;
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }
}
