package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.thread.BriefMutex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction has read and written, by table. It has a mutex of its own, which hardly anybody asks for but the
 * transaction's thread: that notes without the room's. Others come under the room's, and take this one inside it.
 */
final class Notes {
    /** So many tables are compared one by one. */
    private static final int FEW = 8;

    private final BriefMutex mutex = new BriefMutex();
    private final List<TableNotes> tables = new ArrayList<>(2);
    /** Where each is, once they are more than a few. */
    private Map<LockTarget.Table, TableNotes> places = Map.of();
    /** Where others see whether it is worth their while to ask. */
    private Signs.Place signs = Signs.NOWHERE;

    private int size;
    /** How many of them the room has counted. */
    private int counted;

    /** It begins, and nobody knows it yet. */
    void shownAt(Signs.Place place) {
        signs = place;
    }

    /** Where others see that there is something. One thread: the transaction's, or the room's that ends it. */
    Signs.Place signs() {
        return signs;
    }

    int size() {
        return size;
    }

    /** Are there more than may be, or many that the room has not counted? Asked by the transaction's thread. */
    boolean isToBeCounted(Bounds bounds) {
        return size > bounds.ofTransaction() || size - counted >= bounds.uncounted();
    }

    /** How many there are more than the room has counted; from now on it has. */
    int count() {
        mutex.lock();
        try {
            int more = size - counted;
            counted = size;
            return more;
        } finally {
            mutex.unlock();
        }
    }

    /** The tables that were read or written, of one that has ended. */
    List<TableNotes> tables() {
        return tables;
    }

    private @Nullable TableNotes find(LockTarget.Table table) {
        if (!places.isEmpty()) {
            return places.get(table);
        }
        for (int i = tables.size() - 1; i >= 0; i--) {
            TableNotes each = tables.get(i);
            if (each.table == table || each.table.equals(table)) {
                return each;
            }
        }
        return null;
    }

    private TableNotes of(LockTarget.Table table) {
        TableNotes found = find(table);
        if (found == null) {
            found = new TableNotes(table);
            tables.add(found);
            if (!places.isEmpty()) {
                places.put(table, found);
            } else if (tables.size() > FEW) {
                places = new HashMap<>();
                tables.forEach(each -> places.put(each.table, each));
            }
        }
        return found;
    }

    /**
     * Once this has returned true, everybody who looks can see it. So who looks at others' notes after that has either
     * seen theirs, or is seen by them.
     *
     * @return false if that was noted before; else the caller compares it with what others have done, whether there was
     *     room or not
     */
    boolean add(Look look) {
        mutex.lock();
        try {
            TableNotes of = of(look.table());
            int before = of.size();
            boolean isNew = of.note(look);
            size += of.size() - before;
            signs.show(of);
            return isNew;
        } finally {
            mutex.unlock();
        }
    }

    /** The same. */
    boolean add(Write write) {
        mutex.lock();
        try {
            TableNotes of = of(write.table());
            int before = of.size();
            boolean isNew = of.note(write);
            size += of.size() - before;
            signs.show(of);
            return isNew;
        } finally {
            mutex.unlock();
        }
    }

    /** What was written that another one looks at; null if nothing was. */
    @Nullable
    Write meeting(Look look) {
        mutex.lock();
        try {
            TableNotes of = find(look.table());
            return of == null ? null : of.meeting(look);
        } finally {
            mutex.unlock();
        }
    }

    /** What was looked at that another one writes; null if nothing was. */
    @Nullable
    Look meeting(Write write) {
        mutex.lock();
        try {
            TableNotes of = find(write.table());
            return of == null ? null : of.meeting(write);
        } finally {
            mutex.unlock();
        }
    }

    /** The last that was written of such a row. */
    Optional<Write> written(LockTarget.Table table, Predicate<Image> row) {
        mutex.lock();
        try {
            TableNotes of = find(table);
            return of == null
                    ? Optional.empty()
                    : of.writes().stream()
                            .filter(write -> write.row().isEmpty()
                                    || row.test(write.row().get()))
                            .reduce((earlier, later) -> later);
        } finally {
            mutex.unlock();
        }
    }

    /** All that was looked at. A copy. */
    List<Look> looks() {
        mutex.lock();
        try {
            return tables.stream().flatMap(each -> each.looks().stream()).toList();
        } finally {
            mutex.unlock();
        }
    }

    void clear() {
        mutex.lock();
        try {
            tables.clear();
            places = Map.of();
            size = 0;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Notes the table of which there is most as a whole. What others have done so far has been held against the finer
     * notes.
     *
     * @return whether there are fewer notes now
     */
    boolean coarsen() {
        mutex.lock();
        try {
            int before = size;
            tables.stream().max(Comparator.comparingInt(TableNotes::size)).ifPresent(most -> {
                int all = most.size();
                most.coarsen();
                size += most.size() - all;
                signs.show(most);
            });
            return size < before;
        } finally {
            mutex.unlock();
        }
    }
}
