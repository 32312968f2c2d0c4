package io.mortise.engine.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last entries of something rare: an error, a deadlock. What comes with every statement goes to {@link History}. Thread-safe. */
final class Ring<E> {
    @GuardedBy("this")
    private final Deque<E> entries = new ArrayDeque<>();

    @GuardedBy("this")
    private int size;

    Ring(int size) {
        this.size = size;
    }

    synchronized void add(E entry) {
        entries.addLast(entry);
        dropOldest();
    }

    synchronized void resize(int most) {
        size = most;
        dropOldest();
    }

    /** Oldest first. */
    synchronized List<E> copy() {
        return List.copyOf(entries);
    }

    @GuardedBy("this")
    private void dropOldest() {
        while (entries.size() > size) {
            entries.removeFirst();
        }
    }
}
