package io.mortise.engine.storage.explain;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.key.ForeignKeys;
import io.mortise.engine.storage.key.ParentRows;
import io.mortise.engine.storage.key.UniqueKeys;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.row.Holder;
import io.mortise.engine.storage.row.KeySharedRow;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.h2.command.Prepared;
import org.h2.command.dml.Update;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.IsolationLevel;
import org.h2.index.Index;
import org.h2.result.Row;
import org.h2.table.Table;

/** Looks at the rows that others have, for those that a statement would touch. One thread. */
record Touching(StorageSession session, Prepared prepared, Unrun statement, List<ConstraintReferential> references) {
    /** The foreign keys of the rows that it writes, but for those to rows of the same table. */
    static List<ConstraintReferential> references(Table children, Prepared prepared, Unrun statement) {
        List<ConstraintReferential> references = new ArrayList<>();
        for (Constraint constraint : children.getConstraints()) {
            if (constraint instanceof ConstraintReferential key
                    && key.getTable() == children
                    && key.getRefTable() != children
                    && key.getRefTable() instanceof LockableTable
                    && ForeignKeys.isWritten(key, prepared)
                    && !statement.bringsNull(children, key.getColumns())) {
                references.add(key);
            }
        }
        return references;
    }

    Explanations.InTheWay inTheWay(Footprint.Use use, LockMode mode, List<LockRow> known) {
        LockableTable table = session.storage().table(use.table().id());
        if (table == null || statement.skipsLocked()) {
            return Explanations.InTheWay.NOBODY;
        }
        if (use.access() == TableAccess.REFERENCE) {
            return new Explanations.InTheWay(leavingParent(table), 0);
        }
        return use.access() != TableAccess.WRITE || !statement.bringsRows()
                ? searched(table, mode, known, key -> isTouched(table, key))
                : brought(table, mode, known);
    }

    /** A parent of a row that it brings may be on its way out. */
    private Optional<OwnerId> leavingParent(LockableTable parents) {
        for (ConstraintReferential key : references) {
            for (Row row : statement.rows(key.getTable())) {
                Optional<Holding> leaving = key.getRefTable() == parents
                        ? new ParentRows(session, parents, key).leaving(row)
                        : Optional.empty();
                if (leaving.isPresent()) {
                    return leaving.map(Holding::owner);
                }
            }
        }
        return Optional.empty();
    }

    /** Rows that it looks for: those that others hold are few, so each of them is tried. */
    private Explanations.InTheWay searched(
            LockableTable table, LockMode mode, List<LockRow> known, LongPredicate touched) {
        List<LockRow> met;
        try (Stream<LockRow> inStorage = session.storage().rowLocks()) {
            met = Stream.concat(inStorage, known.stream())
                    .filter(lock -> lock.owner().session() != session.id()
                            && !mode.compatibleWith(lock.mode())
                            && isOn(table, lock))
                    .filter(lock -> touched.test(keyOf(lock.target())))
                    .toList();
        }
        return inTheWay(met);
    }

    private static Explanations.InTheWay inTheWay(List<LockRow> met) {
        return new Explanations.InTheWay(
                met.stream()
                        .sorted(Comparator.comparing(LockRow::granted).reversed())
                        .map(LockRow::owner)
                        .findFirst(),
                met.stream().filter(lock -> !lock.granted()).count());
    }

    private boolean isOn(LockableTable table, LockRow lock) {
        boolean sharesKeys = StatementKinds.of(prepared) == StatementKind.SELECT_FOR_KEY_SHARE;
        if (lock.target() instanceof LockTarget.Row row) {
            return row.table().equals(table.target())
                    && (!sharesKeys
                            || lock.granted()
                                    && KeySharedRow.isLeaving(
                                            table,
                                            row.key(),
                                            session.h2().getTransaction().getId()));
        }
        return lock.target() instanceof LockTarget.RowKey key
                && key.table().equals(table.target())
                && (sharesKeys || changesKeys(table));
    }

    /** Would it delete rows, or write a column of a unique key? */
    private boolean changesKeys(LockableTable table) {
        return statement.isDelete()
                || prepared instanceof Update update
                        && table.getIndexes().stream()
                                .filter(index -> index.getIndexType().isUnique())
                                .flatMap(index -> Arrays.stream(index.getColumns()))
                                .anyMatch(column -> H2Reflection.sets(update, column.getColumnId()));
    }

    private static long keyOf(LockTarget target) {
        return target instanceof LockTarget.Row row ? row.key() : ((LockTarget.RowKey) target).key();
    }

    private boolean isTouched(LockableTable table, long key) {
        Holder now = Holder.of(table, key, session.h2().getTransaction().getId());
        Optional<Row> row = session.h2().getIsolationLevel() == IsolationLevel.READ_UNCOMMITTED
                ? Holder.uncommitted(table, key)
                : now.row();
        return !now.isOwn()
                && row.filter(seen -> statement.touches(table, seen)).isPresent();
    }

    /** Rows that it brings: somebody may have brought the same, or have the one that a MERGE would update. */
    private Explanations.InTheWay brought(LockableTable table, LockMode mode, List<LockRow> known) {
        UniqueKeys keys = new UniqueKeys(table, session.storage());
        for (Row row : statement.rows(table)) {
            Optional<UniqueKeys.Conflict> conflict = keys.conflict(session, row);
            if (conflict.isPresent()) {
                LockTarget target = conflict.get().target();
                long waiting = known.stream()
                        .filter(lock -> !lock.granted() && lock.target().equals(target))
                        .count();
                return new Explanations.InTheWay(
                        Optional.of(conflict.get().holder().owner()), waiting);
            }
        }
        return statement.isInsert()
                ? Explanations.InTheWay.NOBODY
                : searched(table, mode, known, found(table)::contains);
    }

    private Set<Long> found(LockableTable table) {
        Set<Long> found = new HashSet<>();
        for (Row row : statement.rows(table)) {
            for (Index index : table.getIndexes()) {
                if (index.getIndexType().isUnique()
                        && CurrentEntries.canRead(index)
                        && UniqueKeys.isKnown(index, row)) {
                    new CurrentEntries(session.h2(), index)
                            .find(row)
                            .filter(entry -> !entry.isOwn())
                            .ifPresent(entry -> found.add(entry.row()));
                }
            }
        }
        return found;
    }
}
