package io.mortise.engine.storage.table;

import io.mortise.engine.storage.serial.FilterCursors;
import io.mortise.engine.storage.serial.KeyRange;
import io.mortise.engine.storage.serial.Noted;
import io.mortise.engine.storage.serial.SerialSession;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.index.IndexCondition;
import org.h2.index.IndexCursor;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the rows of one table in a query, as H2's cursor does, and notes where it has looked for a serializable
 * transaction. That is a range of an index, or else the whole table. One thread.
 */
final class NotingCursor extends IndexCursor {
    /** So many values of a list are noted one by one. */
    private static final int LISTED = 64;

    private final TableFilter filter;
    private final Function<SessionLocal, @Nullable SerialSession> noting;
    private final Consumer<SessionLocal> locking;
    private @Nullable SerialSession serial;
    /** Are the values of the list that it goes through noted? */
    private boolean isListNoted;

    private NotingCursor(
            TableFilter filter,
            Function<SessionLocal, @Nullable SerialSession> noting,
            Consumer<SessionLocal> locking) {
        this.filter = filter;
        this.noting = noting;
        this.locking = locking;
    }

    /**
     * Puts one where H2 has its cursor, if that is still there.
     *
     * @param locking locks the table before it is looked for rows, if H2 does not
     */
    static void into(
            TableFilter filter,
            Function<SessionLocal, @Nullable SerialSession> noting,
            Consumer<SessionLocal> locking) {
        if (FilterCursors.cursor(filter).getClass() == IndexCursor.class) {
            FilterCursors.replace(filter, new NotingCursor(filter, noting, locking));
        }
    }

    @Override
    public void setIndex(Index index, boolean isReverse) {
        super.setIndex(isReverse ? new DescendingIndex(index) : index, isReverse);
    }

    @Override
    public void find(SessionLocal session, ArrayList<IndexCondition> conditions) {
        FilterCursors.forgetPlace(this);
        locking.accept(session);
        SerialSession now = noting.apply(session);
        if (serial != now) { // Mostly as the last time, and the collector minds each write of a reference.
            serial = now;
        }
        isListNoted = false;
        if (now == null) {
            super.find(session, conditions);
            return;
        }
        Noted was = now.reads(Noted.BY_READER);
        try {
            super.find(session, conditions);
        } finally {
            now.reads(was);
        }
        if (!isAlwaysFalse()) {
            note(now, session);
        }
    }

    /** {@inheritDoc} The conditions may have queries in them, which note what they read themselves. */
    @Override
    public void prepare(SessionLocal session, ArrayList<IndexCondition> conditions) {
        SerialSession now = serial;
        if (now == null) {
            super.prepare(session, conditions);
            return;
        }
        Noted was = now.reads(Noted.BY_TABLE);
        try {
            super.prepare(session, conditions);
        } finally {
            now.reads(was);
        }
    }

    @Override
    public boolean next() {
        SerialSession now = serial;
        if (now == null || !isListNoted) {
            return super.next();
        }
        Noted was = now.reads(Noted.BY_READER);
        try {
            return super.next();
        } finally {
            now.reads(was);
        }
    }

    private void note(SerialSession now, SessionLocal session) {
        Index index = filter.getIndex();
        boolean canRead = index instanceof MVSecondaryIndex || index instanceof MVDelegateIndex;
        Object listed = FilterCursors.listed(this);
        if (listed != null) {
            isListNoted = canRead && listed instanceof Column column && noteList(now, session, column);
            if (!isListNoted) {
                now.lookAtAll(index.getTable());
                isListNoted = true;
            }
        } else if (!canRead || getStart() == null && getEnd() == null) {
            now.lookAtAll(index.getTable());
        } else {
            now.look(index.getTable(), new KeyRange(index, getStart(), getEnd()));
        }
    }

    private boolean noteList(SerialSession now, SessionLocal session, Column column) {
        Value[] values = FilterCursors.list(this);
        if (values == null || values.length > LISTED) {
            return false;
        }
        Index index = filter.getIndex();
        for (Value value : values) {
            if (value != ValueNull.INSTANCE) {
                SearchRow place = index.getTable().getTemplateRow();
                place.setValue(column.getColumnId(), column.convert(session, value));
                now.look(index.getTable(), new KeyRange(index, place, place));
            }
        }
        return true;
    }
}
