package io.mortise.engine.storage.key;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.serial.Noted;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import java.util.Arrays;
import java.util.Optional;
import java.util.StringJoiner;
import org.h2.command.Prepared;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Update;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintActionType;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.util.HasSQL;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * Checks the foreign keys of a table's changed rows in place of H2. H2 looks for the other row in a snapshot, misses
 * what another session is committing, and an orphan stays. Thread-safe.
 *
 * <p>The lock is on the keys of the parent's row, on all of them at once. The child's side takes it shared, as an entry
 * of the lock table, and keeps it to the end of the transaction ({@link ParentRows}). The parent's side has it
 * exclusively by having written the row, without any entry, and waits for those who share it ({@link ChildRows}).
 *
 * <pre>
 * child                           parent
 * write the child's row           remove the parent's row, or one of its keys
 * lock the keys, shared           does anybody share the keys? then wait
 * is the parent's row leaving,    are there children?
 * or has one of its keys left?
 * then let go and wait
 * </pre>
 *
 * Both write before they look, so at least one of them sees the other; if both do, the child's side gives way. Rows are
 * looked for as they are now, at every isolation level.
 */
public final class ForeignKeys {
    private final LockableTable table;

    public ForeignKeys(LockableTable table) {
        this.table = table;
    }

    /**
     * A row has been written: inserted if there was none before, deleted if there is none after.
     *
     * @return has it been waited for those who rely on its keys?
     */
    public boolean check(StorageSession session, @Nullable Row before, @Nullable Row after) {
        boolean waited = false;
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintReferential key
                    && !isUntouched(key, before, after)
                    && isEnforced(key)) {
                Change change = new Change(session, key, before, after);
                boolean leaves = leavesKey(change);
                if (before != null && leaves && !waited) {
                    // Before the first look at children: who sees us wait knows that all of them will be looked for.
                    ParentRows.remove(session, table, before);
                }
                if (before != null && leaves) {
                    remove(change, before);
                }
                waited |= leaves;
            }
        }
        return waited;
    }

    /** Does the change leave alone what a key of another table refers to? Then neither we nor H2 have to look. */
    private boolean isUntouched(ConstraintReferential key, @Nullable Row before, @Nullable Row after) {
        return key.getTable() != table && before != null && after != null && !leaves(key, before, after);
    }

    private boolean isEnforced(ConstraintReferential key) {
        return table.storage().database().getReferentialIntegrity()
                && LockableTable.enforcesForeignKeys(key.getTable())
                && LockableTable.enforcesForeignKeys(key.getRefTable());
    }

    /** A row that has changed, and one of the foreign keys that this concerns. */
    private record Change(
            StorageSession session,
            ConstraintReferential key,
            @Nullable Row before,
            @Nullable Row after) {}

    /** Checks the row as a child, or has H2 check all; true if the row leaves a key that children may refer to. */
    private boolean leavesKey(Change change) {
        ConstraintReferential key = change.key;
        if (!isCheckedHere(key)) {
            asH2(change);
            return false;
        }
        Row after = change.after;
        if (key.getTable() == table && after != null && refersAnew(change, after)) {
            new ParentRows(change.session, (LockableTable) key.getRefTable(), key).keep(after);
        }
        Row before = change.before;
        return key.getRefTable() == table && before != null && leaves(key, before, after);
    }

    private static boolean isCheckedHere(ConstraintReferential key) {
        return key.getTable() instanceof LockableTable children
                && key.getRefTable() instanceof LockableTable
                && children.isLocking()
                && CurrentEntries.canRead(key.getIndex())
                && CurrentEntries.canRead(key.getReferencedConstraint().getIndex());
    }

    /** Does the row refer to a parent that it did not refer to before, other than itself? */
    private static boolean refersAnew(Change change, Row after) {
        SessionLocal h2 = change.session.h2();
        ConstraintReferential key = change.key;
        Row before = change.before;
        boolean same = before != null;
        boolean itself = key.getTable() == key.getRefTable();
        for (int i = 0; i < key.getColumns().length; i++) {
            Value value = value(after, key.getColumns()[i]);
            if (value == ValueNull.INSTANCE) {
                return false;
            }
            same = same && before != null && h2.areEqual(value, value(before, key.getColumns()[i]));
            itself = itself && h2.areEqual(value, value(after, key.getRefColumns()[i]));
        }
        return !same && !itself;
    }

    private static boolean leaves(ConstraintReferential key, Row before, @Nullable Row after) {
        return after == null || key.getReferencedConstraint().getIndex().compareRows(before, after) != 0;
    }

    private void remove(Change change, Row before) {
        ConstraintReferential key = change.key;
        Optional<SearchRow> referring = referring(change, before);
        if (referring.isEmpty()) {
            return;
        }
        long self = key.getTable() == table ? before.getKey() : SearchRow.MATCH_ALL_ROW_KEY;
        ChildRows children = new ChildRows(change.session, key, referring.get(), self);
        ConstraintActionType action = change.after == null ? key.getDeleteAction() : key.getUpdateAction();
        if (action.isNoActionOrRestrict()) {
            children.forbid();
        } else {
            children.follow(() -> asH2(change));
        }
    }

    /** The values with which children refer to a row; empty if none can, because one of the values is null. */
    private static Optional<SearchRow> referring(Change change, Row parent) {
        ConstraintReferential key = change.key;
        SearchRow values = key.getTable().getRowFactory().createRow();
        for (int i = 0; i < key.getColumns().length; i++) {
            Column column = key.getColumns()[i].column;
            Value value = column.convert(change.session.h2(), value(parent, key.getRefColumns()[i]));
            if (value == ValueNull.INSTANCE) {
                return Optional.empty();
            }
            values.setValue(column.getColumnId(), value);
        }
        return Optional.of(values);
    }

    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    private void asH2(Change change) {
        boolean was = change.session.keptKeys().setInsteadOfH2s(false);
        Noted notedBefore = change.session.serial().reads(Noted.BY_TABLE);
        try {
            change.key.checkRow(change.session.h2(), table, change.before, change.after);
        } finally {
            change.session.serial().reads(notedBefore);
            change.session.keptKeys().setInsteadOfH2s(was);
        }
    }

    static Value value(SearchRow row, IndexColumn column) {
        return row.getValue(column.column.getColumnId());
    }

    /** May this statement write columns that refer? */
    public static boolean isWritten(ConstraintReferential key, Prepared statement) {
        return !(statement instanceof Delete)
                && (!(statement instanceof Update update)
                        || Arrays.stream(key.getColumns())
                                .anyMatch(each -> H2Reflection.sets(update, each.column.getColumnId())));
    }

    /** The constraint, and the values of a key with which it was broken, as H2 writes it. */
    static String describe(ConstraintReferential key, Index index, SearchRow values) {
        StringBuilder text = new StringBuilder(key.getName()).append(": ");
        key.getTable().getSQL(text, HasSQL.TRACE_SQL_FLAGS).append(" FOREIGN KEY(");
        IndexColumn.writeColumns(text, key.getColumns(), HasSQL.TRACE_SQL_FLAGS).append(") REFERENCES ");
        key.getRefTable().getSQL(text, HasSQL.TRACE_SQL_FLAGS).append('(');
        IndexColumn.writeColumns(text, key.getRefColumns(), HasSQL.TRACE_SQL_FLAGS);
        StringJoiner shown = new StringJoiner(", ", ") (", ")");
        for (Column column : index.getColumns()) {
            shown.add(values.getValue(column.getColumnId()).toString());
        }
        return text.append(shown).toString();
    }
}
