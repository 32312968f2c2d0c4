package io.mortise.engine.storage.explain;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.command.Dependencies;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.row.PointAccess;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.command.Parser;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.DbObject;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.expression.Parameter;
import org.h2.message.DbException;
import org.h2.table.Table;
import org.h2.value.Value;
import org.h2.value.ValueToObjectConverter;
import org.jspecify.annotations.Nullable;

/** Says what a table is, and what a statement would touch, by H2's parser: nothing is run. Stateless. */
public final class Explanations {
    /** Where a definition names its table; H2's own definitions keep it to themselves. */
    private static final Pattern DEFINED = Pattern.compile(
            "\\b(?:TABLE|ON)\\s+(?:IF\\s+EXISTS\\s+)?((?:\\w+|\"[^\"]*\")(?:\\.(?:\\w+|\"[^\"]*\"))?)",
            Pattern.CASE_INSENSITIVE);

    private Explanations() {}

    /** A column, as SQL writes its type; the description is empty if it has none. */
    public record Column(String name, String type, String description) {}

    /**
     * What kind a statement is, and what it touches.
     *
     * @param row the one row of its table that it touches, if it gives a full key of it
     * @param rows who is in its way on the rows of its tables
     * @param notes what the transaction would note of its reads, if it notes them
     */
    public record Statement(
            StatementKind kind, Footprint footprint, Optional<Row> row, Rows rows, List<ReadNote> notes) {
        Statement(StatementKind kind, Footprint footprint) {
            this(kind, footprint, Optional.empty(), (use, mode, known) -> InTheWay.NOBODY, List.of());
        }
    }

    /** @param range an index and the conditions by which it is read; empty for the whole table */
    public record ReadNote(LockTarget.Table table, Optional<String> range) {}

    /** Who is in the way of a statement on the rows of one of its tables, as of now. */
    @FunctionalInterface
    public interface Rows {
        /** @param known the locks of the other sessions that the lock table has */
        InTheWay of(Footprint.Use use, LockMode mode, List<LockRow> known);
    }

    /**
     * @param holder whom it would wait for first
     * @param waiting how many wait for the same rows already
     */
    public record InTheWay(Optional<OwnerId> holder, long waiting) {
        static final InTheWay NOBODY = new InTheWay(Optional.empty(), 0);
    }

    /**
     * A row that a statement gives the full key of.
     *
     * @param key as text, {@code ID=42}; with a question mark for a parameter without a value
     * @param target empty if it is not there, or not known
     * @param holder who has it in storage, if another transaction has
     */
    public record Row(LockTarget.Table table, String key, Optional<LockTarget.Row> target, Optional<OwnerId> holder) {}

    public static List<Column> columns(SessionLocal session, String name) {
        List<Column> columns = new ArrayList<>();
        for (org.h2.table.Column column :
                new Parser(session).parseTableName(name).getColumns()) {
            String comment = column.getComment();
            columns.add(new Column(column.getName(), column.getType().getTraceSQL(), comment == null ? "" : comment));
        }
        return columns;
    }

    /** @param values of the first parameters */
    public static Statement statement(StorageSession session, String sql, List<@Nullable Object> values) {
        PlannedReads reads = new PlannedReads(session);
        Prepared prepared = reads.during(() -> new Parser(session.h2()).prepare(sql));
        List<Parameter> parameters = prepared.getParameters();
        for (int i = 0; i < Math.min(values.size(), parameters.size()); i++) {
            parameters
                    .get(i)
                    .setValue(ValueToObjectConverter.objectToValue(session.h2(), values.get(i), Value.UNKNOWN));
        }
        StatementKind kind = StatementKinds.of(prepared);
        return switch (kind) {
            case TABLE_DDL, TRUNCATE -> new Statement(kind, definition(session.h2(), sql, kind));
            case SCHEMA_DDL -> new Statement(kind, Footprint.of(schema(session.h2())));
            default -> touching(session, prepared, kind, reads);
        };
    }

    private static Statement touching(
            StorageSession session, Prepared prepared, StatementKind kind, PlannedReads reads) {
        List<Footprint.Use> uses = new ArrayList<>();
        Table changed = prepared instanceof DataChangeStatement change ? change.getTable() : null;
        Unrun statement = new Unrun(session.h2(), prepared);
        Optional<Row> row = Optional.empty();
        if (changed instanceof LockableTable target) {
            statement.checkRights(changed);
            row = row(session, prepared, target);
            uses.add(new Footprint.Use(target.target(), row.isEmpty() ? TableAccess.WRITE : TableAccess.WRITE_BY_KEY));
        }
        for (DbObject dependency : Dependencies.of(prepared).all()) {
            if (dependency instanceof LockableTable read && read != changed) {
                Optional<Row> one = changed == null ? row(session, prepared, read) : Optional.empty();
                uses.add(
                        new Footprint.Use(read.target(), one.isPresent() ? TableAccess.READ_BY_KEY : TableAccess.READ));
                row = row.or(() -> one);
            }
        }
        List<ConstraintReferential> references =
                changed == null ? List.of() : Touching.references(changed, prepared, statement);
        references.stream()
                .map(key -> new Footprint.Use(((LockableTable) key.getRefTable()).target(), TableAccess.REFERENCE))
                .distinct()
                .forEach(uses::add);
        Rows rows = new Touching(session, prepared, statement, references)::inTheWay;
        return new Statement(kind, new Footprint(List.of(), uses), row, rows, reads.notes());
    }

    /** At SERIALIZABLE a row that is not there is not enough: its table is locked so that it stays so. */
    private static Optional<Row> row(StorageSession session, Prepared prepared, LockableTable table) {
        return PointAccess.named(session, prepared, table)
                .filter(named -> named.row().isPresent()
                        || !named.isKnown()
                        || !session.situation().isSerializable())
                .map(named -> new Row(table.target(), named.key(), named.row(), named.holder()));
    }

    private static Footprint definition(SessionLocal session, String sql, StatementKind kind) {
        Optional<LockableTable> defined = definedTable(session, sql);
        if (defined.isEmpty()) {
            return Footprint.of(schema(session));
        }
        LockableTable table = defined.get();
        session.getUser().checkTableRight(table, kind == StatementKind.TRUNCATE ? Right.DELETE : Right.SCHEMA_OWNER);
        return Footprint.of(table.target(), TableAccess.WHOLE);
    }

    /** The table that a definition creates, alters or drops, if it is there. */
    static Optional<LockableTable> definedTable(SessionLocal session, String sql) {
        Matcher named = DEFINED.matcher(sql);
        while (named.find()) {
            try {
                if (new Parser(session).parseTableName(named.group(1)) instanceof LockableTable table) {
                    return Optional.of(table);
                }
            } catch (DbException notThere) {
                // A table that is yet to be made, or a word that is no table's name: the next one may be.
                continue;
            }
        }
        return Optional.empty();
    }

    private static LockTarget.Schema schema(SessionLocal session) {
        return new LockTarget.Schema(
                session.getDatabase().getSchema(session.getCurrentSchemaName()).getId());
    }
}
