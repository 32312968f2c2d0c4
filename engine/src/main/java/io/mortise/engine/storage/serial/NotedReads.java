package io.mortise.engine.storage.serial;

import io.mortise.engine.storage.serial.SerialSession.Noted;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How what a session reads is noted at the moment, and what needs no note any more. One thread. */
final class NotedReads {
    private Noted noted = Noted.BY_TABLE;
    private final Set<Integer> whole = new HashSet<>();
    /** The maps that were asked for so: their tables are noted, or they belong to nobody else. */
    private final Set<Integer> known = new HashSet<>();

    <T extends @Nullable Object> T during(Noted how, Supplier<T> step) {
        Noted was = noted;
        noted = how;
        try {
            return step.get();
        } finally {
            noted = was;
        }
    }

    boolean isByTable() {
        return noted == Noted.BY_TABLE;
    }

    /** Is the map asked for the first time? */
    boolean isNew(int map) {
        return known.add(map);
    }

    boolean isWhole(int table) {
        return whole.contains(table);
    }

    /** The table is read as a whole; false if it was before. */
    boolean readWhole(int table) {
        return whole.add(table);
    }

    void forget() {
        noted = Noted.BY_TABLE;
        whole.clear();
        known.clear();
    }
}
