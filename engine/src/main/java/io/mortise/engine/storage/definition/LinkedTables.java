package io.mortise.engine.storage.definition;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StatementKinds;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterTableAddConstraint;
import org.h2.command.ddl.AlterTableDropConstraint;
import org.h2.command.ddl.CommandWithColumns;
import org.h2.command.ddl.DropTable;
import org.h2.constraint.Constraint;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.schema.Schema;
import org.h2.table.Table;

/**
 * The tables on the other side of the foreign keys that a definition makes, drops or copies. H2 keeps each of these
 * constraints in the lists of both tables, which every statement that changes rows goes through, and locks only the
 * table that the definition names. Stateless.
 */
public final class LinkedTables {
    private static final VarHandle REFERENCED_SCHEMA;
    private static final VarHandle REFERENCED;
    private static final VarHandle DROPPED;
    private static final VarHandle CONSTRAINTS;

    static {
        try {
            Class<?> adds = AlterTableAddConstraint.class;
            REFERENCED_SCHEMA = H2Reflection.in(adds).findVarHandle(adds, "refSchema", Schema.class);
            REFERENCED = H2Reflection.in(adds).findVarHandle(adds, "refTableName", String.class);
            Class<?> drops = AlterTableDropConstraint.class;
            DROPPED = H2Reflection.in(drops).findVarHandle(drops, "constraintName", String.class);
            Class<?> creates = CommandWithColumns.class;
            CONSTRAINTS = H2Reflection.in(creates).findVarHandle(creates, "constraintCommands", ArrayList.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private LinkedTables() {}

    /**
     * Those of one definition.
     *
     * @param named the tables that it names
     * @return in no order; a table may be there twice, or be one of those it names
     */
    public static List<Table> of(SessionLocal session, Prepared prepared, List<Table> named) {
        if (prepared instanceof AlterTableAddConstraint add) {
            return referenced(session, add).toList();
        }
        if (prepared instanceof AlterTableDropConstraint drop) {
            String name = (String) DROPPED.get(drop);
            return Optional.ofNullable(Definitions.schema(drop).findConstraint(session, name)).stream()
                    .flatMap(LinkedTables::ofDropped)
                    .toList();
        }
        boolean isAll = prepared instanceof DropTable || StatementKinds.isCopying(prepared.getType());
        Stream<Table> all = isAll ? named.stream().flatMap(LinkedTables::ofAll) : Stream.empty();
        return prepared instanceof CommandWithColumns columns
                ? Stream.concat(all, withColumns(session, columns)).toList()
                : all.toList();
    }

    /**
     * May a definition take an index of one of them away, with its foreign key, or make one there? Who reads it by
     * locks must not come in between, and nobody is to look into what is not committed.
     *
     * @param named the tables that the definition names
     */
    public static boolean mayChangeIndexes(SessionLocal session, Prepared prepared, Table linked, List<Table> named) {
        if (makesKeys(session)
                && (prepared instanceof AlterTableAddConstraint || prepared instanceof CommandWithColumns)) {
            return true;
        }
        boolean drops = prepared instanceof DropTable || prepared instanceof AlterTableDropConstraint;
        return drops
                && foreignKeys(linked).anyMatch(key -> key.getTable() == linked && named.contains(key.getRefTable()));
    }

    /** Does a foreign key make the unique key to which it refers, where there is none? */
    private static boolean makesKeys(SessionLocal session) {
        return session.isQuirksMode() || session.getMode().createUniqueConstraintForReferencedColumns;
    }

    /** Of the foreign keys that a CREATE TABLE, or a new column, has with it. */
    private static Stream<Table> withColumns(SessionLocal session, CommandWithColumns columns) {
        return Stream.ofNullable((ArrayList<?>) CONSTRAINTS.get(columns))
                .flatMap(ArrayList::stream)
                .filter(AlterTableAddConstraint.class::isInstance)
                .flatMap(constraint -> referenced(session, (AlterTableAddConstraint) constraint));
    }

    /** Who may not refer to a table must not hold up those who change it by trying. */
    private static Stream<Table> referenced(SessionLocal session, AlterTableAddConstraint add) {
        Schema schema = (Schema) REFERENCED_SCHEMA.get(add);
        String name = (String) REFERENCED.get(add);
        return schema == null || name == null
                ? Stream.empty()
                : Stream.ofNullable(schema.findTableOrView(session, name))
                        .filter(table -> session.getUser().hasTableRight(table, Right.SCHEMA_OWNER));
    }

    /** A key takes the foreign keys that rely on it with it. */
    private static Stream<Table> ofDropped(Constraint dropped) {
        if (!dropped.getConstraintType().isUnique()) {
            return Stream.ofNullable(dropped.getRefTable());
        }
        return foreignKeys(dropped.getTable())
                .filter(constraint -> constraint.getReferencedConstraint() == dropped)
                .map(Constraint::getTable);
    }

    private static Stream<Table> ofAll(Table table) {
        return foreignKeys(table).flatMap(key -> Stream.of(key.getTable(), key.getRefTable()));
    }

    // The table's own list is what another definition may be changing.
    private static Stream<Constraint> foreignKeys(Table table) {
        return table.getDatabase().getAllSchemas().stream()
                .flatMap(schema -> schema.getAllConstraints().stream())
                .filter(constraint -> constraint.getConstraintType() == Constraint.Type.REFERENTIAL)
                .filter(key -> key.getTable() == table || key.getRefTable() == table);
    }
}
