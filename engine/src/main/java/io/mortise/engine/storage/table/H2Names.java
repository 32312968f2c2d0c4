package io.mortise.engine.storage.table;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.storage.h2.KeyText;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.text.Cut;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.engine.Database;
import org.h2.engine.Right;
import org.h2.engine.User;
import org.h2.index.Index;
import org.h2.result.SearchRow;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/** What H2 calls the targets of locks. Thread-safe; reads what is there without H2's mutexes. */
public final class H2Names implements TargetNames {
    private final Database database;
    private final Map<Integer, LockableTable> tables = new ConcurrentHashMap<>();

    public H2Names(Database database) {
        this.database = database;
    }

    public void add(LockableTable table) {
        tables.put(table.target().id(), table);
    }

    public void remove(LockableTable table) {
        tables.remove(table.target().id(), table);
    }

    public @Nullable LockableTable table(int id) {
        return tables.get(id);
    }

    /** Since when this user may read a table of this number, on the engine's clock; empty if that is not so. */
    public OptionalLong readableSince(int id, User user) {
        LockableTable table = tables.get(id);
        return table != null && !table.isGone() && user.hasTableRight(table, Right.SELECT)
                ? OptionalLong.of(table.sinceNanos())
                : OptionalLong.empty();
    }

    @Override
    public Name of(LockTarget target) {
        if (target instanceof LockTarget.Table table) {
            return name(table, "");
        } else if (target instanceof LockTarget.Facet facet) {
            return name(facet.table(), "");
        } else if (target instanceof LockTarget.Row row) {
            return name(row.table(), key(row.table(), row.key()));
        } else if (target instanceof LockTarget.RowKey row) {
            return name(row.table(), key(row.table(), row.key()));
        } else if (target instanceof LockTarget.UniqueKey unique) {
            return name(unique.table(), unique.values());
        } else if (target instanceof LockTarget.Schema schema) {
            return new Name(schemaName(schema.id()), "", 0, "", Name.NO_ROW);
        } else if (target instanceof LockTarget.Name name) {
            return new Name("", "", 0, name.name(), Name.NO_ROW);
        } else {
            return new Name("", "", 0, "", Name.NO_ROW);
        }
    }

    private Name name(LockTarget.Table target, String key) {
        LockableTable table = tables.get(target.id());
        String text = table == null || table.isGone() ? "" : table.getName();
        int hash = key.isEmpty() ? Name.NO_ROW : hash(key);
        return new Name(schemaName(target.schema()), text, target.id(), Cut.of(key, Cut.NAME), hash);
    }

    private String schemaName(int id) {
        for (Schema schema : database.getAllSchemas()) {
            if (schema.getId() == id) {
                return schema.getName();
            }
        }
        return "";
    }

    /** A row's primary key as text. */
    private String key(LockTarget.Table target, long key) {
        LockableTable table = tables.get(target.id());
        Index primary = table == null || table.isGone() ? null : table.findPrimaryKey();
        if (table == null || primary == null) {
            return "_ROWID_=" + key;
        }
        Column[] columns = primary.getColumns();
        if (columns.length == 1 && columns[0].getColumnId() == table.primary().getMainIndexColumn()) {
            return columns[0].getName() + "=" + key;
        }
        VersionedValue<SearchRow> version = table.primary().getMVMap().get(key);
        SearchRow row = version == null ? null : either(version);
        return row == null ? "_ROWID_=" + key : KeyText.of(columns, row);
    }

    // A row that is being deleted has its committed value only.
    private static @Nullable SearchRow either(VersionedValue<SearchRow> version) {
        SearchRow current = version.getCurrentValue();
        return current == null ? version.getCommittedValue() : current;
    }

    private static int hash(String key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash == Name.NO_ROW ? 0 : hash;
    }
}
