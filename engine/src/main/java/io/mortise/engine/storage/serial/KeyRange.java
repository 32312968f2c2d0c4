package io.mortise.engine.storage.serial;

import io.mortise.engine.serial.Extent;
import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Note;
import java.util.StringJoiner;
import org.h2.index.Index;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What lies between two places of an index, those included. A bound may give only the first columns, and there may be
 * none. Both rows are nobody else's. Immutable.
 */
public final class KeyRange implements Extent {
    private static final int NONE = -1;

    private final Index index;
    private final @Nullable SearchRow from;
    private final @Nullable SearchRow to;
    /** The column that is the row's number, if both bounds are numbers or none; else negative. */
    private final int numbered;

    private final long least;
    private final long most;
    private int hash; // 0 until somebody asks

    public KeyRange(Index index, @Nullable SearchRow from, @Nullable SearchRow to) {
        this.index = index;
        this.from = from;
        this.to = to;
        int column = index instanceof MVDelegateIndex ? index.getColumns()[0].getColumnId() : NONE;
        boolean isNumbered = column != NONE && isNumber(from, column) && isNumber(to, column);
        this.numbered = isNumbered ? column : NONE;
        this.least = isNumbered && from != null ? from.getValue(column).getLong() : Long.MIN_VALUE;
        this.most = isNumbered && to != null ? to.getValue(column).getLong() : Long.MAX_VALUE;
    }

    private static boolean isNumber(@Nullable SearchRow bound, int column) {
        return bound == null || isNumber(bound.getValue(column));
    }

    private static boolean isNumber(@Nullable Value value) {
        if (value == null) {
            return false;
        }
        int type = value.getValueType();
        return type == Value.INTEGER || type == Value.BIGINT || type == Value.SMALLINT || type == Value.TINYINT;
    }

    /** The bit of a row with this value in the column that is the row's number: see {@link #bits}. */
    static long bit(@Nullable Value value) {
        return value != null && isNumber(value) ? 1L << value.getLong() : Note.ALL;
    }

    @Override
    public boolean covers(Image image) {
        SearchRow row = ((KeyRow) image).values();
        if (numbered != NONE) {
            @Nullable Value value = row.getValue(numbered);
            if (isNumber(value)) {
                long number = value.getLong();
                return number >= least && number <= most;
            }
        }
        return (from == null || index.compareRows(row, from) >= 0) && (to == null || index.compareRows(row, to) <= 0);
    }

    /** {@inheritDoc} Numbers that follow each other have bits that follow each other, round and round. */
    @Override
    public long bits() {
        long others = most - least; // Negative if that is too much for a number.
        return numbered == NONE || others < 0 || others >= Long.SIZE - 1
                ? Note.ALL
                : Long.rotateLeft((2L << others) - 1, (int) least);
    }

    /** Is it better noted as the whole table? A note is kept for as long as others run, and its values with it. */
    boolean isLarge() {
        return numbered == NONE && (KeyRow.isLarge(index, from) || KeyRow.isLarge(index, to));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyRange range
                && range.index == index
                && range.numbered == numbered
                && (numbered != NONE
                        ? least == range.least && most == range.most
                        : isSame(from, range.from) && isSame(to, range.to));
    }

    private boolean isSame(@Nullable SearchRow one, @Nullable SearchRow other) {
        if (one == null || other == null) {
            return one == other;
        }
        for (Column column : index.getColumns()) {
            @Nullable Value value = one.getValue(column.getColumnId());
            @Nullable Value otherValue = other.getValue(column.getColumnId());
            if (value == null || otherValue == null ? value != otherValue : !value.equals(otherValue)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        if (hash == 0) {
            hash = computedHash();
        }
        return hash;
    }

    private int computedHash() {
        int computed = index.getId();
        if (numbered != NONE) {
            return computed * 31 + Long.hashCode(least);
        }
        for (Column column : index.getColumns()) {
            @Nullable Value value = from == null ? null : from.getValue(column.getColumnId());
            computed = computed * 31 + (value == null ? 0 : value.hashCode());
        }
        return computed;
    }

    @Override
    public String text() {
        String low = text(from);
        String high = text(to);
        if (low.equals(high)) {
            return low;
        }
        return index.getName() + " from " + (low.isEmpty() ? "the first" : low) + " to "
                + (high.isEmpty() ? "the last" : high);
    }

    private String text(@Nullable SearchRow bound) {
        StringJoiner text = new StringJoiner(", ");
        for (Column column : index.getColumns()) {
            @Nullable Value value = bound == null ? null : bound.getValue(column.getColumnId());
            if (value != null) {
                text.add(column.getName() + "=" + value.getTraceSQL());
            }
        }
        return text.toString();
    }
}
