package io.mortise.engine.storage.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.h2.schema.TriggerObject;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * H2's list of a table's triggers, which a statement goes through as it was when it began to. Thread-safe for what H2
 * does with it.
 *
 * <p>A definition of a trigger locks the table, but H2 fires some triggers of a statement before that statement has any
 * lock. The trigger may commit there, which it may not under a lock.
 */
final class TriggerList extends ArrayList<TriggerObject> {
    private static final VarHandle TRIGGERS;
    private static final long serialVersionUID = 1;

    static {
        try {
            TRIGGERS = MethodHandles.privateLookupIn(Table.class, MethodHandles.lookup())
                    .findVarHandle(Table.class, "triggers", ArrayList.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private TriggerList() {}

    /** A table is about to get a trigger: it keeps them in such a list. */
    static void ensure(Table table) {
        if (TRIGGERS.get(table) == null) {
            TRIGGERS.set(table, new TriggerList());
        }
    }

    @Override
    public synchronized boolean add(TriggerObject trigger) {
        return super.add(trigger);
    }

    @Override
    public synchronized TriggerObject remove(int index) {
        return super.remove(index);
    }

    @Override
    public synchronized boolean remove(@Nullable Object trigger) {
        return super.remove(trigger);
    }

    @Override
    public synchronized Iterator<TriggerObject> iterator() {
        return List.of(toArray(TriggerObject[]::new)).iterator();
    }
}
