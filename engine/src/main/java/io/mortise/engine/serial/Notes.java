package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What one transaction has read and written, by table. Called under the mutex. */
final class Notes {
    /** What was read of one table, and what was written there. */
    private static final class OfTable {
        final List<Look> looks = new ArrayList<>();
        final Set<Extent> extents = new HashSet<>();
        final List<Write> writes = new ArrayList<>();

        /**
         * Is it noted as a whole because it was read, or written, as a whole? Not only because there was no room for
         * more.
         */
        boolean isAllRead;

        boolean isAllWritten;

        int size() {
            return looks.size() + writes.size();
        }

        boolean isReadWhole() {
            return looks.size() == 1 && looks.get(0).extent().isEmpty();
        }

        boolean isWrittenWhole() {
            return writes.size() == 1 && writes.get(0).row().isEmpty();
        }
    }

    private final Map<LockTarget.Table, OfTable> tables = new HashMap<>();
    private int size;

    int size() {
        return size;
    }

    /** The tables that were read or written. */
    Set<LockTarget.Table> tables() {
        return tables.keySet();
    }

    boolean hasRead(LockTarget.Table table) {
        OfTable of = tables.get(table);
        return of != null && !of.looks.isEmpty();
    }

    boolean hasWritten(LockTarget.Table table) {
        OfTable of = tables.get(table);
        return of != null && !of.writes.isEmpty();
    }

    private OfTable of(LockTarget.Table table) {
        return tables.computeIfAbsent(table, any -> new OfTable());
    }

    /**
     * @return false if that was noted before; else the caller compares it with what others have done, whether there was
     *     room or not
     */
    boolean add(Look look) {
        OfTable of = of(look.table());
        if (of.isAllRead || look.extent().filter(of.extents::contains).isPresent()) {
            return false;
        }
        of.isAllRead = look.extent().isEmpty();
        if (of.isAllRead) {
            readWhole(of, look);
        } else if (!of.isReadWhole()) {
            of.extents.add(look.extent().orElseThrow());
            of.looks.add(look);
            size++;
        }
        return true;
    }

    private void readWhole(OfTable of, Look look) {
        size += 1 - of.looks.size();
        of.looks.clear();
        of.extents.clear();
        of.looks.add(look);
    }

    /** @return the same */
    boolean add(Write write) {
        OfTable of = of(write.table());
        if (of.isAllWritten) {
            return false;
        }
        of.isAllWritten = write.row().isEmpty();
        if (of.isAllWritten) {
            writtenWhole(of, write);
        } else if (!of.isWrittenWhole()) {
            of.writes.add(write);
            size++;
        }
        return true;
    }

    private void writtenWhole(OfTable of, Write write) {
        size += 1 - of.writes.size();
        of.writes.clear();
        of.writes.add(write);
    }

    /** The last that was written of such a row. */
    Optional<Write> written(LockTarget.Table table, Predicate<Image> row) {
        OfTable of = tables.get(table);
        return of == null
                ? Optional.empty()
                : of.writes.stream()
                        .filter(write ->
                                write.row().isEmpty() || row.test(write.row().get()))
                        .reduce((earlier, later) -> later);
    }

    /** What was read of the table. */
    List<Look> looks(LockTarget.Table table) {
        OfTable of = tables.get(table);
        return of == null ? List.of() : of.looks;
    }

    void clear() {
        tables.clear();
        size = 0;
    }

    /** What was written that this has looked at; null if nothing was. */
    @Nullable
    Write meeting(Look look) {
        OfTable of = tables.get(look.table());
        if (of != null) {
            for (Write write : of.writes) {
                if (look.meets(write)) {
                    return write;
                }
            }
        }
        return null;
    }

    /** What has looked at what is written here; null if nothing has. */
    @Nullable
    Look meeting(Write write) {
        OfTable of = tables.get(write.table());
        if (of != null) {
            for (Look look : of.looks) {
                if (look.meets(write)) {
                    return look;
                }
            }
        }
        return null;
    }

    /**
     * Notes the table of which there is most as a whole. What others have done so far has been held against the finer
     * notes.
     */
    void coarsen() {
        tables.values().stream().max(Comparator.comparingInt(OfTable::size)).ifPresent(this::coarsen);
    }

    private void coarsen(OfTable most) {
        if (most.looks.size() > most.writes.size()) {
            Look last = most.looks.get(most.looks.size() - 1);
            readWhole(most, new Look(last.table(), Optional.empty(), last.by()));
        } else if (!most.writes.isEmpty()) {
            Write last = most.writes.get(most.writes.size() - 1);
            writtenWhole(most, new Write(last.table(), Optional.empty(), last.by()));
        }
    }
}
