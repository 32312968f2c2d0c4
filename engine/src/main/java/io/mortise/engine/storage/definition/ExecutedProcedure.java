package io.mortise.engine.storage.definition;

import org.h2.command.dml.ExecuteProcedure;

/**
 * Stands in the place of an EXECUTE of a definition that was prepared by name. H2 runs it as a part of the transaction, and a
 * roll-back leaves it half undone, as with {@link ExecutedText}; here it commits when it has succeeded. One thread.
 */
final class ExecutedProcedure extends PlacedStatement {
    private final ExecuteProcedure meant;

    ExecutedProcedure(ExecuteProcedure meant) {
        super(meant);
        this.meant = meant;
    }

    @Override
    public long update() {
        long rows = meant.update();
        if (!Definitions.executed(meant).isTransactional()) {
            session.commit(true);
            hasCommitted = true;
        }
        return rows;
    }
}
