package io.mortise.engine.serial;

import io.mortise.engine.lock.OwnerId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A serializable transaction, from its snapshot on until none is left that has run beside it. A handle for the session
 * that began it; everything else is for this room, under the mutex. The numbers count what happens: snapshots, commits
 * and ends, in one row.
 *
 * <pre>
 *   running --- commits ---> committing (or prepared) --- committed ---> ended, kept
 *      |                          '------- at once, if it has written nothing --------------> ended, kept
 *      '------ rolledBack: forgotten
 * </pre>
 */
public final class SerialTransaction {
    static final long NEVER = Long.MAX_VALUE;

    /** What it is for. */
    public enum Kind {
        WRITES,
        /** It has said that it writes nothing. */
        READS,
        /** The same, and it begins to read when nothing can make its snapshot wrong. */
        DEFERS,
        /**
         * A definition's own, such as CREATE TABLE AS. It can be refused while it reads and not after that: what it has
         * made is in memory by then. Nobody else sees what it writes before it has committed.
         */
        DEFINES
    }

    /** Those whose end is not known, the oldest first. None of them is written for another's sake. */
    static final class Running implements Iterable<SerialTransaction> {
        private final List<SerialTransaction> all = new ArrayList<>();
        private long oldest = NEVER;

        void add(SerialTransaction begun) {
            if (all.isEmpty()) {
                oldest = begun.begin;
            }
            all.add(begun);
            begun.isRunning = true;
        }

        /** Returns false if its end is known. */
        boolean remove(SerialTransaction over) {
            if (!over.isRunning) {
                return false;
            }
            over.isRunning = false;
            int place = all.size() - 1;
            while (all.get(place) != over) {
                place--;
            }
            all.remove(place);
            if (place == 0) {
                oldest = all.isEmpty() ? NEVER : all.get(0).begin;
            }
            return true;
        }

        SerialTransaction get(int place) {
            return all.get(place);
        }

        int size() {
            return all.size();
        }

        /** When the oldest has begun; {@link #NEVER} if there is none. */
        long oldest() {
            return oldest;
        }

        @Override
        public Iterator<SerialTransaction> iterator() {
            return all.iterator();
        }
    }

    final OwnerId owner;
    long begin; // Before anybody else knows it.
    final Kind kind;
    final Notes notes = new Notes();
    /** Who has read what this wrote, and the other way round; the first time for each. */
    Map<SerialTransaction, Refusal.Conflict> in = Map.of();

    Map<SerialTransaction, Refusal.Conflict> out = Map.of();
    private boolean isRunning;
    /**
     * When it had taken its snapshot; {@link #NEVER} until then. What was committed in between may be in there or not.
     */
    long seen = NEVER;

    /** When it was decided that it commits; {@link #NEVER} until then. */
    long commit = NEVER;
    /** When everybody could see it; {@link #NEVER} until then. */
    long end = NEVER;
    /** How many notes it has left, once it has ended. */
    int size;

    /** When the first committed of those whose writing it has missed and who are not kept one by one any more. */
    long firstOut = NEVER;
    /** Has one that is not kept one by one any more read what this wrote? */
    boolean isReadByForgotten;

    boolean hasWritten;
    volatile @Nullable Refusal refusal;

    SerialTransaction(OwnerId owner, Kind kind) {
        this.owner = owner;
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public OwnerId owner() {
        return owner;
    }

    /** Why it has to give way; empty while it has not. One volatile read. For any thread. */
    public Optional<Refusal> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Is it the first time, and can it still be ended? */
    boolean refuse(Refusal why) {
        boolean isRefused = !isCommitting() && refusal == null;
        if (isRefused) {
            refusal = why;
        }
        return isRefused;
    }

    /** Can it not be ended any more, because it commits, is prepared, or has committed? */
    boolean isCommitting() {
        return commit != NEVER;
    }

    /** Can nobody else make it give way? */
    boolean isBound() {
        return isCommitting() || kind == Kind.DEFINES;
    }

    boolean isReadOnly() {
        return kind == Kind.READS || kind == Kind.DEFERS;
    }

    /**
     * Does it note what it does without asking the room? Then that is after its snapshot was taken, and before it is
     * decided whether it commits. Asked by its own thread; what this writes, others read after that decision.
     */
    boolean notesFreely(Signs signs) {
        if (kind != Kind.WRITES
                || isCommitting()
                || refusal != null
                || notes.signs().isNone()) {
            return false;
        }
        if (seen == NEVER) {
            seen = signs.now() + 1;
        }
        return true;
    }

    /**
     * Has it not to give way? One has to of which it was decided that it commits, and which does something new all the
     * same, because H2 could not commit it. Nobody would hold this against it. What has been decided for its sake stays
     * right when it rolls back.
     */
    boolean mayGoOn() {
        if (isCommitting()) {
            refusal = Refusal.ofUnknown(owner);
        }
        return refusal == null;
    }

    /**
     * Is it over when it is decided that it commits? What it has read is noted then, and of the rest there is nothing
     * to be seen. What a definition makes is not noted.
     */
    boolean leavesNothing() {
        return !hasWritten && kind != Kind.DEFINES;
    }

    /** Is its end not known? */
    boolean isOpen() {
        return isRunning;
    }

    boolean hasEnded() {
        return end != NEVER;
    }

    /** Has neither seen what the other has done? */
    boolean isBeside(SerialTransaction other) {
        return this != other && end > other.begin && other.end > begin;
    }

    /** Can this be the first that is known of it reading what the writer writes, and does either still count? */
    boolean isNewReaderOf(SerialTransaction writer) {
        return isBeside(writer) && refusal == null && writer.refusal == null && !out.containsKey(writer);
    }

    /** It has read what the writer writes, and does not see that. */
    void reads(SerialTransaction writer, Refusal.Conflict conflict) {
        if (out.isEmpty()) {
            out = new LinkedHashMap<>();
        }
        out.put(writer, conflict);
        if (writer.in.isEmpty()) {
            writer.in = new LinkedHashMap<>();
        }
        writer.in.put(this, conflict);
    }

    /** How it has missed what the one with this number of commit has written; empty if that is not kept any more. */
    Optional<Refusal.Conflict> missed(long committed) {
        return out.entrySet().stream()
                .filter(each -> each.getKey().commit == committed)
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** It is out of all that could still count: so are its conflicts. */
    void takeOutConflicts() {
        in.keySet().forEach(reader -> reader.out.remove(this));
        out.keySet().forEach(writer -> writer.in.remove(this));
        in = Map.of();
        out = Map.of();
    }

    /** Could it come after the commit with this number? Not if it had ended, or has read without seeing that. */
    boolean canFollow(long last) {
        return refusal == null && last < end && (!onlyReads() || last < seen);
    }

    /** Writes nothing, as far as one can know. */
    boolean onlyReads() {
        return isReadOnly() || isCommitting() && !hasWritten;
    }

    /** The first commit among those whose writing it has missed; {@link #NEVER} if none has committed. */
    long firstMissed() {
        long first = firstOut;
        if (out.isEmpty()) {
            return first;
        }
        for (SerialTransaction other : out.keySet()) {
            first = Math.min(first, other.commit);
        }
        return first;
    }
}
