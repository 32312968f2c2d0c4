package io.mortise.engine.thread;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is there of each session, by the session's number. Numbers grow by one and never come again. Thread-safe; no
 * method waits.
 *
 * <p>An entry's place is its number modulo the places. If another has the place, the entry is in a map. It is in one of
 * the two from {@link #put} to {@link #remove}, and never moves: who looks into the place and then into the map finds
 * it. A session that comes and goes makes no object here, and writes one place twice.
 */
public final class ByNumber<T> {
    private static final int PLACES = 32;

    private final ToIntFunction<T> number;
    private final AtomicReferenceArray<@Nullable T> places = new AtomicReferenceArray<>(PLACES);
    private final Map<Integer, T> others = new ConcurrentHashMap<>();
    /** Was there ever one? Set before the first is there: a map that changes may count itself empty and is not. */
    private volatile boolean hasOthers;

    /** @param number of an entry; the same at all times */
    public ByNumber(ToIntFunction<T> number) {
        this.number = number;
    }

    private static int place(int number) {
        return number & PLACES - 1;
    }

    /** In the place of an entry of its number, if there is one. One thread at a time puts and removes one number. */
    public void put(T entry) {
        int its = number.applyAsInt(entry);
        if (hasOthers && others.replace(its, entry) != null) {
            return;
        }
        T there = places.get(place(its));
        boolean isFree = there == null || number.applyAsInt(there) == its;
        if (!isFree || !places.compareAndSet(place(its), there, entry)) {
            hasOthers = true;
            others.put(its, entry);
        }
    }

    /** No effect if it is not there. */
    public void remove(T entry) {
        int its = number.applyAsInt(entry);
        if (!places.compareAndSet(place(its), entry, null) && hasOthers) {
            others.remove(its, entry);
        }
    }

    public Optional<T> find(int wanted) {
        return Optional.ofNullable(get(wanted));
    }

    public @Nullable T get(int wanted) {
        T there = places.get(place(wanted));
        if (there != null && number.applyAsInt(there) == wanted) {
            return there;
        }
        return hasOthers ? others.get(wanted) : null;
    }

    /** A copy, in no order. What is there from before the call to its end is in it, once. */
    public List<T> all() {
        List<T> all = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            T there = places.get(i);
            if (there != null) {
                all.add(there);
            }
        }
        if (hasOthers) {
            all.addAll(others.values());
        }
        return all;
    }
}
