package io.mortise.engine.storage.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Extent;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.serial.Refusal;
import io.mortise.engine.serial.SerialTransaction;
import io.mortise.engine.storage.h2.RoutedErrors;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.h2.engine.SessionLocal;
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
    private final Surroundings.Tables tables;
    private final SessionLocal h2;
    /** Is it decided that the transaction commits, or is prepared? */
    private boolean isDecided;

    private Noted noted = Noted.BY_TABLE;
    private Set<Integer> whole = Set.of(); // A set is made with its first: most sessions have none.
    /** The maps that were asked for so: their tables are noted, or they belong to nobody else. */
    private Set<Integer> known = Set.of();
    /** The row that was written last, as it is noted; null if it is not, or none was. */
    private @Nullable KeyRow lastWritten;

    private @Nullable Table lastWrittenTo;
    /** What was looked at last, and noted; null if nothing was. */
    private @Nullable Extent lastLook;

    SessionNotes(SessionLocal h2, Serializing database, Surroundings surroundings) {
        this.h2 = h2;
        this.database = database;
        this.running = surroundings.running();
        this.tables = surroundings.tables();
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
        if (isRead && !known.contains(map.getId())) {
            int number = database.tableOf(map);
            if (number >= 0) {
                lookAtAll(by, number, tables.sharedTable(number));
            }
            known = with(known, map.getId());
        }
    }

    /** Returns false if that is noted already. */
    boolean look(SerialTransaction by, Table table, Extent extent) {
        int number = table.getId();
        Optional<LockTarget.Table> target = tables.sharedTable(table);
        if (extent instanceof KeyRange range && range.isLarge()) {
            return lookAtAll(by, number, target);
        }
        // Who reads a row by its key and then changes it looks there twice. Notes of reads are never taken back.
        boolean isNew = !extent.equals(lastLook) && (whole.isEmpty() || !whole.contains(number));
        if (isNew) {
            look(by, target, Optional.of(extent));
            lastLook = extent;
        }
        return isNew;
    }

    /** The same. */
    boolean lookAtAll(SerialTransaction by, Table table) {
        return lookAtAll(by, table.getId(), tables.sharedTable(table));
    }

    private boolean lookAtAll(SerialTransaction by, int table, Optional<LockTarget.Table> target) {
        boolean isNew = !whole.contains(table);
        if (isNew) {
            look(by, target, Optional.empty());
            whole = with(whole, table);
        }
        return isNew;
    }

    private void look(SerialTransaction by, Optional<LockTarget.Table> target, Optional<Extent> extent) {
        if (target.isPresent()) {
            checkMayAct();
            database.serializer().look(by, new Look(target.get(), extent, running.get()));
        }
    }

    /** It was to be decided whether it commits. Returns why not. */
    Optional<Refusal> decided(Optional<Refusal> why) {
        isDecided = why.isEmpty();
        return why;
    }

    /**
     * What is prepared cannot be refused any more, and what it read now could make it the one that has to be. So it
     * looks at nothing new, and stays prepared.
     */
    private void checkMayAct() {
        if (isDecided && h2.hasPreparedTransaction()) {
            throw RoutedErrors.refuse(
                    "The transaction is prepared. At SERIALIZABLE it reads only what it had read before."
                            + " It stays prepared. Read before PREPARE COMMIT, or commit it or roll it back first.");
        }
    }

    /** Returns false if that is noted already: who locks a row to change it, and leaves its keys, writes it thrice. */
    boolean wrote(SerialTransaction by, Table table, SearchRow row) {
        KeyRow before = lastWritten;
        if (before != null && lastWrittenTo == table && before.isSame(table, row)) {
            return false;
        }
        Optional<LockTarget.Table> target = tables.sharedTable(table);
        if (target.isEmpty()) {
            return false;
        }
        checkMayAct();
        KeyRow image = KeyRow.of(table, row);
        boolean isLarge = image.isLarge(table);
        lastWritten = isLarge ? null : image;
        lastWrittenTo = table;
        database.serializer()
                .write(by, new Write(target.get(), isLarge ? Optional.empty() : Optional.of(image), running.get()));
        return true;
    }

    private static Set<Integer> with(Set<Integer> some, int one) {
        Set<Integer> all = some instanceof HashSet ? some : new HashSet<>();
        all.add(one);
        return all;
    }

    void forget() {
        isDecided = false;
        noted = Noted.BY_TABLE;
        lastWritten = null;
        lastWrittenTo = null;
        lastLook = null;
        if (!whole.isEmpty()) {
            whole.clear();
        }
        if (!known.isEmpty()) {
            known.clear();
        }
    }
}
