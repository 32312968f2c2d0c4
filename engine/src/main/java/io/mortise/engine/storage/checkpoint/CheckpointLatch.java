package io.mortise.engine.storage.checkpoint;

import io.mortise.engine.storage.h2.StoreReflection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps writers still for the moment in which H2 takes the roots of its maps that go to the file together: a
 * checkpoint. Thread-safe.
 *
 * <p>H2 takes them one after another while others go on. Who changes a row meanwhile, or commits, is in the file by
 * half: in the index and not in the table, in the second table and not in the first. A process that is killed then
 * leaves it so, and nothing in the file tells. With the latch all roots are of one instant, in which each map has what
 * its undo log knows of. H2's recovery makes of that what was committed, no more and no less.
 *
 * <p>A writer is inside while it changes the maps of one row; it never waits for a lock there. The thread that closes
 * the latch holds H2's store mutex, and waits until each writer is outside or stands in line for that mutex: those are
 * between two changes. Who wants to come in and finds the latch closed waits outside, for the same mutex.
 *
 * <p>A writer is also inside while it commits or rolls back, but that may be long and is not waited for long. The roots
 * of undo logs are taken first, so a checkpoint in the middle of a commit has the log that tells what to do: see
 * {@link UnfinishedCommits}. Waiting is for the sake of plain H2, which does not do it.
 */
public final class CheckpointLatch {
    /** No writer stays so long in a row. */
    private static final Duration ROW = Duration.ofMillis(100);

    private static final Duration END = Duration.ofMillis(10);
    /** A writer that gets in line for the mutex says nothing, and one that goes out may not see who waits. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int SPINS = 200;

    private final boolean isWanted;
    private final MVStore store;
    private final ReentrantLock storeMutex;
    private final Map<Thread, Writer> writers = new ConcurrentHashMap<>();
    private final AtomicLong torn = new AtomicLong();
    private final long rowNanos;
    private final long endNanos;
    private volatile @Nullable Thread closer;

    private CheckpointLatch(MVStore store, Duration row, Duration end) {
        this.store = store;
        this.rowNanos = row.toNanos();
        this.endNanos = end.toNanos();
        this.storeMutex = StoreReflection.storeMutex(store);
        this.isWanted = store.isPersistent() && !store.isReadOnly();
    }

    /**
     * The latch over a store, which from now on closes it for each checkpoint; does nothing if the store has no file.
     *
     * @param closed told once the store has closed, in whatever way, under its mutex
     */
    public static CheckpointLatch over(MVStore store, Runnable closed) {
        return over(store, new CheckpointLatch(store, ROW, END), closed);
    }

    /**
     * @param row how long a checkpoint waits for a writer in the middle of a row
     * @param end and for one that commits or rolls back
     */
    public static CheckpointLatch over(MVStore store, Duration row, Duration end) {
        return over(store, new CheckpointLatch(store, row, end), () -> {});
    }

    private static CheckpointLatch over(MVStore store, CheckpointLatch latch, Runnable closed) {
        latch.storeMutex.lock();
        try {
            NewestChunk.find(store);
            StoreReflection.setMaps(store, new CheckpointMaps(store, latch, closed));
        } finally {
            latch.storeMutex.unlock();
        }
        return latch;
    }

    /** The current thread is about to change the maps of a row. */
    void enter() {
        if (isWanted) {
            Writer writer = writer();
            if (writer.depth++ == 0) {
                comeIn(writer);
            }
        }
    }

    /** It has. An end that was begun and broke off, or was none, is forgotten. */
    void leave() {
        if (isWanted) {
            Writer writer = writer();
            if (--writer.depth == 0) {
                writer.ending = 0;
                goOut(writer);
            }
        }
    }

    /**
     * The current thread is about to commit or to roll back, or has done so: H2 gives each table that was changed a
     * number before, and a greater one afterwards.
     */
    void ends(long number) {
        if (!isWanted) {
            return;
        }
        Writer writer = writer();
        if (writer.ending == 0 || writer.endingNumber == number) {
            if (writer.ending++ == 0 && writer.depth == 0) {
                makeRoom();
                comeIn(writer);
            }
            writer.endingNumber = number;
        } else if (--writer.ending == 0 && writer.depth == 0) {
            goOut(writer);
        }
    }

    /** Maps were changed as by a commit, but by none: writes them where each commit is written at once. */
    void changedWithoutTransaction() {
        if (isWanted && store.getAutoCommitDelay() == 0) {
            store.commit();
        }
    }

    /** H2 makes a checkpoint when its buffer is full, by the thread that finds it so: better now than in the middle. */
    private void makeRoom() {
        int room = store.getAutoCommitMemory();
        if (store.getUnsavedMemory() > room - room / 16) {
            store.tryCommit();
        }
    }

    /** Checkpoints that went on without waiting for a writer in the middle of a row: each is a fault. */
    long torn() {
        return torn.get();
    }

    private Writer writer() {
        Thread current = Thread.currentThread();
        Writer known = writers.get(current);
        return known != null ? known : writers.computeIfAbsent(current, Writer::new);
    }

    private void comeIn(Writer writer) {
        if (writer.isOverdue) {
            writer.isOverdue = false;
        }
        writer.isInRow = writer.depth > 0;
        writer.isInside.set(true); // The one fence that is needed: this is written before it is read who closes.
        while (isClosed()) {
            goOut(writer);
            awaitOpening();
            writer.isInside.set(true);
        }
    }

    /** Without a fence, so a closer may be seen too late: it looks again. */
    private void goOut(Writer writer) {
        writer.isInside.setRelease(false);
        Thread waiting = closer;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    private void awaitOpening() {
        for (int i = 0; isClosed() && i < SPINS; i++) {
            Thread.onSpinWait();
        }
        if (isClosed()) {
            storeMutex.lock();
            try {
                open(); // A checkpoint that failed has left it closed: nobody makes one now.
            } finally {
                storeMutex.unlock();
            }
        }
    }

    /** Called by a thread that has the store mutex. When it returns, nobody changes a row until {@link #open()}. */
    void close() {
        closer = Thread.currentThread();
        long began = System.nanoTime();
        writers.values().removeIf(writer -> !writer.thread.isAlive());
        for (Writer writer : writers.values()) {
            for (int i = 0; writer.isMoving(storeMutex); i++) {
                if (i < SPINS) {
                    Thread.onSpinWait();
                } else if (System.nanoTime() - began < (writer.isInRow ? rowNanos : endNanos)) {
                    LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
                } else {
                    writer.isOverdue = true;
                    torn.addAndGet(writer.isInRow ? 1 : 0);
                }
            }
        }
    }

    void open() {
        closer = null;
    }

    boolean isClosed() {
        return closer != null;
    }

    /** A thread that has written. Its counts are its own; the thread that closes the latch reads the others. */
    private static final class Writer {
        private final Thread thread;
        private final AtomicBoolean isInside = new AtomicBoolean();
        private boolean isInRow; // written before isInside, and read after it
        /** Has a checkpoint gone on without it, since it last came in? */
        private volatile boolean isOverdue;

        private int depth;
        private int ending; // tables that have had the number of its beginning, and not yet that of its end
        private long endingNumber;

        Writer(Thread thread) {
            this.thread = thread;
        }

        boolean isMoving(ReentrantLock storeMutex) {
            return isInside.get()
                    && !isOverdue
                    && thread != Thread.currentThread()
                    && !storeMutex.hasQueuedThread(thread);
        }
    }
}
