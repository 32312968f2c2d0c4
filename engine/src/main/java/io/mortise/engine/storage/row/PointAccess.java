package io.mortise.engine.storage.row;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.h2.command.Prepared;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Update;
import org.h2.command.query.ForUpdate;
import org.h2.command.query.Select;
import org.h2.expression.Expression;
import org.h2.expression.Parameter;
import org.h2.expression.condition.Comparison;
import org.h2.index.Index;
import org.h2.index.IndexCondition;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * A statement that touches at most one row of a table, because it gives a full unique key of it by equality: that row
 * is locked instead of the table. One thread, for one statement.
 *
 * <p>Only where that is certain: one table, one query, values that are constants or parameters, and an index on the key
 * that H2 has chosen. A row that is not there cannot be locked; where nobody may insert it, the table is locked after
 * all.
 */
public final class PointAccess {
    /** Words with which a text may read a table more than once. */
    private static final Pattern READS = Pattern.compile("\\b(?:SELECT|TABLE|WITH)\\b", Pattern.CASE_INSENSITIVE);

    private static final Value[] NO_VALUES = {};

    private final StorageSession session;
    private final RowLocks rows;
    private final Index index;
    private final SearchRow key;
    /** Milliseconds, or {@link SessionWaits#AS_TOLD}. */
    private final int timeoutMillis;

    private PointAccess(StorageSession session, RowLocks rows, Index index, SearchRow key) {
        this.session = session;
        this.rows = rows;
        this.index = index;
        this.key = key;
        this.timeoutMillis = session.statements()
                .prepared()
                .map(PointAccess::locking)
                .map(ForUpdate::getTimeoutMillis)
                .orElse(SessionWaits.AS_TOLD);
    }

    private static @Nullable ForUpdate locking(Prepared statement) {
        return statement instanceof Select select ? select.getForUpdate() : null;
    }

    /**
     * Locks one row in place of the table, if that is all that the statement touches and the policy asks for no more.
     *
     * @param rows of the table
     * @param wanted the lock on the table that the statement takes otherwise
     */
    public static boolean locksRow(StorageSession session, RowLocks rows, int lockType, LockMode wanted) {
        LockableTable table = rows.table();
        LockMode held = session.transactionLocks().mode(table);
        if (wanted.isIntention() || lockType == Table.EXCLUSIVE_LOCK || held != null && held.covers(wanted)) {
            return false;
        }
        TableAccess access = lockType == Table.READ_LOCK ? TableAccess.READ_BY_KEY : TableAccess.WRITE_BY_KEY;
        LockMode intention =
                table.storage().policy().tableLock(session.situation(), access).orElse(wanted);
        return intention.isIntention()
                && of(session, rows, lockType)
                        .filter(point -> point.lock(intention, access))
                        .isPresent();
    }

    /** Does a query read at most one row, of one table, by a unique key? */
    public static boolean isPoint(Select select) {
        TableFilter filter = read(select);
        return filter != null
                && filter.getTable() instanceof LockableTable table
                && equalities(filter, table).isPresent();
    }

    /** Does a statement change at most one row, of one table, which it looks for by a unique key, and read no other? */
    public static boolean isPointChange(Prepared statement) {
        TableFilter filter = changed(statement);
        return filter != null
                && filter.getTable() instanceof LockableTable table
                && !READS.matcher(statement.getSQL()).find()
                && equalities(filter, table).isPresent();
    }

    /**
     * Does a statement look for what it reads once, in one map of the store: for one row by the number that it is
     * stored under? One that locks what it reads looks again.
     */
    public static boolean isOneLook(Prepared statement) {
        TableFilter filter = locking(statement) == null ? read(statement) : null;
        if (filter == null && !READS.matcher(statement.getSQL()).find()) {
            filter = changed(statement);
        }
        return filter != null
                && filter.getIndex() instanceof MVDelegateIndex
                && filter.getTable() instanceof LockableTable table
                && equalities(filter, table).isPresent();
    }

    /** The access of the statement that runs to this table, if it is by key. */
    private static Optional<PointAccess> of(StorageSession session, RowLocks rows, int lockType) {
        Prepared statement = session.statements().prepared().orElse(null);
        TableFilter filter = lockType == Table.READ_LOCK ? read(statement) : changed(statement);
        if (filter == null) {
            return Optional.empty();
        }
        return equalities(filter, rows.table())
                .flatMap(equalities -> key(session, rows.table(), equalities))
                .map(key -> new PointAccess(session, rows, filter.getIndex(), key));
    }

    /**
     * The one row that a statement would touch, which has been read and is not run.
     *
     * @param key as text; with a question mark for a parameter that has no value
     * @param row empty if that is not known, or there is no such row
     * @param holder who has written or locked it, if another transaction has
     */
    public record Named(String key, boolean isKnown, Optional<LockTarget.Row> row, Optional<OwnerId> holder) {}

    public static Optional<Named> named(StorageSession session, Prepared statement, LockableTable table) {
        TableFilter filter = statement instanceof Select ? read(statement) : changed(statement);
        if (filter == null) {
            return Optional.empty();
        }
        return equalities(filter, table).flatMap(equalities -> named(session, table, filter.getIndex(), equalities));
    }

    private static Optional<Named> named(
            StorageSession session, LockableTable table, Index index, List<IndexCondition> equalities) {
        Optional<SearchRow> key = key(session, table, equalities);
        if (key.isEmpty()) {
            boolean isOpen = equalities.stream().anyMatch(PointAccess::isUnset);
            return isOpen
                    ? Optional.of(new Named(text(session, equalities), false, Optional.empty(), Optional.empty()))
                    : Optional.empty();
        }
        Optional<CurrentEntries.Entry> found = new CurrentEntries(session.h2(), index).find(key.get());
        return Optional.of(new Named(
                text(session, equalities),
                true,
                found.map(entry -> new LockTarget.Row(table.target(), entry.row())),
                found.filter(entry -> !entry.isOwn())
                        .flatMap(entry -> entry.holding(table.storage().transactions()))
                        .map(Holding::owner)));
    }

    private static boolean isUnset(IndexCondition condition) {
        return condition.getExpression() instanceof Parameter parameter && !parameter.isValueSet();
    }

    private static String text(StorageSession session, List<IndexCondition> equalities) {
        return equalities.stream()
                .map(each -> each.getColumn().getName() + "="
                        + value(session, each).map(Value::getTraceSQL).orElse("?"))
                .collect(Collectors.joining(", "));
    }

    private static @Nullable TableFilter read(@Nullable Prepared statement) {
        if (!(statement instanceof Select select) || !readsOnce(select)) {
            return null;
        }
        TableFilter filter = select.getTopTableFilter();
        boolean isAlone = filter != null && filter.getJoin() == null && filter.getNestedJoin() == null;
        ForUpdate locking = locking(select);
        boolean skips = locking != null && locking.getType() == ForUpdate.Type.SKIP_LOCKED;
        return isAlone && !skips ? filter : null;
    }

    private static boolean readsOnce(Select select) {
        Matcher words = READS.matcher(select.getSQL());
        return words.find() && "SELECT".equalsIgnoreCase(words.group()) && !words.find();
    }

    private static @Nullable TableFilter changed(@Nullable Prepared statement) {
        if (statement instanceof Update update) {
            return update.getTableFilter();
        }
        return statement instanceof Delete delete ? delete.getTableFilter() : null;
    }

    private static boolean isUnique(@Nullable Index index) {
        return index != null && index.getIndexType().isUnique() && CurrentEntries.canRead(index);
    }

    /** What gives each column of a unique key of this table its one value; empty if nothing gives them all. */
    private static Optional<List<IndexCondition>> equalities(TableFilter filter, LockableTable table) {
        if (filter.getTable() != table || !isUnique(filter.getIndex())) {
            return Optional.empty();
        }
        List<IndexCondition> conditions = H2Reflection.indexConditions(filter);
        List<IndexCondition> equalities = new ArrayList<>();
        for (Column column : filter.getIndex().getColumns()) {
            Optional<IndexCondition> equality = conditions.stream()
                    .filter(condition -> isEquality(condition, column))
                    .findFirst();
            if (equality.isEmpty()) {
                return Optional.empty();
            }
            equalities.add(equality.get());
        }
        return Optional.of(equalities);
    }

    private static Optional<SearchRow> key(
            StorageSession session, LockableTable table, List<IndexCondition> equalities) {
        SearchRow key = table.getRowFactory().createRow();
        for (IndexCondition equality : equalities) {
            Optional<Value> value = value(session, equality);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            key.setValue(equality.getColumn().getColumnId(), value.get());
        }
        return Optional.of(key);
    }

    private static boolean isEquality(IndexCondition condition, Column column) {
        Expression expression = condition.getExpression();
        return !condition.isCompoundColumns()
                && condition.getCompareType() == Comparison.EQUAL
                && condition.getColumn() == column
                && (expression instanceof Parameter || expression.isConstant());
    }

    private static Optional<Value> value(StorageSession session, IndexCondition condition) {
        try {
            Value value = condition.getColumn().convert(session.h2(), condition.getCurrentValue(session.h2()));
            return value == ValueNull.INSTANCE ? Optional.empty() : Optional.of(value);
        } catch (DbException notOfTheColumnsType) {
            return Optional.empty(); // The statement itself will say what is wrong with it.
        }
    }

    /**
     * Locks the table with an intention, and the row.
     *
     * @return false if there is no such row, and the table has to be locked to keep it so
     */
    private boolean lock(LockMode intention, TableAccess access) {
        rows.table().lock(session, intention);
        LockMode mode = rows.table()
                .storage()
                .policy()
                .rowLock(session.situation(), access)
                .orElse(LockMode.S);
        Optional<CurrentEntries.Entry> found = find();
        while (found.isPresent() && !found.get().isOwn()) {
            long row = found.get().row();
            Row wanted = Row.get(NO_VALUES, 0, row);
            boolean isThere = locks(wanted, mode);
            found = find();
            if (isThere && found.filter(entry -> entry.row() == row).isPresent()) {
                break;
            }
        }
        session.statements().lookAgain();
        return found.isPresent() || !session.situation().isSerializable();
    }

    private boolean locks(Row row, LockMode mode) {
        Row locked =
                mode == LockMode.X ? rows.lock(session, row, timeoutMillis) : rows.share(session, row, timeoutMillis);
        return locked != null;
    }

    private Optional<CurrentEntries.Entry> find() {
        return new CurrentEntries(session.h2(), index).find(key);
    }
}
