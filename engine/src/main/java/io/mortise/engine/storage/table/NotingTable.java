package io.mortise.engine.storage.table;

import io.mortise.engine.storage.branch.BranchesInDoubt;
import io.mortise.engine.storage.definition.GoneTable;
import io.mortise.engine.storage.serial.Noted;
import io.mortise.engine.storage.serial.SerialSession;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.Note;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;
import org.h2.api.ErrorCode;
import org.h2.command.ddl.CreateTableData;
import org.h2.command.query.AllColumnsForPlan;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.result.SortOrder;
import org.h2.table.Column;
import org.h2.table.PlanItem;
import org.h2.table.TableFilter;
import org.jspecify.annotations.Nullable;

/**
 * An H2 table of which serializable transactions that lock nothing they read note what they read and write. Thread-safe
 * as its superclass is.
 */
public abstract class NotingTable extends GuardedTable {
    /** Who hears of each place at which a statement will read a table, as H2 plans it. */
    public static final Note<Consumer<TableFilter>> PLANNED = new Note<>() {};

    /** H2's frames between a commit and the table that it tells of it. */
    private static final int FRAMES = 6;

    /** When a definition, or a statement that empties the table, has last let it go, on the engine's clock. */
    private volatile long definedNanos;

    /** Whose statement is making it, so that no other has seen it; null when that is over. */
    private volatile @Nullable StorageSession maker;

    /** What the statement has left that made it. */
    final Filled filled = new Filled(this);

    /** The index whose first or last entry was asked for last. */
    private volatile @Nullable DescendingIndex withEnds;

    NotingTable(CreateTableData data, OpenDatabase storage) {
        super(data, storage);
        this.definedNanos = storage.clock().getAsLong();
    }

    /**
     * {@inheritDoc} It is a definition's, or a statement's that empties it. Who comes to have it looks at both, the
     * other way round.
     */
    @Override
    protected final void defined(StorageSession session) {
        filled.letGo(session);
        definedNanos = storage().clock().getAsLong();
        maker = null;
    }

    /** The session makes it, and has it to itself until {@link #defined}. */
    final void madeBy(StorageSession session) {
        maker = session;
        filled.begins(session);
    }

    /** The session's transaction, if it is one that notes; null if not. */
    private @Nullable SerialSession noting(SessionLocal session) {
        if (session.getIsolationLevel() != IsolationLevel.SERIALIZABLE || !isLocking() || isMeta()) {
            return null;
        }
        SerialSession serial = storage().session(session).serial();
        return serial.isOpen() ? serial : null;
    }

    /**
     * The table has been locked, as far as that is needed: the first table of a transaction is where its snapshot
     * begins.
     */
    final void begins(StorageSession session) {
        SessionLocal h2 = session.h2();
        if (h2.getIsolationLevel() == IsolationLevel.SERIALIZABLE
                && storage().policy().serializesBySnapshot()
                && !session.isSystem()
                && !isMeta()) {
            session.serial().begin(storage().clock());
            // The snapshot may be of a moment in which its rows had gone, or an index.
            if (isLeaving() || isPlanOutdated(session.statements())) {
                throw GoneTable.repeated(this);
            }
            StorageSession by = maker; // Another's statement is still filling it.
            if (!isPrivate()
                    && by != session
                    && (by != null || definedNanos - session.serial().beganNanos() >= 0)) {
                throw session.waits().redefined(target());
            }
            if (storage().serializing().hasBranchInDoubt() && !session.serial().isDeferred()) {
                checkNotInDoubt(session);
            }
        } else {
            filled.checkShown(h2);
        }
    }

    /**
     * What a branch that a crash has left has read nobody knows: it counts as having read, and missed, all that is done
     * here.
     */
    private void checkNotInDoubt(StorageSession session) {
        Optional<Transaction> branch = new BranchesInDoubt(storage()).changing(getId());
        if (branch.isPresent()) {
            throw session.waits().inDoubt(target(), String.valueOf(branch.get().getName()));
        }
    }

    @Override
    public void addRow(SessionLocal session, Row row) {
        SerialSession serial = noting(session);
        if (serial == null) {
            super.addRow(session, row);
            return;
        }
        Noted was = serial.reads(Noted.BY_READER);
        try {
            super.addRow(session, row);
        } finally {
            serial.reads(was);
        }
        serial.wrote(this, row);
    }

    @Override
    public void removeRow(SessionLocal session, Row row) {
        SerialSession serial = noting(session);
        if (serial == null) {
            super.removeRow(session, row);
            return;
        }
        serial.wrote(this, row);
        Noted was = serial.reads(Noted.BY_READER);
        try {
            super.removeRow(session, row);
        } finally {
            serial.reads(was);
        }
    }

    @Override
    public void updateRow(SessionLocal session, Row oldRow, Row newRow) {
        SerialSession serial = noting(session);
        if (serial == null) {
            super.updateRow(session, oldRow, newRow);
            return;
        }
        Noted was = serial.reads(Noted.BY_READER);
        try {
            super.updateRow(session, oldRow, newRow);
        } finally {
            serial.reads(was);
        }
        serial.wrote(this, oldRow);
        serial.wrote(this, newRow);
    }

    @Override
    public void updateRows(SessionLocal session, LocalResult rows, Runnable check) {
        SerialSession serial = noting(session);
        if (serial == null) {
            super.updateRows(session, rows, check);
            return;
        }
        Noted was = serial.reads(Noted.BY_READER);
        try {
            super.updateRows(session, rows, check);
        } finally {
            serial.reads(was);
        }
        rows.reset();
        while (rows.next()) {
            serial.wrote(this, rows.currentRowForTable());
        }
    }

    @Override
    @SuppressWarnings("NullAway") // null: H2's own answer for a row that is gone or locked
    public @Nullable Row lockRow(SessionLocal session, Row row, int timeoutMillis) {
        SerialSession serial = noting(session);
        if (serial == null) {
            return super.lockRow(session, row, timeoutMillis);
        }
        if (storage().session(session).isReadOnly()) { // Who locks a row counts as one who writes it.
            throw DbException.get(ErrorCode.DATABASE_IS_READ_ONLY);
        }
        @Nullable Row locked;
        Noted was = serial.reads(Noted.BY_READER);
        try {
            locked = super.lockRow(session, row, timeoutMillis);
        } finally {
            serial.reads(was);
        }
        if (locked != null) {
            serial.wrote(this, locked);
        }
        return locked;
    }

    /** {@inheritDoc} It has come from an index, or was locked: what was looked at there is noted. */
    @Override
    public Row getRow(SessionLocal session, long key) {
        SerialSession serial = noting(session);
        if (serial == null) {
            return super.getRow(session, key);
        }
        Noted was = serial.reads(Noted.BY_READER);
        try {
            return super.getRow(session, key);
        } finally {
            serial.reads(was);
        }
    }

    @Override
    public PlanItem getBestPlanItem(
            SessionLocal session,
            int @Nullable [] masks,
            TableFilter @Nullable [] filters,
            int filter,
            @Nullable SortOrder order,
            @Nullable AllColumnsForPlan columns,
            boolean isSelect) {
        if (filters != null && filter >= 0 && filters[filter].getTable() == this) {
            boolean isMerged = !isSelect && filters.length > 1;
            NotingCursor.into(filters[filter], this::noting, isMerged ? this::lockMerged : NotingTable::isLocked);
            if (isLocking()) {
                storage().session(session).statements().noted(PLANNED).ifPresent(told -> told.accept(filters[filter]));
            }
        }
        return super.getBestPlanItem(session, masks, filters, filter, order, columns, isSelect);
    }

    private static void isLocked(SessionLocal session) {
        // H2 has seen to that.
    }

    /** MERGE … USING locks the table that it changes, and not the one that it takes the changes from. */
    private void lockMerged(SessionLocal session) {
        if (isLocking() && storage().session(session).transactionLocks().mode(this) == null) {
            lock(session, READ_LOCK);
        }
    }

    /** {@inheritDoc} H2 asks for one with a first and a last entry for MIN and MAX. */
    @Override
    @SuppressWarnings("NullAway") // null: there is none
    public @Nullable Index getIndexForColumn(Column column, boolean needsEnds, boolean needsNext) {
        Index chosen = super.getIndexForColumn(column, needsEnds, needsNext);
        SessionLocal running = chosen == null || !needsEnds ? null : runningHere();
        Index index = running == null
                ? chosen
                : DescendingIndex.seen(chosen, column, storage().session(running));
        if (index == null || !needsEnds) {
            return index;
        }
        DescendingIndex ends = withEnds; // H2 asks at each execution.
        if (ends == null || !ends.isOf(index)) {
            ends = new DescendingIndex(index);
            withEnds = ends;
        }
        return ends;
    }

    /** {@inheritDoc} H2 says so when it commits or rolls back, before and after. */
    @Override
    public void setModificationDataId(long number) {
        Optional<SerialSession> committing = storage().serializing().committing();
        if (committing.isPresent() && isInCommit()) {
            committing.get().commitsInH2().ifPresent(NotingTable::refuse);
        }
        super.setModificationDataId(number);
    }

    private static void refuse(SQLException error) {
        throw DbException.convert(error);
    }

    private static boolean isInCommit() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.limit(FRAMES)
                        .anyMatch(frame -> frame.getDeclaringClass() == SessionLocal.class
                                && frame.getMethodName().equals("commit")));
    }
}
