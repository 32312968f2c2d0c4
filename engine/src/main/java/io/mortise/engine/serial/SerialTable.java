package io.mortise.engine.serial;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.serial.Refusal.Conflict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides who gives way, and nothing else: starts no thread, waits for nothing and knows no clock. Called under the
 * mutex.
 *
 * <p>A conflict runs from who has read to who has written what the reader does not see; in every order that explains
 * both, the reader comes first. If what was committed has no such order, one transaction has a conflict in and one out,
 * and the one it runs out to has committed first of the three. All this can be seen as soon as the later conflict is
 * made or that one commits. Not every such three are a circle, so somebody may be refused for nothing; nobody gets
 * through wrongly.
 */
final class SerialTable {
    final Books books;
    final Snapshots snapshots = new Snapshots();
    /** Those that have had to give way since they were taken out of here. */
    final List<OwnerId> refused = new ArrayList<>();

    private final Forgotten forgotten;
    private final Signs signs;

    SerialTable(Bounds bounds, Signs signs) {
        this.signs = signs;
        this.books = new Books(bounds, signs);
        this.forgotten = books.forgotten;
    }

    /** A transaction is about to take its snapshot. */
    void begin(SerialTransaction begun) {
        begun.begin = signs.tick();
        begun.notes.shownAt(signs.take(begun, books.open.oldest()));
        books.open.add(begun);
    }

    /**
     * One that only reads has taken its snapshot: nothing that commits from now on is in there. Of any other that is
     * known when it does something: it may be later than it was, not earlier.
     */
    void seen(SerialTransaction reader) {
        reader.seen = signs.tick();
        snapshots.taken(reader, books.open);
    }

    /** The first time counts: later ones would only be larger. Returns false if it has to give way anyhow. */
    private boolean acts(SerialTransaction transaction) {
        if (transaction.seen == SerialTransaction.NEVER && !transaction.isReadOnly()) {
            transaction.seen = signs.tick();
        }
        return transaction.mayGoOn();
    }

    /** It looks at something of which it sees what its snapshot shows. */
    void look(SerialTransaction reader, Look look) {
        if (acts(reader) && !snapshots.isSafe(reader) && reader.notes.add(look)) {
            compare(reader, look);
        }
    }

    /** It has noted that, as something new, and may have written nothing since. */
    void compare(SerialTransaction reader, Look look) {
        books.forEachBeside(reader, other -> {
            Write write = reader.isNewReaderOf(other) ? other.notes.meeting(look) : null;
            if (write != null) {
                conflict(reader, other, look, write);
            }
        });
        if (forgotten.hasWritten(look.table(), reader)) {
            reader.firstOut = Math.min(reader.firstOut, forgotten.written(look.table()));
            checkPivot(reader);
            if (forgotten.missed(look.table()) < (reader.onlyReads() ? reader.seen : SerialTransaction.NEVER)) {
                refuse(reader, Refusal.ofUnknown(reader.owner));
            }
        }
        books.noted(reader);
    }

    /** It writes something, and nobody sees that before it has committed. */
    void write(SerialTransaction writer, Write write) {
        if (!acts(writer)) {
            return;
        }
        writer.hasWritten = true;
        if (writer.isReadOnly()) { // What it has read may not have been noted.
            refuse(writer, Refusal.ofUnknown(writer.owner));
        } else if (writer.notes.add(write)) {
            compare(writer, write);
        }
    }

    /** The same of what it writes. */
    void compare(SerialTransaction writer, Write write) {
        books.forEachBeside(writer, other -> {
            Look look = other.isNewReaderOf(writer) ? other.notes.meeting(write) : null;
            if (look != null) {
                conflict(other, writer, look, write);
            }
        });
        if (forgotten.hasRead(write.table(), writer)) {
            writer.isReadByForgotten = true;
            checkPivot(writer);
        }
        books.noted(writer);
    }

    private void conflict(SerialTransaction reader, SerialTransaction writer, Look look, Write write) {
        reader.reads(writer, new Conflict(reader.owner, writer.owner, look, write));
        checkPivot(writer);
        checkPivot(reader);
    }

    /** Refuses the pivot, or who comes before it, if somebody after it has committed before both can be seen. */
    private void checkPivot(SerialTransaction pivot) {
        long last = pivot.firstMissed();
        if (pivot.refusal != null || last == SerialTransaction.NEVER || last >= pivot.end) {
            return;
        }
        for (SerialTransaction first : List.copyOf(pivot.in.keySet())) {
            if (isBefore(first, last)) {
                giveWay(Optional.of(first), pivot, last);
            }
        }
        if (pivot.isReadByForgotten) {
            giveWay(Optional.empty(), pivot, last);
        }
    }

    private boolean isBefore(SerialTransaction first, long last) {
        return first.canFollow(last) && !snapshots.isSafe(first);
    }

    private void giveWay(Optional<SerialTransaction> first, SerialTransaction pivot, long last) {
        SerialTransaction victim = pivot.isCommitting() ? first.orElse(pivot) : pivot;
        refuse(victim, new Refusal(first.map(pivot.in::get), pivot.owner, pivot.missed(last), victim.owner));
    }

    private void refuse(SerialTransaction victim, Refusal refusal) {
        if (victim.refuse(refusal)) {
            refused.add(victim.owner);
        }
    }

    /**
     * It is about to commit, or to be prepared. One that has written nothing ends with that: nobody will see it.
     * Returns why it may not; if it may, it cannot be refused any more.
     */
    Optional<Refusal> commits(SerialTransaction committing) {
        Optional<Refusal> why = decide(committing);
        if (why.isEmpty() && committing.leavesNothing()) {
            end(committing);
        }
        return why;
    }

    private Optional<Refusal> decide(SerialTransaction committing) {
        checkPivot(committing);
        if (committing.refusal != null || committing.isCommitting()) {
            return committing.refusal();
        }
        acts(committing);
        committing.commit = signs.tick();
        Optional<Refusal> own = Optional.empty();
        for (SerialTransaction pivot : List.copyOf(committing.in.keySet())) {
            Optional<Refusal> found = checkLast(pivot, committing);
            own = found.isPresent() ? found : own;
        }
        if (own.isPresent()) {
            committing.commit = SerialTransaction.NEVER;
            committing.refusal = own.get();
            return own;
        }
        snapshots.commits(committing);
        return Optional.empty();
    }

    /**
     * Will who commits now be the first of three? Then one of the others gives way, if it still can.
     *
     * @return why who commits has to, if both commit already and perhaps will be seen later
     */
    private Optional<Refusal> checkLast(SerialTransaction pivot, SerialTransaction last) {
        if (pivot.refusal != null || pivot.hasEnded()) {
            return Optional.empty();
        }
        Optional<Refusal> own = Optional.empty();
        for (SerialTransaction first : List.copyOf(pivot.in.keySet())) {
            boolean isDangerous = isBefore(first, last.commit);
            if (isDangerous && pivot.isCommitting() && first.isBound()) {
                Optional<Conflict> in = Optional.ofNullable(pivot.in.get(first));
                own = Optional.of(new Refusal(in, pivot.owner, pivot.missed(last.commit), last.owner));
            } else if (isDangerous) {
                giveWay(Optional.of(first), pivot, last.commit);
            }
        }
        return own;
    }

    /** Everybody can see what it has written. */
    void committed(SerialTransaction transaction) {
        if (transaction.isOpen()) {
            decide(transaction); // Nobody may have asked whether it may.
            transaction.commit =
                    Math.min(transaction.commit, signs.tick()); // A definition cannot be taken back any more.
            end(transaction);
        }
    }

    private void end(SerialTransaction transaction) {
        if (books.open.remove(transaction)) {
            transaction.end = signs.tick();
            snapshots.ended(transaction);
            books.ended(transaction);
        }
    }

    /** What it has written will never be seen. */
    void rolledBack(SerialTransaction transaction) {
        if (books.open.remove(transaction)) {
            snapshots.ended(transaction);
            books.rolledBack(transaction);
        }
    }
}
