package io.mortise.engine.storage.checkpoint;

import io.mortise.engine.storage.h2.StoreReflection;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * H2's own table of the maps in a store, which tells us when it takes their roots for the file, and when the store has
 * closed: H2 has no other word for either. Thread-safe, as the one before.
 */
final class CheckpointMaps extends ConcurrentHashMap<Integer, MVMap<?, ?>> {
    /** The H2 method that goes through all maps and takes their roots. */
    private static final String TAKER = "collectChangedMapRoots";

    private static final String PREPARED = "openTransactions"; // H2's name for the map of those that are prepared
    private static final long serialVersionUID = 1;
    private static final StackWalker STACK = StackWalker.getInstance();

    private final transient MVStore store;
    private final transient CheckpointLatch latch;
    private final transient @Nullable MVMap<?, ?> prepared;
    private final transient Runnable closed;

    CheckpointMaps(MVStore store, CheckpointLatch latch, Runnable closed) {
        this(store, latch, StoreReflection.maps(store), closed);
    }

    private CheckpointMaps(
            MVStore store, CheckpointLatch latch, ConcurrentHashMap<Integer, MVMap<?, ?>> before, Runnable closed) {
        super(before);
        this.store = store;
        this.latch = latch;
        this.closed = closed;
        this.prepared = before.values().stream()
                .filter(map -> PREPARED.equals(map.getName()))
                .findFirst()
                .orElse(null);
    }

    @Override
    public Collection<MVMap<?, ?>> values() {
        Collection<MVMap<?, ?>> all = super.values();
        boolean isTaken = STACK.walk(frames -> frames.skip(1).findFirst())
                .filter(caller -> caller.getMethodName().equals(TAKER))
                .isPresent();
        if (!isTaken) {
            return all;
        }
        ChunkOrder.keep(store);
        return new Still(all);
    }

    /** {@inheritDoc} H2 forgets its maps when the store closes, before it lets the file go, and never else. */
    @Override
    public void clear() {
        super.clear();
        closed.run();
    }

    /** First what decides over the rest: who is prepared, then the undo logs. */
    private List<MVMap<?, ?>> inOrder(Collection<MVMap<?, ?>> all) {
        List<MVMap<?, ?>> first = new ArrayList<>(all.size());
        List<MVMap<?, ?>> rest = new ArrayList<>(all.size());
        for (MVMap<?, ?> map : all) {
            if (map == prepared) {
                first.add(0, map);
            } else {
                (StoreReflection.isUndoLog(map) ? first : rest).add(map);
            }
        }
        first.addAll(rest);
        return first;
    }

    /** The maps, while nobody changes a row: from the first that is asked for until there are no more. */
    private final class Still extends AbstractCollection<MVMap<?, ?>> {
        private final Collection<MVMap<?, ?>> all;

        Still(Collection<MVMap<?, ?>> all) {
            this.all = all;
        }

        @Override
        public int size() {
            return all.size();
        }

        @Override
        public Iterator<MVMap<?, ?>> iterator() {
            latch.close();
            return new StillIterator(inOrder(all).iterator());
        }
    }

    private final class StillIterator implements Iterator<MVMap<?, ?>> {
        private final Iterator<MVMap<?, ?>> maps;
        private @Nullable MVMap<?, ?> last;

        StillIterator(Iterator<MVMap<?, ?>> maps) {
            this.maps = maps;
        }

        @Override
        public boolean hasNext() {
            boolean more = maps.hasNext();
            if (!more) {
                latch.open();
            }
            return more;
        }

        @Override
        public MVMap<?, ?> next() {
            MVMap<?, ?> next = maps.next();
            last = next;
            return next;
        }

        @Override
        public void remove() {
            MVMap<?, ?> closed = last;
            if (closed != null) {
                CheckpointMaps.this.remove(closed.getId(), closed);
            }
        }
    }
}
