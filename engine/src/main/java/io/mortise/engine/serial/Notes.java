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
    static final class OfTable {
        /** So many tables are compared one by one. */
        private static final int FEW = 8;
        /** So many looks are. */
        private static final int SOME = 32;

        final SerialTransaction by;
        final LockTarget.Table table;
        /** Of what was read, and of what was written: most that others have done meets none of it. */
        private long readBits;

        private long writtenBits;
        /** A bit for each look, by its hash code: most new ones have none of them, and so are known to be new. */
        private long hashes;
        /** When its transaction has ended, once that is known and it is kept. */
        long end = SerialTransaction.NEVER;

        private List<Look> looks = List.of();
        private List<Write> writes = List.of();
        /** What the looks are at; empty while they are few. */
        private Set<Extent> extents = Set.of();

        /**
         * Is it noted as a whole because it was read, or written, as a whole? Not only because there was no room for
         * more.
         */
        private boolean isAllRead;

        private boolean isAllWritten;

        private OfTable(SerialTransaction by, LockTarget.Table table) {
            this.by = by;
            this.table = table;
        }

        /** Can something written here have been looked at? */
        boolean mayMeet(Look look) {
            return (writtenBits & look.bits()) != 0;
        }

        /** Can something looked at here be what is written? */
        boolean mayMeet(Write write) {
            return (readBits & write.bits()) != 0;
        }

        /** What was written that this has looked at; null if nothing was. */
        @Nullable
        Write meeting(Look look) {
            for (int i = 0; i < writes.size(); i++) {
                if (look.meets(writes.get(i))) {
                    return writes.get(i);
                }
            }
            return null;
        }

        /** What has looked at what is written here; null if nothing has. */
        @Nullable
        Look meeting(Write write) {
            for (int i = 0; i < looks.size(); i++) {
                if (looks.get(i).meets(write)) {
                    return looks.get(i);
                }
            }
            return null;
        }

        boolean hasRead() {
            return !looks.isEmpty();
        }

        boolean hasWritten() {
            return !writes.isEmpty();
        }

        private int size() {
            return looks.size() + writes.size();
        }

        private boolean isReadWhole() {
            return looks.size() == 1 && looks.get(0).extent().isEmpty();
        }

        private boolean isWrittenWhole() {
            return writes.size() == 1 && writes.get(0).row().isEmpty();
        }

        private static long hash(Extent extent) {
            int hash = extent.hashCode();
            return 1L << (hash ^ hash >>> 6 ^ hash >>> 12);
        }

        private boolean isNoted(Extent extent) {
            if ((hashes & hash(extent)) == 0) {
                return false;
            }
            if (!extents.isEmpty()) {
                return extents.contains(extent);
            }
            for (int i = 0; i < looks.size(); i++) {
                if (looks.get(i).extent().filter(extent::equals).isPresent()) {
                    return true;
                }
            }
            return false;
        }

        private void add(Look look) {
            if (looks.isEmpty()) {
                looks = new ArrayList<>(2);
            }
            looks.add(look);
            readBits |= look.bits();
            Extent extent = look.extent().orElseThrow();
            hashes |= hash(extent);
            if (!extents.isEmpty()) {
                extents.add(extent);
            } else if (looks.size() > SOME) {
                extents = new HashSet<>();
                looks.forEach(each -> extents.add(each.extent().orElseThrow()));
            }
        }

        private void add(Write write) {
            if (writes.isEmpty()) {
                writes = new ArrayList<>(2);
            }
            writes.add(write);
            writtenBits |= write.bits();
        }

        private void readWhole(Look look) {
            looks = List.of(look);
            readBits = Note.ALL;
            extents = Set.of();
        }

        private void writtenWhole(Write write) {
            writes = List.of(write);
            writtenBits = Note.ALL;
        }
    }

    private final SerialTransaction by;
    private final List<OfTable> tables = new ArrayList<>(2);
    /** Where each is, once they are more than a few. */
    private Map<LockTarget.Table, OfTable> places = Map.of();

    private int size;

    Notes(SerialTransaction by) {
        this.by = by;
    }

    int size() {
        return size;
    }

    /** The tables that were read or written. */
    List<OfTable> tables() {
        return tables;
    }

    private @Nullable OfTable find(LockTarget.Table table) {
        if (!places.isEmpty()) {
            return places.get(table);
        }
        for (int i = tables.size() - 1; i >= 0; i--) {
            OfTable each = tables.get(i);
            if (each.table == table || each.table.equals(table)) {
                return each;
            }
        }
        return null;
    }

    /** What is noted of a table. */
    OfTable of(LockTarget.Table table) {
        OfTable found = find(table);
        if (found == null) {
            found = new OfTable(by, table);
            tables.add(found);
            if (!places.isEmpty()) {
                places.put(table, found);
            } else if (tables.size() > OfTable.FEW) {
                places = new HashMap<>();
                tables.forEach(each -> places.put(each.table, each));
            }
        }
        return found;
    }

    /**
     * @return false if that was noted before; else the caller compares it with what others have done, whether there was
     *     room or not
     */
    boolean add(OfTable of, Look look) {
        if (of.isAllRead
                || look.extent().isPresent() && of.isNoted(look.extent().get())) {
            return false;
        }
        of.isAllRead = look.extent().isEmpty();
        int before = of.looks.size();
        if (of.isAllRead) {
            of.readWhole(look);
        } else if (!of.isReadWhole()) {
            of.add(look);
        }
        size += of.looks.size() - before;
        return true;
    }

    /** @return the same */
    boolean add(OfTable of, Write write) {
        if (of.isAllWritten) {
            return false;
        }
        of.isAllWritten = write.row().isEmpty();
        int before = of.writes.size();
        if (of.isAllWritten) {
            of.writtenWhole(write);
        } else if (!of.isWrittenWhole()) {
            of.add(write);
        }
        size += of.writes.size() - before;
        return true;
    }

    /** The last that was written of such a row. */
    Optional<Write> written(LockTarget.Table table, Predicate<Image> row) {
        OfTable of = find(table);
        return of == null
                ? Optional.empty()
                : of.writes.stream()
                        .filter(write ->
                                write.row().isEmpty() || row.test(write.row().get()))
                        .reduce((earlier, later) -> later);
    }

    /** What was read of the table. */
    List<Look> looks(LockTarget.Table table) {
        OfTable of = find(table);
        return of == null ? List.of() : of.looks;
    }

    void clear() {
        tables.clear();
        places = Map.of();
        size = 0;
    }

    /**
     * Notes the table of which there is most as a whole. What others have done so far has been held against the finer
     * notes.
     *
     * @return how many notes fewer there are
     */
    int coarsen() {
        int before = size;
        tables.stream().max(Comparator.comparingInt(OfTable::size)).ifPresent(this::coarsen);
        return before - size;
    }

    private void coarsen(OfTable most) {
        int before = most.size();
        if (most.looks.size() > most.writes.size()) {
            Look last = most.looks.get(most.looks.size() - 1);
            most.readWhole(new Look(last.table(), Optional.empty(), last.by()));
        } else if (!most.writes.isEmpty()) {
            Write last = most.writes.get(most.writes.size() - 1);
            most.writtenWhole(new Write(last.table(), Optional.empty(), last.by()));
        }
        size += most.size() - before;
    }
}
