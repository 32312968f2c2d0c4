package io.mortise.engine.storage;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.MetaTable;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A virtual table as H2 sees it: a system table, which everybody may read, that says of itself that it is a view.
 * Thread-safe; reading it takes no lock.
 *
 * @param <R> what a row is made from
 */
final class H2VirtualTable<R> extends MetaTable {
    private final Storage storage;
    private final VirtualTable<R> table;
    private final List<VirtualTable.Column<R>> shown;
    private final boolean isUpdatable;
    private final AtomicLong lastKey = new AtomicLong();
    /** What the rows of a statement that may update them were made from, by session. */
    private final Map<Integer, Originals<R>> originals = new ConcurrentHashMap<>();

    /** What the rows that one statement has read were made from, by row key. Used by that session's thread. */
    private record Originals<R>(long statement, Map<Long, R> byKey) {}

    H2VirtualTable(Storage storage, Schema schema, int id, VirtualTable<R> table) {
        super(schema, id, 0);
        this.storage = storage;
        this.table = table;
        this.shown = table.columns();
        this.isUpdatable = shown.stream().anyMatch(column -> column.update().isPresent());
        setMetaTableName(table.name());
        setColumns(shown.stream().map(this::column).toArray(Column[]::new));
        setComment(table.description());
        setIndexes();
    }

    private Column column(VirtualTable.Column<R> column) {
        Column made = new Column(storage.database().sysIdentifier(column.name()), SqlTypes.of(column.type()));
        made.setComment(column.description());
        return made;
    }

    @Override
    public boolean isView() {
        return true;
    }

    @Override
    public ArrayList<Row> generateRows(SessionLocal session, @Nullable SearchRow first, @Nullable SearchRow last) {
        Reader reader = storage.session(session).reader();
        ArrayList<Row> rows = new ArrayList<>();
        Map<Long, R> byKey = isUpdatable ? originals(reader) : Map.of();
        try (Stream<R> source = table.rows(reader)) {
            for (Iterator<R> all = source.iterator(); all.hasNext(); ) {
                R original = all.next();
                Row row = Row.get(values(session, reader, original), 1, lastKey.incrementAndGet());
                rows.add(row);
                if (isUpdatable) {
                    byKey.put(row.getKey(), original);
                }
            }
        } catch (SQLException e) {
            throw DbException.convert(e);
        }
        return rows;
    }

    private Map<Long, R> originals(Reader reader) {
        Originals<R> known = originals.get(reader.session());
        if (known == null || known.statement != reader.statement()) {
            known = new Originals<>(reader.statement(), new HashMap<>());
            originals.put(reader.session(), known);
        }
        return known.byKey;
    }

    private Value[] values(SessionLocal session, Reader reader, R original) {
        Value[] values = new Value[shown.size()];
        for (int i = 0; i < values.length; i++) {
            Value value = SqlTypes.value(session, shown.get(i).value().apply(original, reader));
            // As an assignment converts it, so that an update can tell what it changes.
            values[i] = value.convertForAssignTo(columns[i].getType(), session, columns[i]);
        }
        return values;
    }

    @Override
    public void updateRows(SessionLocal session, LocalResult rows, Runnable check) {
        Reader reader = storage.session(session).reader();
        Originals<R> read = originals.remove(reader.session());
        rows.reset();
        while (rows.next()) {
            Row before = rows.currentRowForTable();
            rows.next();
            Row after = rows.currentRowForTable();
            R original = read == null ? null : read.byKey.get(before.getKey());
            if (original == null) {
                throw DbException.getInternalError("a row that was not read");
            }
            update(reader, original, before, after);
        }
    }

    private void update(Reader reader, R original, Row before, Row after) {
        for (int i = 0; i < columns.length; i++) {
            Value value = after.getValue(i);
            if (value.equals(before.getValue(i))) {
                continue;
            }
            VirtualTable.Update<R> update = shown.get(i)
                    .update()
                    .orElseThrow(() -> DbException.getUnsupportedException("UPDATE of a virtual table's column"));
            try {
                update.update(reader, original, SqlTypes.object(value));
            } catch (SQLException e) {
                throw DbException.convert(e);
            }
        }
    }

    /** Never the same as it was: no result is to be kept. */
    @Override
    public long getMaxDataModificationId() {
        return Long.MAX_VALUE;
    }
}
