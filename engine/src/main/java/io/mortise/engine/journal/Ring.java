package io.mortise.engine.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The last entries of something rare, an error, a deadlock: so many at most, and so many characters. What comes with
 * every statement goes to {@link History}. Thread-safe.
 */
final class Ring<E> {
    private final ToIntFunction<E> weight;

    @GuardedBy("this")
    private final Deque<E> entries = new ArrayDeque<>();

    @GuardedBy("this")
    private int size;

    @GuardedBy("this")
    private long mostCharacters = History.CHARACTERS;

    @GuardedBy("this")
    private long characters;

    /** @param weight the characters of an entry, the same at any time */
    Ring(int size, ToIntFunction<E> weight) {
        this.size = size;
        this.weight = weight;
    }

    synchronized void add(E entry) {
        entries.addLast(entry);
        characters += weight.applyAsInt(entry);
        dropOldest();
    }

    synchronized void resize(int most) {
        size = most;
        dropOldest();
    }

    synchronized void limit(int most) {
        mostCharacters = most;
        dropOldest();
    }

    /** Oldest first. */
    synchronized List<E> copy() {
        return List.copyOf(entries);
    }

    /** The last entry stays, however long it is. */
    @GuardedBy("this")
    private void dropOldest() {
        while (entries.size() > size || characters > mostCharacters && entries.size() > 1) {
            characters -= weight.applyAsInt(entries.removeFirst());
        }
    }
}
