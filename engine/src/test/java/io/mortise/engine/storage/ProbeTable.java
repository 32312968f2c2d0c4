package io.mortise.engine.storage;

import io.mortise.engine.storage.h2.H2Reflection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.h2.api.TableEngine;
import org.h2.command.Command;
import org.h2.command.ddl.CreateTableData;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.Row;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * A table of plain H2's that writes down what H2 asks of it and does nothing else, but what it is told to. Thread-safe
 * as its superclass is; what is written down is of all tables, so one test at a time.
 */
final class ProbeTable extends MVTable {
    /** What H2 has asked, in order. */
    static final List<String> ASKED = new CopyOnWriteArrayList<>();

    /** The commits of which H2 has told a table. */
    static final List<String> COMMITS = new CopyOnWriteArrayList<>();

    /** What the next call of {@code lock} throws. */
    private static volatile Optional<Supplier<DbException>> next = Optional.empty();

    private ProbeTable(CreateTableData data) {
        super(data, data.schema.getDatabase().getStore());
        ASKED.add("create " + data.tableName + " of id " + data.id);
    }

    /** Named in a URL as the default table engine. */
    public static final class Engine implements TableEngine {
        @Override
        public Table createTable(CreateTableData data) {
            return new ProbeTable(data);
        }
    }

    /** How the next commit is refused. */
    private static volatile Optional<Supplier<DbException>> veto = Optional.empty();

    static void forget() {
        ASKED.clear();
        COMMITS.clear();
        next = Optional.empty();
        veto = Optional.empty();
    }

    static void failOnce(Supplier<DbException> error) {
        next = Optional.of(error);
    }

    static void refuseCommit(Supplier<DbException> error) {
        veto = Optional.of(error);
    }

    /** H2 says so of each table that was changed, before it commits or rolls back and after. */
    @Override
    public void setModificationDataId(long number) {
        Optional<Supplier<DbException>> refusal = veto;
        for (SessionLocal session : database.getSessions(false)) {
            Transaction transaction = session.isLockedByCurrentThread() ? H2Reflection.transaction(session) : null;
            if (transaction != null && isCommitting()) {
                boolean isBefore = transaction.getStatus() == Transaction.STATUS_OPEN;
                if (!isMeta()) {
                    COMMITS.add("commit of " + getName() + (isBefore ? " begins" : " is over"));
                }
                if (isBefore && refusal.isPresent()) {
                    veto = Optional.empty();
                    session.rollback();
                    throw refusal.get().get();
                }
            }
        }
        super.setModificationDataId(number);
    }

    private static boolean isCommitting() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.limit(4).anyMatch(frame -> frame.getMethodName().equals("commit")));
    }

    private boolean isMeta() {
        return getId() == 0;
    }

    private void note(String what) {
        if (!isMeta()) {
            ASKED.add(what);
        }
    }

    @Override
    public boolean lock(SessionLocal session, int lockType) {
        String mode = lockType == READ_LOCK ? "read" : lockType == WRITE_LOCK ? "write" : "exclusive";
        note("lock " + getName() + " " + mode + " for " + statement(session));
        Optional<Supplier<DbException>> error = next;
        if (error.isPresent() && lockType == WRITE_LOCK) {
            next = Optional.empty();
            throw error.get().get();
        }
        if (!isMeta() && !session.getLocks().contains(this)) {
            session.registerTableAsLocked(this);
        }
        return false;
    }

    private String statement(SessionLocal session) {
        Command command = session.getCurrentCommand();
        return command == null
                ? "nothing"
                : command.getCommandType() + (command.getDependencies().contains(this) ? " that depends on it" : "");
    }

    @Override
    public void unlock(SessionLocal session) {
        Transaction transaction = session.isClosed() ? null : H2Reflection.transaction(session);
        boolean isOver = transaction == null || transaction.getStatus() != Transaction.STATUS_OPEN;
        note("unlock " + getName() + (isOver ? " after the end" : " before the end"));
    }

    @Override
    public boolean isLockedExclusively() {
        return false;
    }

    @Override
    public boolean isLockedExclusivelyBy(SessionLocal session) {
        return true;
    }

    @Override
    @SuppressWarnings("NullAway") // null: H2's own answer for a row that is gone or locked
    public @Nullable Row lockRow(SessionLocal session, Row row, int timeoutMillis) {
        note("row " + row.getKey() + " within " + timeoutMillis);
        return super.lockRow(session, row, timeoutMillis);
    }

    /** As this engine asks: without waiting. */
    @Nullable
    Row tryRow(SessionLocal session, Row row) {
        return super.lockRow(session, row, -2);
    }

    @Override
    public void addRow(SessionLocal session, Row row) {
        note("add " + row.getKey());
        super.addRow(session, row);
    }

    @Override
    public void updateRow(SessionLocal session, Row oldRow, Row newRow) {
        note("update " + newRow.getKey());
        super.updateRow(session, oldRow, newRow);
    }

    @Override
    public void removeRow(SessionLocal session, Row row) {
        note("remove " + row.getKey());
        super.removeRow(session, row);
    }
}
