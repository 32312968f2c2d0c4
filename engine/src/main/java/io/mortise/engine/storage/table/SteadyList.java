package io.mortise.engine.storage.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A list that H2 keeps in something shared, read as it was when the reading began. Thread-safe for what H2 does with
 * it; nobody needs a lock to read it.
 */
final class SteadyList<E> extends ArrayList<E> {
    private static final long serialVersionUID = 1;

    /** Never changed, only replaced. A final field, because H2 hands the list to other threads in a plain one. */
    private final AtomicReference<List<E>> now;

    SteadyList(Collection<? extends E> first) {
        super(first);
        now = new AtomicReference<>(List.copyOf(first));
    }

    private List<E> now() {
        return Objects.requireNonNull(now.get());
    }

    @Override
    public synchronized boolean add(E part) {
        return replaced(super.add(part));
    }

    @Override
    public synchronized E remove(int index) {
        return replaced(super.remove(index));
    }

    @Override
    public synchronized boolean remove(@Nullable Object part) {
        return replaced(super.remove(part));
    }

    @SuppressWarnings("unchecked") // They are this list's own parts
    private <T> T replaced(T result) {
        now.set((List<E>) List.of(super.toArray()));
        return result;
    }

    @Override
    public Iterator<E> iterator() {
        return now().iterator();
    }

    @Override
    public Spliterator<E> spliterator() {
        return now().spliterator();
    }

    @Override
    public boolean isEmpty() {
        return now().isEmpty();
    }

    @Override
    public int size() {
        return now().size();
    }

    @Override
    public boolean contains(@Nullable Object part) {
        return part != null && now().contains(part);
    }

    @Override
    public E get(int index) {
        return now().get(index);
    }

    @Override
    public Object[] toArray() {
        return now().toArray();
    }

    @Override
    public <T> T[] toArray(T[] into) {
        return now().toArray(into);
    }
}
