package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction has read of one table, and what it has written there. Called under the mutex of its
 * {@link Notes}; once it has ended nobody changes it.
 */
final class TableNotes {
    /** So many looks are compared one by one. */
    private static final int SOME = 32;

    final LockTarget.Table table;
    /** Of what was read, and of what was written: most that others have done meets none of it. */
    private long readBits;

    private long writtenBits;
    /** A bit for each look, by its hash code: most new ones have none of them, and so are known to be new. */
    private long hashes;

    private List<Look> looks = List.of();
    private List<Write> writes = List.of();
    /** What the looks are at; empty while they are few. */
    private Set<Extent> extents = Set.of();

    /**
     * Is it noted as a whole because it was read, or written, as a whole? Not only because there was no room for more.
     */
    private boolean isAllRead;

    private boolean isAllWritten;

    TableNotes(LockTarget.Table table) {
        this.table = table;
    }

    long readBits() {
        return readBits;
    }

    long writtenBits() {
        return writtenBits;
    }

    /** What was written that this has looked at; null if nothing was. */
    @Nullable
    Write meeting(Look look) {
        if ((writtenBits & look.bits()) != 0) {
            for (int i = 0; i < writes.size(); i++) {
                if (look.meets(writes.get(i))) {
                    return writes.get(i);
                }
            }
        }
        return null;
    }

    /** What has looked at what is written here; null if nothing has. */
    @Nullable
    Look meeting(Write write) {
        if ((readBits & write.bits()) != 0) {
            for (int i = 0; i < looks.size(); i++) {
                if (looks.get(i).meets(write)) {
                    return looks.get(i);
                }
            }
        }
        return null;
    }

    List<Look> looks() {
        return looks;
    }

    List<Write> writes() {
        return writes;
    }

    boolean hasRead() {
        return !looks.isEmpty();
    }

    boolean hasWritten() {
        return !writes.isEmpty();
    }

    int size() {
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

    /** Returns false if that was noted before; else it is, whether there was room for itself or not. */
    boolean note(Look look) {
        if (isAllRead || look.extent().isPresent() && isNoted(look.extent().get())) {
            return false;
        }
        isAllRead = look.extent().isEmpty();
        if (isAllRead) {
            readWhole(look);
        } else if (!isReadWhole()) {
            add(look);
        }
        return true;
    }

    /** The same. */
    boolean note(Write write) {
        if (isAllWritten) {
            return false;
        }
        isAllWritten = write.row().isEmpty();
        if (isAllWritten) {
            writtenWhole(write);
        } else if (!isWrittenWhole()) {
            add(write);
        }
        return true;
    }

    /** Notes as a whole what there is most of. */
    void coarsen() {
        if (looks.size() > writes.size()) {
            Look last = looks.get(looks.size() - 1);
            readWhole(new Look(last.table(), Optional.empty(), last.by()));
        } else if (!writes.isEmpty()) {
            Write last = writes.get(writes.size() - 1);
            writtenWhole(new Write(last.table(), Optional.empty(), last.by()));
        }
    }
}
