package io.mortise.engine.storage.serial;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.h2.index.Cursor;
import org.h2.index.IndexCondition;
import org.h2.index.IndexCursor;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The cursor with which H2 looks for the rows of a table in a query, and what that keeps to itself. Stateless. */
public final class FilterCursors {
    private static final String WAS_MADE_ACCESSIBLE = "made accessible when the class was loaded";
    private static final Field CURSOR;
    private static final VarHandle LISTED;
    private static final VarHandle LIST;
    private static final VarHandle CURRENT;
    private static final VarHandle CONDITIONS;

    static {
        try {
            CURSOR = TableFilter.class.getDeclaredField("cursor");
            CURSOR.setAccessible(true);
            CONDITIONS = MethodHandles.privateLookupIn(TableFilter.class, MethodHandles.lookup())
                    .findVarHandle(TableFilter.class, "indexConditions", ArrayList.class);
            MethodHandles.Lookup cursors = MethodHandles.privateLookupIn(IndexCursor.class, MethodHandles.lookup());
            LISTED = cursors.findVarHandle(IndexCursor.class, "inColumn", Object.class);
            CURRENT = cursors.findVarHandle(IndexCursor.class, "cursor", Cursor.class);
            LIST = cursors.findVarHandle(IndexCursor.class, "inList", Value[].class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private FilterCursors() {}

    public static IndexCursor cursor(TableFilter filter) {
        try {
            return (IndexCursor) CURSOR.get(filter);
        } catch (IllegalAccessException e) {
            throw new AssertionError(WAS_MADE_ACCESSIBLE, e);
        }
    }

    /** By which it looks in the index that was chosen for it. */
    @SuppressWarnings("unchecked") // H2's own type, which a handle does not know
    public static List<IndexCondition> conditions(TableFilter filter) {
        return List.copyOf((ArrayList<IndexCondition>) CONDITIONS.get(filter));
    }

    /** To be called before the filter is told its index. */
    public static void replace(TableFilter filter, IndexCursor cursor) {
        try {
            CURSOR.set(filter, cursor);
        } catch (IllegalAccessException e) {
            throw new AssertionError(WAS_MADE_ACCESSIBLE, e);
        }
    }

    /**
     * Lets it begin anew. The last execution of the statement may have stopped at a LIMIT or at an error. H2 goes on
     * there with a list, and gives out rows twice, or as they were then.
     */
    public static void forgetPlace(IndexCursor cursor) {
        CURRENT.set(cursor, (Cursor) null);
    }

    /** The column, or columns, of whose listed values it looks for one after another; null if it looks once. */
    public static @Nullable Object listed(IndexCursor cursor) {
        return (Object) LISTED.get(cursor);
    }

    /** The values; null if they come from a query. */
    public static Value @Nullable [] list(IndexCursor cursor) {
        return (Value[]) LIST.get(cursor);
    }
}
