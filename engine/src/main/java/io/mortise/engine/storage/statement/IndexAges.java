package io.mortise.engine.storage.statement;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.h2.index.Index;
import org.jspecify.annotations.Nullable;

/**
 * Since when the indexes of a table count: a statement must not look into one whose entries its snapshot does not show.
 * Written by a definition, read by all threads.
 */
public final class IndexAges {
    /** Those that were there when the definition that has the table exclusively began; null while there is none. */
    private volatile @Nullable List<Index> settled;

    /** Of those that were made since: H2's number of the catalogue since when each is committed. */
    private volatile Map<Index, Long> births = Map.of();

    /** A definition has the table exclusively, and these are its indexes. */
    public void definitionBegins(List<Index> now) {
        settled = List.copyOf(now);
    }

    /** Has the definition made one of these? */
    public boolean hasNew(List<Index> now) {
        List<Index> before = settled;
        return before != null && !before.containsAll(now);
    }

    /**
     * It is committed, or undone.
     *
     * @param catalogue H2's number of the catalogue, counted on since then
     */
    public void definitionEnds(List<Index> now, long catalogue) {
        List<Index> before = settled;
        Map<Index, Long> all = new IdentityHashMap<>(births);
        for (Index index : now) {
            if (before != null && !before.contains(index)) {
                all.put(index, catalogue);
            }
        }
        births = all; // First: who sees the index from now on may have a snapshot that is older.
        settled = null;
    }

    /** It is being dropped. */
    public void gone(Index index) {
        Map<Index, Long> left = new IdentityHashMap<>(births);
        left.remove(index);
        births = left;
    }

    /** Is there one that was not committed in this state of the catalogue? */
    public boolean hasSince(long catalogue) {
        for (long birth : births.values()) {
            if (birth > catalogue) {
                return true;
            }
        }
        return false;
    }

    /** Was this one not committed in that state? */
    public boolean isSince(Index index, long catalogue) {
        return births.getOrDefault(index, 0L) > catalogue;
    }

    /** Those of a table's indexes that were committed in this state of the catalogue. */
    public List<Index> seenBy(List<Index> all, long catalogue) {
        List<Index> before = settled;
        Map<Index, Long> born = births;
        return all.stream()
                .filter(index -> before == null || before.contains(index))
                .filter(index -> born.getOrDefault(index, 0L) <= catalogue)
                .toList();
    }
}
