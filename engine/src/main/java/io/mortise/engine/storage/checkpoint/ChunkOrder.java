package io.mortise.engine.storage.checkpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.util.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Makes H2 write a chunk before it composes the next one, and waits for what is not written yet. Stateless.
 *
 * <p>H2 composes a chunk on one thread and writes it on another. The place of a chunk in the file is known when it is
 * written, and the next chunk tells it. That is how a chunk is found when the file is opened again. If the next one is
 * composed before that, it refers to pages of a chunk that it does not list, and the one behind it makes up for that. A
 * process that is killed in between leaves a file that nobody can open ({@code Chunk 3 not found}). And if the next one
 * counts which pages of the chunk are still in use just while the chunk's own header is written, that is half of each
 * ({@code Inconsistent occupancy info}).
 *
 * <p>Without its second thread H2 does both on the first one. Who commits waits for neither, as before.
 */
public final class ChunkOrder {
    private static final VarHandle COMPOSER;
    private static final VarHandle WRITER;

    static {
        try {
            MethodHandles.Lookup stores = MethodHandles.privateLookupIn(FileStore.class, MethodHandles.lookup());
            COMPOSER = stores.findVarHandle(FileStore.class, "serializationExecutor", ThreadPoolExecutor.class);
            WRITER = stores.findVarHandle(FileStore.class, "bufferSaveExecutor", ThreadPoolExecutor.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private ChunkOrder() {}

    /**
     * Called by a thread that has the store's mutex and is about to hand over a chunk. H2 makes the two threads
     * whenever {@code WRITE_DELAY} is set; a chunk that was handed to them since is waited for, as H2 itself waits when
     * it compacts.
     */
    public static void keep(MVStore store) {
        FileStore<?> file = store.getFileStore();
        ThreadPoolExecutor writer = (ThreadPoolExecutor) WRITER.get(file); // null from the second chunk on
        if (writer != null) {
            drain((ThreadPoolExecutor) COMPOSER.get(file));
            WRITER.set(file, null);
            drain(writer);
            writer.shutdown();
        }
    }

    /**
     * Returns when all chunks that have been handed over by now are written. H2 itself hands a chunk over and waits for
     * that one; if another thread has just handed over what there was, it waits for nothing.
     */
    public static void await(MVStore store) {
        FileStore<?> file = store.getFileStore();
        if (file != null) {
            drain((ThreadPoolExecutor) COMPOSER.get(file));
            drain((ThreadPoolExecutor) WRITER.get(file));
        }
    }

    private static void drain(@Nullable ThreadPoolExecutor thread) {
        if (thread != null) {
            try {
                CompletableFuture.runAsync(() -> {}, thread).join(); // An interrupt does not end that, and is kept.
            } catch (RejectedExecutionException e) {
                Utils.shutdownExecutor(thread); // H2 is ending it, and waits for what it still has to do.
            }
        }
    }
}
