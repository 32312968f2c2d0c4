package io.mortise.engine.storage;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.TableAccess;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.command.Parser;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.table.Table;

/** Says what a table is, and what a statement would touch, by H2's parser: nothing is run. Stateless. */
public final class Explanations {
    /** Where a definition names its table; H2's own definitions keep it to themselves. */
    private static final Pattern DEFINED = Pattern.compile(
            "\\b(?:TABLE|ON)\\s+(?:IF\\s+EXISTS\\s+)?((?:\\w+|\"[^\"]*\")(?:\\.(?:\\w+|\"[^\"]*\"))?)",
            Pattern.CASE_INSENSITIVE);

    private Explanations() {}

    /** A column, as SQL writes its type; the description is empty if it has none. */
    public record Column(String name, String type, String description) {}

    /** What kind a statement is, and what it touches. */
    public record Statement(StatementKind kind, Footprint footprint) {}

    static List<Column> columns(SessionLocal session, String name) {
        List<Column> columns = new ArrayList<>();
        for (org.h2.table.Column column :
                new Parser(session).parseTableName(name).getColumns()) {
            String comment = column.getComment();
            columns.add(new Column(column.getName(), column.getType().getTraceSQL(), comment == null ? "" : comment));
        }
        return columns;
    }

    static Statement statement(SessionLocal session, String sql) {
        Prepared prepared = new Parser(session).prepare(sql);
        StatementKind kind = StatementKinds.of(prepared);
        return switch (kind) {
            case TABLE_DDL, TRUNCATE -> new Statement(kind, definition(session, sql));
            case SCHEMA_DDL -> new Statement(kind, Footprint.of(schema(session)));
            default -> new Statement(kind, touched(prepared));
        };
    }

    private static Footprint touched(Prepared prepared) {
        HashSet<DbObject> dependencies = new HashSet<>();
        prepared.collectDependencies(dependencies);
        List<Footprint.Use> uses = new ArrayList<>();
        Table changed = prepared instanceof DataChangeStatement change ? change.getTable() : null;
        if (changed instanceof LockingTable target) {
            uses.add(new Footprint.Use(target.target(), TableAccess.WRITE));
        }
        for (DbObject dependency : dependencies) {
            if (dependency instanceof LockingTable read && read != changed) {
                uses.add(new Footprint.Use(read.target(), TableAccess.READ));
            }
        }
        return new Footprint(List.of(), uses);
    }

    private static Footprint definition(SessionLocal session, String sql) {
        return definedTable(session, sql)
                .map(table -> Footprint.of(table.target(), TableAccess.WHOLE))
                .orElseGet(() -> Footprint.of(schema(session)));
    }

    /** The table that a definition creates, alters or drops, if it is there. */
    static Optional<LockingTable> definedTable(SessionLocal session, String sql) {
        Matcher named = DEFINED.matcher(sql);
        while (named.find()) {
            try {
                if (new Parser(session).parseTableName(named.group(1)) instanceof LockingTable table) {
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
