package io.mortise.engine.storage.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Extent;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.serial.SerialTransaction;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.result.SearchRow;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * What a session notes of its transaction's reads and writes: how at the moment, and what is noted already. One thread.
 */
final class SessionNotes {
    private final Serializing database;
    private final Supplier<StatementRecord> running;
    private final IntFunction<Optional<LockTarget.Table>> tables;
    private Noted noted = Noted.BY_TABLE;
    private final Set<Integer> whole = new HashSet<>();
    /** The maps that were asked for so: their tables are noted, or they belong to nobody else. */
    private final Set<Integer> known = new HashSet<>();

    SessionNotes(
            Serializing database, Supplier<StatementRecord> running, IntFunction<Optional<LockTarget.Table>> tables) {
        this.database = database;
        this.running = running;
        this.tables = tables;
    }

    <T extends @Nullable Object> T during(Noted how, Supplier<T> step) {
        Noted was = noted;
        noted = how;
        try {
            return step.get();
        } finally {
            noted = was;
        }
    }

    /** H2 asks for a map: its table is read as a whole, unless who reads it says more. */
    void asked(SerialTransaction by, MVMap<?, ?> map) {
        // Between statements H2 only takes snapshots.
        boolean isRead = noted == Noted.BY_TABLE && running.get() != StatementRecord.NONE;
        if (isRead && known.add(map.getId())) {
            int number = database.tableOf(map);
            if (number >= 0) {
                lookAtAll(by, number);
            }
        }
    }

    /** Returns false if that is noted already. */
    boolean look(SerialTransaction by, Table table, Extent extent) {
        int number = table.getId();
        if (extent instanceof KeyRange range && range.isLarge()) {
            return lookAtAll(by, number);
        }
        boolean isNew = !whole.contains(number);
        if (isNew) {
            look(by, number, Optional.of(extent));
        }
        return isNew;
    }

    /** The same. */
    boolean lookAtAll(SerialTransaction by, int table) {
        boolean isNew = whole.add(table);
        if (isNew) {
            look(by, table, Optional.empty());
        }
        return isNew;
    }

    private void look(SerialTransaction by, int table, Optional<Extent> extent) {
        tables.apply(table)
                .ifPresent(target -> database.serializer().look(by, new Look(target, extent, running.get())));
    }

    void wrote(SerialTransaction by, Table table, SearchRow row) {
        tables.apply(table.getId()).ifPresent(target -> {
            Optional<KeyRow> image = Optional.of(KeyRow.of(table, row)).filter(each -> !each.isLarge(table));
            database.serializer().write(by, new Write(target, image.map(each -> each), running.get()));
        });
    }

    void forget() {
        noted = Noted.BY_TABLE;
        whole.clear();
        known.clear();
    }
}
