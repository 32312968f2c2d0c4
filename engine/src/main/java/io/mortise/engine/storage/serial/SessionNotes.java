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
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.SearchRow;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of a session, and what is noted already of its reads and writes. Made for each: to write references
 * into an object that is as young costs the collector nothing. One thread.
 */
final class SessionNotes {
    /** The session. Immutable. */
    record Home(SessionLocal h2, Serializing database, Surroundings around) {}

    /** The transaction, to the others. */
    final SerialTransaction by;
    /** The same to the store, whose snapshot it has. */
    final Transaction of;

    private final Home home;
    /** Is it decided that the transaction commits, or is prepared? */
    private boolean isDecided;

    private Set<Integer> whole = Set.of();
    /** The maps that were asked for so: their tables are noted, or they belong to nobody else. */
    private Set<Integer> known = Set.of();
    /** The row that was written last, as it is noted; null if it is not, or none was. */
    private @Nullable KeyRow lastWritten;

    private @Nullable Table lastWrittenTo;
    /** What was looked at last, and noted; null if nothing was. */
    private @Nullable Extent lastLook;

    SessionNotes(Home home, SerialTransaction by, Transaction of) {
        this.home = home;
        this.by = by;
        this.of = of;
    }

    /** H2 asks for a map, and nobody says what is read there: so its table is read as a whole. */
    void asked(MVMap<?, ?> map) {
        // Between statements H2 only takes snapshots.
        if (home.around.running().get() == StatementRecord.NONE || known.contains(map.getId())) {
            return;
        }
        int number = home.database.tableOf(map);
        if (number >= 0) {
            lookAtAll(number, home.around.tables().sharedTable(number));
        }
        if (known.isEmpty()) {
            known = new HashSet<>();
        }
        known.add(map.getId());
    }

    /** Returns false if that is noted already. */
    boolean look(Table table, Extent extent) {
        int number = table.getId();
        Optional<LockTarget.Table> target = home.around.tables().sharedTable(table);
        if (extent instanceof KeyRange range && range.isLarge()) {
            return lookAtAll(number, target);
        }
        // Who reads a row by its key and then changes it looks there twice. Notes of reads are never taken back.
        boolean isNew = !extent.equals(lastLook) && (whole.isEmpty() || !whole.contains(number));
        if (isNew) {
            look(target, Optional.of(extent));
            lastLook = extent;
        }
        return isNew;
    }

    /** The same. */
    boolean lookAtAll(Table table) {
        return lookAtAll(table.getId(), home.around.tables().sharedTable(table));
    }

    private boolean lookAtAll(int table, Optional<LockTarget.Table> target) {
        boolean isNew = !whole.contains(table);
        if (isNew) {
            look(target, Optional.empty());
            if (whole.isEmpty()) {
                whole = new HashSet<>();
            }
            whole.add(table);
        }
        return isNew;
    }

    private void look(Optional<LockTarget.Table> target, Optional<Extent> extent) {
        if (target.isPresent()) {
            checkMayAct();
            home.database
                    .serializer()
                    .look(
                            by,
                            new Look(target.get(), extent, home.around.running().get()));
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
        if (isDecided && home.h2.hasPreparedTransaction()) {
            throw RoutedErrors.refuse(
                    "The transaction is prepared. At SERIALIZABLE it reads only what it had read before."
                            + " It stays prepared. Read before PREPARE COMMIT, or commit it or roll it back first.");
        }
    }

    /** Returns false if that is noted already: who locks a row to change it, and leaves its keys, writes it thrice. */
    boolean wrote(Table table, SearchRow row) {
        KeyRow before = lastWritten;
        if (before != null && lastWrittenTo == table && before.isSame(table, row)) {
            return false;
        }
        Optional<LockTarget.Table> target = home.around.tables().sharedTable(table);
        if (target.isEmpty()) {
            return false;
        }
        checkMayAct();
        KeyRow image = KeyRow.of(table, row);
        boolean isLarge = image.isLarge(table);
        lastWritten = isLarge ? null : image;
        lastWrittenTo = table;
        home.database
                .serializer()
                .write(
                        by,
                        new Write(
                                target.get(),
                                isLarge ? Optional.empty() : Optional.of(image),
                                home.around.running().get()));
        return true;
    }
}
