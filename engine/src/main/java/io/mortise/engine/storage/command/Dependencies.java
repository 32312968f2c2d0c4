package io.mortise.engine.storage.command;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.dml.Call;
import org.h2.command.dml.CommandWithValues;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Merge;
import org.h2.command.query.Query;
import org.h2.engine.DbObject;
import org.h2.engine.IsolationLevel;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.Parameter;
import org.h2.expression.function.table.TableFunction;
import org.h2.index.Index;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.FunctionTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.RangeTable;
import org.h2.table.TableValueConstructorTable;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * All that a statement depends on. H2 looks into no subquery of a view or of a derived table, into no view below
 * another, into no argument of a function in FROM, and into no CALL. One thread.
 */
public final class Dependencies {
    private static final List<VarHandle> RANGE;
    private static final VarHandle FUNCTION;
    private static final VarHandle ARGUMENTS;
    private static final VarHandle ROWS;
    private static final VarHandle CHANGE;
    private static final VarHandle VALUES;
    private static final VarHandle CALLED;

    static {
        try {
            RANGE = List.of(
                    of(RangeTable.class, "min", Expression.class),
                    of(RangeTable.class, "max", Expression.class),
                    of(RangeTable.class, "step", Expression.class));
            FUNCTION = of(FunctionTable.class, "function", TableFunction.class);
            ARGUMENTS = of(TableFunction.class, "args", Expression[].class);
            ROWS = of(TableValueConstructorTable.class, "rows", ArrayList.class);
            CHANGE = of(DataChangeDeltaTable.class, "statement", DataChangeStatement.class);
            VALUES = of(CommandWithValues.class, "valuesExpressionList", ArrayList.class);
            CALLED = of(Call.class, "expression", Expression.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    /** H2 tells its objects apart by their numbers, but derived tables have none. */
    private static final class Found extends HashSet<DbObject> {
        private static final long serialVersionUID = 1;

        private final transient Set<DbObject> each = Collections.newSetFromMap(new IdentityHashMap<>());

        @Override
        public boolean add(DbObject object) {
            boolean isNew = each.add(object);
            return super.add(object) || isNew;
        }

        @Override
        public boolean contains(Object object) {
            return object instanceof DbObject known && known.getId() == 0
                    ? each.contains(object)
                    : super.contains(object);
        }
    }

    private final Found found = new Found();
    private final ExpressionVisitor visitor = ExpressionVisitor.getDependenciesVisitor(found);
    private boolean changesUnseen;

    private Dependencies() {}

    private static VarHandle of(Class<?> owner, String field, Class<?> type) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, field, type);
    }

    public static Dependencies of(Prepared statement) {
        Dependencies all = new Dependencies();
        statement.collectDependencies(all.found);
        if (statement instanceof Merge) {
            all.lookIntoRows((ArrayList<?>) VALUES.get((CommandWithValues) statement));
        } else if (statement instanceof Call call) {
            all.lookInto(new Expression[] {(Expression) CALLED.get(call)});
        }
        Set<DbObject> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        while (seen.size() < all.found.each.size()) {
            List.copyOf(all.found.each).stream().filter(seen::add).forEach(all::lookInto);
        }
        return all;
    }

    static Dependencies none() {
        return new Dependencies();
    }

    private void lookInto(DbObject object) {
        if (object instanceof QueryExpressionTable view) {
            Query query = view.getQuery();
            if (query != null) { // A view that is invalid has none.
                query.isEverything(visitor);
            }
        } else if (object instanceof RangeTable range) {
            for (VarHandle bound : RANGE) {
                lookIntoBound((Expression) bound.get(range));
            }
        } else if (object instanceof FunctionTable table) {
            lookInto((Expression[]) ARGUMENTS.get((TableFunction) FUNCTION.get(table)));
        } else if (object instanceof TableValueConstructorTable values) {
            lookIntoRows((ArrayList<?>) ROWS.get(values));
        } else if (object instanceof DataChangeDeltaTable delta) {
            ((DataChangeStatement) CHANGE.get(delta)).collectDependencies(found);
        }
    }

    private void lookIntoRows(List<?> rows) {
        for (Object row : rows) {
            lookInto(row instanceof List<?> list ? list.toArray(Expression[]::new) : (Expression[]) row);
        }
    }

    private void lookInto(Expression[] expressions) {
        for (Expression expression : expressions) {
            if (expression != null) { // Of an INSERT or a MERGE, null stands for DEFAULT.
                expression.isEverything(visitor);
            }
        }
    }

    /** To H2, a range never changes, whatever its bounds read. */
    private void lookIntoBound(@Nullable Expression bound) {
        if (bound != null && !bound.isConstant() && !(bound instanceof Parameter)) {
            changesUnseen = true;
            bound.isEverything(visitor);
        }
    }

    public Set<DbObject> all() {
        return found;
    }

    /** The maps of all tables among them. */
    public HashSet<MVMap<Object, VersionedValue<Object>>> maps() {
        HashSet<MVMap<Object, VersionedValue<Object>>> maps = new HashSet<>();
        for (DbObject object : found) {
            if (object instanceof MVTable table) {
                addMaps(table, maps);
            }
        }
        return maps;
    }

    @SuppressWarnings("unchecked")
    static void addMaps(MVTable table, Set<MVMap<Object, VersionedValue<Object>>> maps) {
        for (Index index : table.getIndexes()) {
            if (index instanceof MVIndex<?, ?> stored) {
                maps.add((MVMap<Object, VersionedValue<Object>>) (MVMap<?, ?>) stored.getMVMap());
            }
        }
    }

    /** May what it finds change, although no table has that H2 asks for the number of its last change? */
    boolean changesUnseen() {
        return changesUnseen;
    }

    /** The tables among them. */
    static MVTable[] tables(Set<DbObject> dependencies) {
        return dependencies.stream()
                .filter(MVTable.class::isInstance)
                .map(MVTable.class::cast)
                .toArray(MVTable[]::new);
    }

    /** Does the session's transaction keep a snapshot? Its level says so. */
    static boolean keepsSnapshot(StorageSession own) {
        IsolationLevel level = own.h2().getIsolationLevel();
        return level == IsolationLevel.SNAPSHOT || level == IsolationLevel.REPEATABLE_READ;
    }

    /** H2 asks what a statement depends on, and then takes its snapshot of that. */
    static void snapshotNext(StorageSession own) {
        Transaction transaction = keepsSnapshot(own) ? H2Reflection.transaction(own.h2()) : null;
        if (transaction != null) {
            own.snapshotAge().taken(transaction, own.h2().getDatabase().getModificationMetaId());
        }
    }

    /** Has one of the tables an index that is younger than the snapshot which the session's transaction keeps? */
    static boolean haveYoungIndex(MVTable[] tables, StorageSession own) {
        long age = own.snapshotAge().of(H2Reflection.transaction(own.h2()));
        for (MVTable table : tables) {
            if (table instanceof LockableTable lockable && lockable.indexAges().hasSince(age)) {
                return true;
            }
        }
        return false;
    }

    /** The tables that a statement reads, if one of them has such an index; else none. */
    static MVTable[] withYoungIndex(CommandContainer command, StorageSession own) {
        MVTable[] read = keepsSnapshot(own) ? tables(command.getDependencies()) : new MVTable[0];
        return haveYoungIndex(read, own) ? read : new MVTable[0];
    }

    /** Hides such indexes from the session until the answer is closed. */
    static Hiding hideYoung(MVTable[] tables, StorageSession own) {
        List<LockableTable> hiding = Stream.of(tables)
                .filter(LockableTable.class::isInstance)
                .map(LockableTable.class::cast)
                .toList();
        hiding.forEach(LockableTable::hideYoung);
        boolean was = own.snapshotAge().setHiding(true);
        return () -> {
            own.snapshotAge().setHiding(was);
            hiding.forEach(LockableTable::showYoung);
        };
    }

    /** Until this is closed, a session does not see some of the indexes. */
    interface Hiding extends AutoCloseable {
        @Override
        void close();
    }

    /** May it miss rows of that table, by the plan that it has and a snapshot that it took before this is asked? */
    static boolean mayMiss(MVTable table, long plan) {
        return table instanceof LockableTable lockable && !lockable.isSettledFor(plan);
    }

    /** Waits for the end of the definition because of which it may, and has the statement repeated. */
    static void check(StorageSession own, MVTable table, long plan) {
        if (table instanceof LockableTable lockable) {
            lockable.checkPlan(own, plan);
        }
    }
}
