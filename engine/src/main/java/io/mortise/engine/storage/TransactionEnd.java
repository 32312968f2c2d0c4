package io.mortise.engine.storage;

import org.h2.engine.SessionLocal;
import org.h2.table.DualTable;

/**
 * Hears from H2 that a transaction has ended which may have locked no table: H2 tells the tables that are locked, so this
 * is one, that nobody can name. Thread-safe.
 */
final class TransactionEnd extends DualTable {
    private final Storage storage;

    TransactionEnd(Storage storage) {
        super(storage.database());
        this.storage = storage;
    }

    @Override
    public void unlock(SessionLocal session) {
        storage.session(session).transactionLocks().ended();
    }
}
