package io.mortise.engine.virtual;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table that exists in memory only: its name, its columns, and where its rows come from. Knows nothing of H2.
 *
 * <p>Built by one thread before it is shown to anybody; then read by many, and must not be changed.
 *
 * <p>Values are what JDBC knows by the column's type: {@code BIGINT} a Long, {@code VARCHAR} a String, {@code TIMESTAMP
 * WITH TIME ZONE} an OffsetDateTime, {@code BOOLEAN} a Boolean, {@code DOUBLE PRECISION} a Double, {@code INTEGER} an
 * Integer; null, or an empty Optional, is SQL's NULL.
 *
 * @param <R> what a row is made from
 */
public final class VirtualTable<R> {
    /** Where rows come from. Must not lock and must not wait; the stream is closed after use. */
    @FunctionalInterface
    public interface Rows<R> {
        Stream<R> rows(Reader reader) throws SQLException;
    }

    /** What happens when a column of a row is set. */
    @FunctionalInterface
    public interface Update<R> {
        /**
         * Throws if no row can be set to this. Asked once for a value that is the same for all rows, also if there is
         * none.
         */
        default void checkValue(@Nullable Object value) throws SQLException {}

        /** Throws if the row may not be set to this. Asked for every row of a statement before the first is set. */
        default void check(Reader by, R row, @Nullable Object value) throws SQLException {}

        /** Decides it, before any row of the statement is set: from now on nothing else can happen to the row. */
        default void mark(Reader by, R row, @Nullable Object value) throws SQLException {}

        /** Is it set before rows of which this is not true? */
        default boolean isFirst(R row) {
            return false;
        }

        void update(Reader by, R row, @Nullable Object value) throws SQLException;

        /** The same for rows that are made of such rows. */
        default <S> Update<S> of(Function<? super S, ? extends R> part) {
            Update<R> whole = this;
            return new Update<>() {
                @Override
                public void checkValue(@Nullable Object value) throws SQLException {
                    whole.checkValue(value);
                }

                @Override
                public void check(Reader by, S row, @Nullable Object value) throws SQLException {
                    whole.check(by, part.apply(row), value);
                }

                @Override
                public void mark(Reader by, S row, @Nullable Object value) throws SQLException {
                    whole.mark(by, part.apply(row), value);
                }

                @Override
                public boolean isFirst(S row) {
                    return whole.isFirst(part.apply(row));
                }

                @Override
                public void update(Reader by, S row, @Nullable Object value) throws SQLException {
                    whole.update(by, part.apply(row), value);
                }
            };
        }
    }

    /**
     * A column.
     *
     * @param type as SQL writes it, {@code VARCHAR}
     * @param update absent where the column cannot be set
     */
    public record Column<R>(
            String name,
            String type,
            String description,
            BiFunction<? super R, Reader, ? extends @Nullable Object> value,
            Optional<Update<R>> update) {}

    private final String schema;
    private final String name;
    private final String description;
    private final Rows<R> rows;
    private final List<Column<R>> columns = new ArrayList<>();

    /**
     * A table without columns yet.
     *
     * @param schema {@code SYS} or {@code SYSTEM}
     */
    public VirtualTable(String schema, String name, String description, Rows<R> rows) {
        this.schema = Objects.requireNonNull(schema);
        this.name = Objects.requireNonNull(name);
        this.description = Objects.requireNonNull(description);
        this.rows = Objects.requireNonNull(rows);
    }

    /** Adds the columns that this adds. */
    public VirtualTable<R> with(UnaryOperator<VirtualTable<R>> columns) {
        return columns.apply(this);
    }

    /** Adds a column. */
    public VirtualTable<R> column(
            String column, String type, String about, Function<? super R, ? extends @Nullable Object> value) {
        return columnFor(column, type, about, (row, reader) -> value.apply(row));
    }

    /** Adds a column whose value depends on who reads it: another user's SQL, say. */
    public VirtualTable<R> columnFor(
            String column, String type, String about, BiFunction<? super R, Reader, ? extends @Nullable Object> value) {
        columns.add(new Column<>(column, type, about, value, Optional.empty()));
        return this;
    }

    /** Lets {@code UPDATE} set the column that was added last. Anybody may try: the update checks what it allows. */
    public VirtualTable<R> updatable(Update<R> update) {
        int last = columns.size() - 1;
        Column<R> column = columns.get(last);
        columns.set(
                last,
                new Column<>(column.name(), column.type(), column.description(), column.value(), Optional.of(update)));
        return this;
    }

    public String schema() {
        return schema;
    }

    public String name() {
        return name;
    }

    public String description() {
        return description;
    }

    public List<Column<R>> columns() {
        return List.copyOf(columns);
    }

    public Stream<R> rows(Reader reader) throws SQLException {
        return rows.rows(reader);
    }
}
