package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is left of ended transactions that are not kept one by one: by table, the worst that can be said of all of them.
 * Called under the mutex.
 */
final class Forgotten {
    /** Of one table. */
    private static final class OfTable {
        /** When the last ended that has read it, and that has written it; 0 for none. */
        long readUntil;

        long writtenUntil;
        /** When the first committed of those that have written it, and of those whose writing these have missed. */
        long written = SerialTransaction.NEVER;

        long missed = SerialTransaction.NEVER;
    }

    private final Map<LockTarget.Table, OfTable> tables = new HashMap<>();

    void add(SerialTransaction ended) {
        for (TableNotes each : ended.notes.tables()) {
            OfTable of = tables.computeIfAbsent(each.table, any -> new OfTable());
            if (each.hasRead()) {
                of.readUntil = Math.max(of.readUntil, ended.end);
            }
            if (each.hasWritten()) {
                of.writtenUntil = Math.max(of.writtenUntil, ended.end);
                of.written = Math.min(of.written, ended.commit);
                of.missed = Math.min(of.missed, ended.firstMissed());
            }
        }
    }

    /** Has one of them read the table which has run beside this? */
    boolean hasRead(LockTarget.Table table, SerialTransaction beside) {
        OfTable of = tables.get(table);
        return of != null && of.readUntil > beside.begin;
    }

    /** Has one of them written the table which has run beside this? */
    boolean hasWritten(LockTarget.Table table, SerialTransaction beside) {
        OfTable of = tables.get(table);
        return of != null && of.writtenUntil > beside.begin;
    }

    /** When the first of them committed that has written the table. */
    long written(LockTarget.Table table) {
        @Nullable OfTable of = tables.get(table);
        return of == null ? SerialTransaction.NEVER : of.written;
    }

    /** When the first committed of those whose writing they have missed, who have written the table. */
    long missed(LockTarget.Table table) {
        @Nullable OfTable of = tables.get(table);
        return of == null ? SerialTransaction.NEVER : of.missed;
    }

    /** Nobody runs any more who began before this. */
    void passed(long oldest) {
        if (tables.isEmpty()) {
            return;
        }
        tables.values().removeIf(of -> of.readUntil < oldest && of.writtenUntil < oldest);
    }

    int size() {
        return tables.size();
    }
}
