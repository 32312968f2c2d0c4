package io.mortise.engine.serial;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.thread.BriefMutex;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The serializable transactions of one database, for storage and the views: {@link SerialTable} decides, and this lets
 * one thread in at a time. Thread-safe. No lock is taken and nothing is called inside but {@link Extent#covers} and
 * what looks for a row.
 */
public final class Serializer {
    /** A transaction, and what it has written. Immutable. */
    public record Written(OwnerId by, Write write) {}

    /** A transaction, and what it has looked at. Immutable. */
    public record Noted(OwnerId by, Look look) {}

    private final BriefMutex mutex = new BriefMutex();

    @GuardedBy("mutex")
    private final SerialTable table;

    private final Signs signs = new Signs();
    private volatile Bounds bounds;

    private volatile boolean isAnyOpen;
    private volatile Consumer<OwnerId> listener = victim -> {};

    public Serializer() {
        this(Bounds.DEFAULT);
    }

    Serializer(Bounds bounds) {
        this.bounds = bounds;
        this.table = new SerialTable(bounds, signs);
    }

    /**
     * Told of each transaction that has to give way for what another one does, on that one's thread and outside the
     * mutex.
     */
    public void setListener(Consumer<OwnerId> told) {
        listener = told;
    }

    @GuardedBy("mutex")
    private List<OwnerId> takeRefused() {
        if (table.refused.isEmpty()) {
            return List.of(); // Without a write: what nobody changes stays with each processor.
        }
        List<OwnerId> taken = List.copyOf(table.refused);
        table.refused.clear();
        return taken;
    }

    /**
     * Each commit reads it, at any level: so it is written only where it changes. That is under the mutex, so nothing
     * is missed in between.
     */
    @GuardedBy("mutex")
    private void showWhetherAnyIsOpen() {
        boolean isAny = table.books.open.size() > 0;
        if (isAnyOpen != isAny) {
            isAnyOpen = isAny;
        }
    }

    private void tell(List<OwnerId> refused, SerialTransaction by) {
        if (refused.isEmpty()) {
            return;
        }
        for (OwnerId victim : refused) {
            if (!victim.equals(by.owner())) {
                listener.accept(victim);
            }
        }
    }

    /** Is any serializable transaction open? One volatile read. */
    public boolean isWatching() {
        return isAnyOpen;
    }

    public void setBounds(Bounds changed) {
        mutex.lock();
        try {
            table.books.setBounds(changed);
            bounds = changed;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * To be called before the transaction takes its snapshot, and {@link #seen} after it: who ends afterwards has run
     * beside it.
     */
    public SerialTransaction begin(OwnerId owner, SerialTransaction.Kind kind) {
        SerialTransaction begun = new SerialTransaction(owner, kind);
        mutex.lock();
        try {
            table.begin(begun);
            showWhetherAnyIsOpen();
        } finally {
            mutex.unlock();
        }
        return begun;
    }

    /** It has taken its snapshot. Of one that may write, that is known when it does something. */
    public void seen(SerialTransaction transaction) {
        if (!transaction.isReadOnly()) {
            return;
        }
        mutex.lock();
        try {
            table.seen(transaction);
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Who has to end before the snapshot of a transaction that only reads can be safe, or another one can be. Empty if
     * nobody has: then {@link #isSafe} answers the same for ever.
     */
    public Optional<OwnerId> awaited(SerialTransaction reader) {
        mutex.lock();
        try {
            return table.snapshots.awaited(reader).map(SerialTransaction::owner);
        } finally {
            mutex.unlock();
        }
    }

    /** Can nothing that anybody does make wrong what the snapshot of a transaction that only reads shows? */
    public boolean isSafe(SerialTransaction reader) {
        mutex.lock();
        try {
            return table.snapshots.isSafe(reader);
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Is that all there is to do for what was noted without the mutex, if nobody has done anything that it can meet?
     * Who does from now on sees it.
     */
    private boolean isCounted(SerialTransaction by) {
        return !by.notes.isToBeCounted(bounds);
    }

    /** The transaction looks at something. From now on it may have to give way: {@link SerialTransaction#refusal}. */
    public void look(SerialTransaction reader, Look look) {
        boolean isNoted = reader.notesFreely(signs);
        if (isNoted && (!reader.notes.add(look) || reader.notes.signs().isUnwritten(look) && isCounted(reader))) {
            return;
        }
        List<OwnerId> refused;
        mutex.lock();
        try {
            if (isNoted) {
                table.compare(reader, look);
            } else {
                table.look(reader, look);
            }
            refused = takeRefused();
        } finally {
            mutex.unlock();
        }
        tell(refused, reader);
    }

    /** The transaction writes something; the same. */
    public void write(SerialTransaction writer, Write write) {
        boolean isNoted = writer.notesFreely(signs);
        writer.hasWritten |= isNoted;
        if (isNoted && (!writer.notes.add(write) || writer.notes.signs().isUnread(write) && isCounted(writer))) {
            return;
        }
        List<OwnerId> refused;
        mutex.lock();
        try {
            if (isNoted) {
                table.compare(writer, write);
            } else {
                table.write(writer, write);
            }
            refused = takeRefused();
        } finally {
            mutex.unlock();
        }
        tell(refused, writer);
    }

    /**
     * The transaction is about to commit, or to be prepared. Asked again it answers the same. If it has written nothing
     * it is over with that, and {@link #committed} is free.
     *
     * @return why it may not; if it may, it cannot be refused any more
     */
    public Optional<Refusal> commits(SerialTransaction transaction) {
        Optional<Refusal> why;
        List<OwnerId> refused;
        mutex.lock();
        try {
            why = table.commits(transaction);
            showWhetherAnyIsOpen();
            refused = takeRefused();
        } finally {
            mutex.unlock();
        }
        tell(refused, transaction);
        return why;
    }

    /** Everybody can see what it has written. */
    public void committed(SerialTransaction transaction) {
        if (transaction.hasEnded()) {
            return; // Written by this thread, or else the mutex says the same.
        }
        List<OwnerId> refused;
        mutex.lock();
        try {
            table.committed(transaction);
            showWhetherAnyIsOpen();
            refused = takeRefused();
        } finally {
            mutex.unlock();
        }
        tell(refused, transaction);
    }

    /** What it has written will never be seen. */
    public void rolledBack(SerialTransaction transaction) {
        if (transaction.hasEnded()) {
            return; // The same.
        }
        mutex.lock();
        try {
            table.rolledBack(transaction);
            showWhetherAnyIsOpen();
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Who has written such a row of the table and committed, beside the transaction; the last of them. Calls back under
     * the mutex.
     */
    public Optional<Written> writerOf(SerialTransaction missing, LockTarget.Table written, Predicate<Image> row) {
        mutex.lock();
        try {
            return table.books.lastWritten(missing, written, row);
        } finally {
            mutex.unlock();
        }
    }

    /**
     * All that is noted of reads, of those that are open and of those that are kept. A copy, as long as the bounds
     * allow.
     */
    public List<Noted> looks() {
        mutex.lock();
        try {
            return table.books.looks();
        } finally {
            mutex.unlock();
        }
    }

    /** What is kept, by number: nothing when nobody is open. */
    public int size() {
        mutex.lock();
        try {
            return table.books.size();
        } finally {
            mutex.unlock();
        }
    }
}
