package io.mortise.engine.storage.catalog;

import io.mortise.engine.storage.count.Assignments;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.h2.SqlTypes;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.Note;
import io.mortise.engine.storage.statement.RunningStatements;
import io.mortise.engine.virtual.Change;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.h2.api.Trigger;
import org.h2.command.CommandInterface;
import org.h2.command.dml.Update;
import org.h2.engine.SessionLocal;
import org.h2.index.Cursor;
import org.h2.index.MetaIndex;
import org.h2.message.DbException;
import org.h2.result.DefaultRow;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.MetaTable;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A virtual table as H2 sees it: a system table that anybody may read, called a view. Thread-safe; takes no locks.
 *
 * @param <R> what a row is made from
 */
final class H2VirtualTable<R> extends MetaTable implements Note<H2VirtualTable.Originals<R>> {
    private final OpenDatabase storage;
    private final VirtualTable<R> table;
    private final String title;
    private final List<VirtualTable.Column<R>> shown;
    private final boolean isUpdatable;
    private final AtomicLong lastKey = new AtomicLong();

    /** What the rows that an UPDATE has read were made from, by row key; kept until it is over. */
    record Originals<R>(Map<Long, R> byKey) {}

    H2VirtualTable(OpenDatabase storage, Schema schema, int id, VirtualTable<R> table) {
        super(schema, id, 0);
        this.storage = storage;
        this.table = table;
        this.title = table.schema() + "." + table.name();
        this.shown = table.columns();
        this.isUpdatable = shown.stream().anyMatch(column -> column.update().isPresent());
        setMetaTableName(table.name());
        setColumns(shown.stream().map(this::column).toArray(Column[]::new));
        setComment(table.description());
        setIndexes();
        H2Reflection.setScan(this, new Scan(columns));
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

    /** The only way to read the table: a row at a time, so that a million of them are never held at once. */
    private final class Scan extends MetaIndex {
        Scan(Column[] columns) {
            super(H2VirtualTable.this, IndexColumn.wrap(columns), true);
        }

        @Override
        public Cursor find(SessionLocal session, @Nullable SearchRow first, @Nullable SearchRow last, boolean reverse) {
            return new Rows(session);
        }
    }

    /** One reading of the table. */
    private final class Rows implements Cursor {
        private final SessionLocal session;
        private final Reader reader;
        private final Stream<R> source;
        private final Iterator<R> all;
        /** Where an UPDATE finds what it sets; null while nothing is set. */
        private final @Nullable Originals<R> originals;

        private @Nullable Row current;

        Rows(SessionLocal session) {
            StorageSession reading = storage.session(session);
            this.session = session;
            this.reader = reading.reader();
            this.originals =
                    isUpdatable && reading.statements().type() == CommandInterface.UPDATE ? originals(reading) : null;
            try {
                this.source = table.rows(reader);
            } catch (SQLException e) {
                throw DbException.convert(e);
            }
            this.all = source.iterator();
        }

        @Override
        public boolean next() {
            if (!all.hasNext()) {
                source.close();
                current = null;
                return false;
            }
            R original = all.next();
            current = new VirtualRow(session, reader, original);
            if (originals != null) {
                originals.byKey.put(current.getKey(), original);
            }
            return true;
        }

        @Override
        public @Nullable Row get() {
            return current;
        }

        @Override
        public @Nullable SearchRow getSearchRow() {
            return current;
        }

        @Override
        public boolean previous() {
            throw DbException.getInternalError();
        }
    }

    /** A row whose values are made when they are asked for: some stop a thread, or read a row of another table. */
    private final class VirtualRow extends DefaultRow {
        private final SessionLocal session;
        private final Reader reader;
        private final R original;

        VirtualRow(SessionLocal session, Reader reader, R original) {
            super(new Value[shown.size()], 1);
            this.session = session;
            this.reader = reader;
            this.original = original;
            setKey(lastKey.incrementAndGet());
        }

        @Override
        public Value getValue(int column) {
            if (column >= 0 && data[column] == null) {
                Value value = SqlTypes.value(session, shown.get(column).value().apply(original, reader));
                // As an assignment converts it, so that an update can tell what it changes.
                data[column] = value.convertForAssignTo(columns[column].getType(), session, columns[column]);
            }
            return super.getValue(column);
        }

        @Override
        public Value[] getValueList() {
            for (int column = 0; column < data.length; column++) {
                getValue(column);
            }
            return super.getValueList();
        }
    }

    /** What {@link Scan} does not use, and H2 wants all the same. */
    @Override
    public ArrayList<Row> generateRows(SessionLocal session, @Nullable SearchRow first, @Nullable SearchRow last) {
        ArrayList<Row> rows = new ArrayList<>();
        for (Rows all = new Rows(session); all.next(); ) {
            rows.add(all.get());
        }
        return rows;
    }

    private Originals<R> originals(StorageSession session) {
        return session.statements().noted(this).orElseGet(() -> {
            Originals<R> made = new Originals<>(new HashMap<>());
            session.statements().note(this, made);
            return made;
        });
    }

    /** {@inheritDoc} Asked before anything is changed, whatever rows the condition selects. */
    @Override
    public void fire(SessionLocal session, int type, boolean before) {
        if (type != Trigger.SELECT && before) {
            Update update = checkChange(storage.session(session).statements());
            RoutedErrors.routed(() -> checkValues(session, update));
        }
    }

    /** Also if the condition selects no row. */
    private void checkValues(SessionLocal session, Update update) throws SQLException {
        for (int i = 0; i < columns.length; i++) {
            VirtualTable.Update<R> settable = shown.get(i).update().orElse(null);
            if (settable != null) {
                Assignments.check(session, update, columns[i], value -> settable.checkValue(SqlTypes.object(value)));
            }
        }
    }

    private Update checkChange(RunningStatements statements) {
        return statements
                .prepared()
                .filter(prepared -> isUpdatable && prepared instanceof Update update && update.getTable() == this)
                .map(Update.class::cast)
                .filter(update -> IntStream.range(0, shown.size())
                        .noneMatch(i -> shown.get(i).update().isEmpty() && H2Reflection.sets(update, i)))
                .orElseThrow(this::cannotBeChanged);
    }

    private DbException cannotBeChanged() {
        String what = shown.stream()
                .filter(column -> column.update().isPresent())
                .map(VirtualTable.Column::name)
                .collect(Collectors.joining(", "));
        return RoutedErrors.refuse(title + " cannot be changed. It shows what the engine does."
                + (what.isEmpty() ? "" : " Only UPDATE " + title + " SET " + what + " is possible."));
    }

    @Override
    public boolean lock(SessionLocal session, int lockType) {
        if (storage.session(session).statements().kind().locksSelectedRows()) {
            throw RoutedErrors.refuse(title + " cannot be locked. It shows what the engine does. Read it without FOR"
                    + " UPDATE or FOR SHARE. Lock rows of other tables in a statement of its own.");
        }
        return super.lock(session, lockType);
    }

    @Override
    public boolean canTruncate() {
        throw cannotBeChanged();
    }

    @Override
    public void setComment(String comment) {
        if (getComment() != null) {
            throw cannotBeChanged();
        }
        super.setComment(comment);
    }

    /** Sets all rows, or none if one of them may not be set. */
    @Override
    public void updateRows(SessionLocal session, LocalResult rows, Runnable check) {
        StorageSession updating = storage.session(session);
        Reader reader = updating.reader();
        List<Change<R>> settings = new ArrayList<>();
        rows.reset();
        while (rows.next()) {
            Row before = rows.currentRowForTable();
            rows.next();
            settings.addAll(settings(before, rows.currentRowForTable(), originals(updating)));
        }
        RoutedErrors.routed(() -> Change.makeAll(settings, reader));
    }

    private List<Change<R>> settings(Row before, Row after, Originals<R> originals) {
        List<Change<R>> settings = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            Value value = after.getValue(i);
            if (value.equals(before.getValue(i))) {
                continue;
            }
            VirtualTable.Column<R> column = shown.get(i);
            VirtualTable.Update<R> update = column.update().orElseThrow(this::cannotBeChanged);
            R original = originals.byKey.get(before.getKey());
            if (original == null) {
                throw DbException.getInternalError("a row that was not read");
            }
            settings.add(new Change<>(update, original, SqlTypes.object(value)));
        }
        return settings;
    }

    /** {@inheritDoc} Never the same: no result is kept. */
    @Override
    public long getMaxDataModificationId() {
        return Long.MAX_VALUE;
    }
}
