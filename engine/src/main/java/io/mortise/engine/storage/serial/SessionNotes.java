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
    private static final int NONE = -1;

    private final Serializing database;
    private final Supplier<StatementRecord> running;
    private final IntFunction<Optional<LockTarget.Table>> tables;
    private Noted noted = Noted.BY_TABLE;
    private final Set<Integer> whole = new HashSet<>();
    /** The maps that were asked for so: their tables are noted, or they belong to nobody else. */
    private final Set<Integer> known = new HashSet<>();
    /** The row that was written last, as it is noted; null if it is not, or none was. */
    private @Nullable KeyRow lastWritten;

    private @Nullable Table lastWrittenTo;
    /** The number of the table that was asked for last; negative if none was. */
    private int lastAsked = NONE;

    private Optional<LockTarget.Table> lastTarget = Optional.empty();

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
        boolean isNew = whole.isEmpty() || !whole.contains(number);
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

    /** The table of that number, which stays what it is while the transaction has it locked. */
    private Optional<LockTarget.Table> target(int table) {
        if (table != lastAsked) {
            lastTarget = tables.apply(table);
            lastAsked = table;
        }
        return lastTarget;
    }

    private void look(SerialTransaction by, int table, Optional<Extent> extent) {
        Optional<LockTarget.Table> target = target(table);
        if (target.isPresent()) {
            database.serializer().look(by, new Look(target.get(), extent, running.get()));
        }
    }

    /** Returns false if that is noted already: who locks a row to change it, and leaves its keys, writes it thrice. */
    boolean wrote(SerialTransaction by, Table table, SearchRow row) {
        KeyRow before = lastWritten;
        if (before != null && lastWrittenTo == table && before.isSame(table, row)) {
            return false;
        }
        Optional<LockTarget.Table> target = target(table.getId());
        if (target.isEmpty()) {
            return false;
        }
        KeyRow image = KeyRow.of(table, row);
        boolean isLarge = image.isLarge(table);
        lastWritten = isLarge ? null : image;
        lastWrittenTo = table;
        database.serializer()
                .write(by, new Write(target.get(), isLarge ? Optional.empty() : Optional.of(image), running.get()));
        return true;
    }

    void forget() {
        noted = Noted.BY_TABLE;
        lastWritten = null;
        lastWrittenTo = null;
        lastAsked = NONE;
        if (!whole.isEmpty()) {
            whole.clear();
        }
        if (!known.isEmpty()) {
            known.clear();
        }
    }
}
