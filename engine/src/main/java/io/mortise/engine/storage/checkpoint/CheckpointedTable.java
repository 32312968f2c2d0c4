package io.mortise.engine.storage.checkpoint;

import org.h2.command.ddl.CreateTableData;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.db.Store;
import org.h2.result.LocalResult;
import org.h2.result.Row;

/**
 * An H2 table of which a change of a row, and a transaction, is in the file wholly or not at all; see
 * {@link CheckpointLatch}. Thread-safe as its superclass is.
 */
public abstract class CheckpointedTable extends MVTable {
    /** H2's timeout of SKIP LOCKED: a row that another transaction has is left out at once. */
    protected static final int WITHOUT_WAITING = -2;

    private final CheckpointLatch latch;

    protected CheckpointedTable(CreateTableData data, Store store, CheckpointLatch latch) {
        super(data, store);
        this.latch = latch;
    }

    /** Does anybody else care what is done with it? If not, H2 may wait for a row, and does so outside the latch. */
    public abstract boolean isLocking();

    @Override
    public void addRow(SessionLocal session, Row row) {
        if (!isLocking()) {
            super.addRow(session, row);
            return;
        }
        latch.enter();
        try {
            super.addRow(session, row);
        } finally {
            latch.leave();
        }
    }

    @Override
    public void removeRow(SessionLocal session, Row row) {
        if (!isLocking()) {
            super.removeRow(session, row);
            return;
        }
        latch.enter();
        try {
            super.removeRow(session, row);
        } finally {
            latch.leave();
        }
    }

    @Override
    public void updateRow(SessionLocal session, Row oldRow, Row newRow) {
        if (!isLocking()) {
            super.updateRow(session, oldRow, newRow);
            return;
        }
        latch.enter();
        try {
            super.updateRow(session, oldRow, newRow);
        } finally {
            latch.leave();
        }
    }

    @Override
    public void updateRows(SessionLocal session, LocalResult rows, Runnable check) {
        if (!isLocking()) {
            super.updateRows(session, rows, check);
            return;
        }
        latch.enter();
        try {
            super.updateRows(session, rows, () -> {
                latch.leave();
                try {
                    check.run();
                } finally {
                    latch.enter();
                }
            });
        } finally {
            latch.leave();
        }
    }

    @Override
    public Row lockRow(SessionLocal session, Row row, int timeoutMillis) {
        if (timeoutMillis != WITHOUT_WAITING || !isLocking()) {
            return super.lockRow(session, row, timeoutMillis);
        }
        latch.enter();
        try {
            return super.lockRow(session, row, timeoutMillis);
        } finally {
            latch.leave();
        }
    }

    /** {@inheritDoc} That is no transaction's change, so H2 would leave it out of the file until the next commit. */
    @Override
    public long truncate(SessionLocal session) {
        long rows;
        latch.enter();
        try {
            rows = super.truncate(session);
        } finally {
            latch.leave();
        }
        latch.changedWithoutTransaction();
        return rows;
    }

    /** {@inheritDoc} H2 does so before and after it commits or rolls back, and as it truncates. */
    @Override
    public void setModificationDataId(long number) {
        super.setModificationDataId(number);
        latch.ends(number);
    }
}
