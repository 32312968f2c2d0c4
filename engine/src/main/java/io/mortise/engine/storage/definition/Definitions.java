package io.mortise.engine.storage.definition;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterTable;
import org.h2.command.ddl.AlterTableAlterColumn;
import org.h2.command.ddl.CreateIndex;
import org.h2.command.ddl.CreateTable;
import org.h2.command.ddl.CreateTableData;
import org.h2.command.ddl.CreateTrigger;
import org.h2.command.ddl.DropIndex;
import org.h2.command.ddl.DropTable;
import org.h2.command.ddl.DropTrigger;
import org.h2.command.ddl.SchemaCommand;
import org.h2.command.ddl.TruncateTable;
import org.h2.command.dml.ExecuteImmediate;
import org.h2.command.dml.ExecuteProcedure;
import org.h2.command.dml.Set;
import org.h2.command.dml.SetTypes;
import org.h2.engine.Procedure;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.Parameter;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.schema.Schema;
import org.h2.schema.TriggerObject;
import org.h2.table.Table;

/** What an H2 statement that defines something is about to touch. Stateless. */
public final class Definitions {
    private static final VarHandle ALTERED;
    private static final VarHandle ALTERED_COLUMN;
    private static final VarHandle INDEXED;
    private static final VarHandle DROPPED_INDEX;
    private static final VarHandle TRIGGERED;
    private static final VarHandle DROPPED_TRIGGER;
    private static final VarHandle DROPPED_TABLES;
    private static final VarHandle DROPPED_SCHEMA;
    private static final VarHandle DROPPED_NAME;
    private static final VarHandle CREATED;
    private static final VarHandle EMPTIED;
    private static final VarHandle SET_TYPE;
    private static final VarHandle EXECUTED;
    private static final VarHandle PROCEDURE;
    private static final VarHandle PROCEDURE_PARAMETERS;
    private static final VarHandle CONTAINED;
    private static final MethodHandle SCHEMA;
    private static final MethodHandle RECOMPILE;

    static {
        try {
            ALTERED = H2Reflection.in(AlterTable.class).findVarHandle(AlterTable.class, "tableName", String.class);
            ALTERED_COLUMN = H2Reflection.in(AlterTableAlterColumn.class)
                    .findVarHandle(AlterTableAlterColumn.class, "tableName", String.class);
            INDEXED = H2Reflection.in(CreateIndex.class).findVarHandle(CreateIndex.class, "tableName", String.class);
            DROPPED_INDEX = H2Reflection.in(DropIndex.class).findVarHandle(DropIndex.class, "indexName", String.class);
            TRIGGERED =
                    H2Reflection.in(CreateTrigger.class).findVarHandle(CreateTrigger.class, "tableName", String.class);
            DROPPED_TRIGGER =
                    H2Reflection.in(DropTrigger.class).findVarHandle(DropTrigger.class, "triggerName", String.class);
            DROPPED_TABLES = H2Reflection.in(DropTable.class).findVarHandle(DropTable.class, "tables", ArrayList.class);
            Class<?> named = Class.forName("org.h2.command.ddl.DropTable$SchemaAndTable");
            DROPPED_SCHEMA = H2Reflection.in(named).findVarHandle(named, "schema", Schema.class);
            DROPPED_NAME = H2Reflection.in(named).findVarHandle(named, "tableName", String.class);
            CREATED =
                    H2Reflection.in(CreateTable.class).findVarHandle(CreateTable.class, "data", CreateTableData.class);
            EMPTIED = H2Reflection.in(TruncateTable.class).findVarHandle(TruncateTable.class, "table", Table.class);
            SET_TYPE = H2Reflection.in(Set.class).findVarHandle(Set.class, "type", int.class);
            EXECUTED = H2Reflection.in(ExecuteImmediate.class)
                    .findVarHandle(ExecuteImmediate.class, "statement", Expression.class);
            PROCEDURE = H2Reflection.in(ExecuteProcedure.class)
                    .findVarHandle(ExecuteProcedure.class, "procedure", Procedure.class);
            PROCEDURE_PARAMETERS = H2Reflection.in(ExecuteProcedure.class)
                    .findVarHandle(ExecuteProcedure.class, "expressions", ArrayList.class);
            CONTAINED = H2Reflection.in(CommandContainer.class)
                    .findVarHandle(CommandContainer.class, "prepared", Prepared.class);
            RECOMPILE = H2Reflection.in(CommandContainer.class)
                    .findVirtual(CommandContainer.class, "recompileIfRequired", MethodType.methodType(void.class));
            SCHEMA = H2Reflection.in(SchemaCommand.class)
                    .findVirtual(SchemaCommand.class, "getSchema", MethodType.methodType(Schema.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private Definitions() {}

    /**
     * The tables that a statement alters, drops, indexes or gives a trigger, by their numbers; those that are not there
     * are left out. H2 locks most of them, and lists the trigger of a table that others are changing.
     */
    public static List<Table> tables(SessionLocal session, Prepared prepared) {
        if (prepared instanceof AlterTable alter) {
            return table(session, alter, (String) ALTERED.get(alter));
        }
        if (prepared instanceof AlterTableAlterColumn alter) {
            return table(session, alter, (String) ALTERED_COLUMN.get(alter));
        }
        if (prepared instanceof CreateIndex create) {
            return table(session, create, (String) INDEXED.get(create));
        }
        if (prepared instanceof CreateTrigger create) {
            return table(session, create, (String) TRIGGERED.get(create));
        }
        if (prepared instanceof DropTrigger drop) {
            return Optional.ofNullable(schema(drop).findTrigger((String) DROPPED_TRIGGER.get(drop))).stream()
                    .map(TriggerObject::getTable)
                    .toList();
        }
        if (prepared instanceof DropIndex drop) {
            return Optional.ofNullable(schema(drop).findIndex(session, (String) DROPPED_INDEX.get(drop))).stream()
                    .map(Index::getTable)
                    .toList();
        }
        return prepared instanceof DropTable drop ? dropped(session, drop) : List.of();
    }

    private static List<Table> dropped(SessionLocal session, DropTable drop) {
        List<Table> tables = new ArrayList<>();
        for (Object named : (ArrayList<?>) DROPPED_TABLES.get(drop)) {
            Schema schema = (Schema) DROPPED_SCHEMA.get(named);
            tables.addAll(table(session, schema, (String) DROPPED_NAME.get(named)));
        }
        tables.sort(Comparator.comparingInt(Table::getId));
        return tables;
    }

    private static List<Table> table(SessionLocal session, SchemaCommand command, String name) {
        return table(session, schema(command), name);
    }

    private static List<Table> table(SessionLocal session, Schema schema, String name) {
        return Optional.ofNullable(schema.findTableOrView(session, name)).stream()
                .toList();
    }

    static Schema schema(SchemaCommand command) {
        try {
            return (Schema) SCHEMA.invoke(command);
        } catch (Throwable e) {
            throw new AssertionError("a getter of H2 does not throw", e);
        }
    }

    /** Does it touch nothing but local temporary tables, of which the catalogue knows nothing? */
    public static boolean isPrivate(SessionLocal session, Prepared prepared) {
        if (prepared instanceof CreateTable create) {
            CreateTableData data = (CreateTableData) CREATED.get(create);
            return data.temporary && !data.globalTemporary;
        }
        List<Table> tables = tables(session, prepared);
        return !tables.isEmpty()
                && tables.stream().allMatch(table -> table.isTemporary() && !table.isGlobalTemporary());
    }

    /** Does a SET, or an ANALYZE, write something into the catalogue? A SET of the session alone does not. */
    public static boolean writesSetting(Prepared prepared) {
        if (!(prepared instanceof Set set)) {
            return prepared.getType() == CommandInterface.ANALYZE;
        }
        int type = (int) SET_TYPE.get(set);
        return switch (type) {
            // H2 commits nothing for these, and writes them down.
            case SetTypes.CLUSTER, SetTypes.WRITE_DELAY, SetTypes.RETENTION_TIME -> true;
            // For everybody, and in memory only.
            case SetTypes.EXCLUSIVE,
                    SetTypes.OPTIMIZE_REUSE_RESULTS,
                    SetTypes.REFERENTIAL_INTEGRITY,
                    SetTypes.QUERY_STATISTICS,
                    SetTypes.QUERY_STATISTICS_MAX_ENTRIES,
                    SetTypes.BUILTIN_ALIAS_OVERRIDE -> false;
            default -> !set.isTransactional();
        };
    }

    /**
     * Has H2 read the statement again if the catalogue has changed since it did so last, as it does before each start.
     */
    public static void recompile(CommandContainer container) {
        try {
            RECOMPILE.invoke(container);
        } catch (DbException e) {
            throw e;
        } catch (Throwable e) {
            throw DbException.convert(e);
        }
    }

    /**
     * Lets a statement that H2 is about to run fail at once, before it has done anything: H2 swallows what is thrown
     * where it says that a statement starts. The next time the statement runs as ever.
     */
    public static void refuse(CommandContainer container, DbException refusal) {
        Prepared meant = (Prepared) CONTAINED.get(container);
        CONTAINED.set(container, new RefusedStatement(meant, refusal, () -> CONTAINED.set(container, meant)));
    }

    /** What a command runs. */
    static Prepared contained(CommandContainer container) {
        return (Prepared) CONTAINED.get(container);
    }

    /** Fails as the statement would if it was refused as it started. */
    static void checkNotRefused(CommandContainer container) {
        Prepared prepared = contained(container);
        if (prepared instanceof RefusedStatement) {
            prepared.update();
        }
        for (Parameter parameter : prepared.getParameters()) { // A refusal of another kind waits for this very loop.
            parameter.checkSet();
        }
    }

    /** The table that a TRUNCATE empties. */
    public static Optional<Table> emptied(Prepared prepared) {
        return prepared instanceof TruncateTable truncate
                ? Optional.of((Table) EMPTIED.get(truncate))
                : Optional.empty();
    }

    /** What an EXECUTE IMMEDIATE computes the text from that it runs. */
    static Expression executed(ExecuteImmediate immediate) {
        return (Expression) EXECUTED.get(immediate);
    }

    /** What an EXECUTE runs. */
    static Prepared executed(ExecuteProcedure execute) {
        return ((Procedure) PROCEDURE.get(execute)).getPrepared();
    }

    /** With which values. */
    @SuppressWarnings("unchecked")
    static List<Expression> parameters(ExecuteProcedure execute) {
        return (ArrayList<Expression>) PROCEDURE_PARAMETERS.get(execute);
    }

    /** H2 is about to run this: a definition in an EXECUTE IMMEDIATE is to run as it does anywhere. */
    public static void runTextsAlone(CommandContainer container) {
        Prepared meant = contained(container);
        Prepared runs = PlacedStatement.of(meant);
        if (runs != meant) {
            CONTAINED.set(container, runs);
        }
    }

    /** Does it run another as a statement of its own now? Then it has nothing else to do. */
    public static boolean runsAnotherAlone(Command command) {
        return command instanceof CommandContainer container
                && contained(container) instanceof PlacedStatement placed
                && placed.isRunningAlone();
    }

    /** Has a command that H2 has just run committed on its own? */
    public static boolean commits(Command command) {
        return !command.isTransactional()
                || command instanceof CommandContainer container
                        && contained(container) instanceof PlacedStatement placed
                        && placed.hasCommitted;
    }
}
