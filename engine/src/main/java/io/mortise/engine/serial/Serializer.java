package io.mortise.engine.serial;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The serializable transactions of one database, for storage and the views: {@link SerialTable} decides, and this lets one thread in
 * at a time. Thread-safe. No lock is taken and nothing is called inside but {@link Extent#covers}
 * and what looks for a row.
 */
public final class Serializer {
    /** A transaction, and what it has written. Immutable. */
    public record Written(OwnerId by, Write write) {}

    private final ReentrantLock mutex = new ReentrantLock();

    @GuardedBy("mutex")
    private final SerialTable table = new SerialTable(Bounds.DEFAULT);

    private volatile int open;

    /** Is any serializable transaction open? One volatile read. */
    public boolean isWatching() {
        return open != 0;
    }

    public void setBounds(Bounds bounds) {
        mutex.lock();
        try {
            table.setBounds(bounds);
        } finally {
            mutex.unlock();
        }
    }

    /** To be called before the transaction takes its snapshot, and {@link #seen} after it: who ends afterwards has run beside it. */
    public SerialTransaction begin(OwnerId owner, boolean isReadOnly) {
        mutex.lock();
        try {
            SerialTransaction begun = table.begin(owner, isReadOnly);
            open = table.open();
            return begun;
        } finally {
            mutex.unlock();
        }
    }

    public void seen(SerialTransaction transaction) {
        mutex.lock();
        try {
            table.seen(transaction);
        } finally {
            mutex.unlock();
        }
    }

    /** The transaction looks at something. From now on it may have to give way: {@link SerialTransaction#refusal}. */
    public void look(SerialTransaction reader, Look look) {
        mutex.lock();
        try {
            table.look(reader, look);
        } finally {
            mutex.unlock();
        }
    }

    /** The transaction writes something; the same. */
    public void write(SerialTransaction writer, Write write) {
        mutex.lock();
        try {
            table.write(writer, write);
        } finally {
            mutex.unlock();
        }
    }

    /**
     * The transaction is about to commit, or to be prepared. Asked again it answers the same.
     *
     * @return why it may not; if it may, it cannot be refused any more
     */
    public Optional<Refusal> commits(SerialTransaction transaction) {
        mutex.lock();
        try {
            return table.commits(transaction);
        } finally {
            mutex.unlock();
        }
    }

    /** Its commit has failed for a reason of its own, and it goes on. */
    public void reopened(SerialTransaction transaction) {
        mutex.lock();
        try {
            table.reopened(transaction);
        } finally {
            mutex.unlock();
        }
    }

    /** Everybody can see what it has written. */
    public void committed(SerialTransaction transaction) {
        mutex.lock();
        try {
            table.committed(transaction);
            open = table.open();
        } finally {
            mutex.unlock();
        }
    }

    /** What it has written will never be seen. */
    public void rolledBack(SerialTransaction transaction) {
        mutex.lock();
        try {
            table.rolledBack(transaction);
            open = table.open();
        } finally {
            mutex.unlock();
        }
    }

    /** Who has written such a row of the table and committed, beside the transaction; the last of them. Calls back under the mutex. */
    public Optional<Written> writerOf(SerialTransaction missing, LockTarget.Table written, Predicate<Image> row) {
        mutex.lock();
        try {
            return table.books().lastWritten(missing, written, row);
        } finally {
            mutex.unlock();
        }
    }

    /** What is kept, by number: nothing when nobody is open. */
    public int size() {
        mutex.lock();
        try {
            return table.size();
        } finally {
            mutex.unlock();
        }
    }
}
