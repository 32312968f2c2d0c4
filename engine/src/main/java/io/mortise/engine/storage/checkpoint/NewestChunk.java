package io.mortise.engine.storage.checkpoint;

import io.mortise.engine.storage.h2.StoreReflection;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.Chunk;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the chunk written last is found when the file is opened again: H2's own mutex around the writing of a
 * chunk, which looks at the file's header before it is given back. Thread-safe, as the one before.
 *
 * <p>H2 finds the newest chunk from the header, or from the end of the file, by the place that each chunk foretells for
 * the next. When the next one comes to lie elsewhere, in a hole of the file, H2 writes the header; but 2.5.252 still
 * names the chunk before there. What has been committed since then is in the file, and after a kill nobody finds it: up
 * to twenty chunks, whatever {@code WRITE_DELAY} says.
 */
public final class NewestChunk extends ReentrantLock {
    private static final System.Logger LOG = System.getLogger(NewestChunk.class.getName());
    private static final long serialVersionUID = 1;
    private static final int BLOCK = 4096;
    /** As many steps from the chunk that the header names to the last. */
    private static final int MOST = 20;

    private final transient MVStore store;
    private final transient RandomAccessStore file;
    private transient @Nullable Chunk<?> known;

    private NewestChunk(MVStore store, RandomAccessStore file) {
        super(true);
        this.store = store;
        this.file = file;
        this.known = StoreReflection.lastChunk(file);
    }

    /** From now on; called by a thread that has the store's mutex. Does nothing if the store has no such file. */
    public static void find(MVStore store) {
        if (store.getFileStore() instanceof RandomAccessStore file && !store.isReadOnly()) {
            ChunkOrder.await(store);
            StoreReflection.setChunkMutex(file, new NewestChunk(store, file));
        }
    }

    @Override
    public void lock() {
        super.lock();
        Chunk<?> last = StoreReflection.lastChunk(file);
        if (last != null && !isAtTheEnd(last) && !isChainWhole(last)) {
            try {
                StoreReflection.writeHeader(file);
            } catch (MVStoreException e) {
                LOG.log(System.Logger.Level.DEBUG, "what H2 writes next fails too, and it says so", e);
            }
        }
    }

    /** What is written now may lie where a chunk was by which the last one is found. H2 looks when it has written. */
    private boolean isChainWhole(Chunk<?> last) {
        int named = StoreReflection.namedChunk(file);
        if (last.id - named > MOST) {
            return false;
        }
        for (int number = named; number < last.id; number++) {
            if (!StoreReflection.hasChunk(file, number)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void unlock() {
        try {
            if (isHeldByCurrentThread()) {
                look(); // Also in the middle of a compaction, which then writes over what the chunk before needs.
            }
        } finally {
            super.unlock();
        }
    }

    private void look() {
        Chunk<?> written = StoreReflection.lastChunk(file);
        Chunk<?> before = known;
        known = written;
        boolean isForetold = before != null && written != null && before.next == written.block;
        if (written != null && written != before && !isForetold && !isAtTheEnd(written)) {
            try {
                StoreReflection.writeHeader(file);
            } catch (MVStoreException e) {
                store.panic(e); // As H2 does where a chunk cannot be written.
            }
        }
    }

    private boolean isAtTheEnd(Chunk<?> chunk) {
        return (chunk.block + chunk.len) * BLOCK >= file.size();
    }
}
