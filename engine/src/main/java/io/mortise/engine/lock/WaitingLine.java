package io.mortise.engine.lock;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait in one queue, in the order of service. Conversions come first, then those for whose owners
 * others wait, then newcomers, then those that go last. Called under the mutex.
 *
 * <p>Linked through the requests themselves, so that coming and going costs the same however many wait. A count for
 * each mode answers most questions without a look at the requests.
 */
final class WaitingLine extends AbstractCollection<Pending> {
    private final int[] modes = new int[LockMode.values().length];
    private final int[] modesOfLast = new int[modes.length];
    private @Nullable Pending first;
    private @Nullable Pending end;
    /** The first that is no conversion. */
    private @Nullable Pending free;
    /** The first that is neither that nor urgent. */
    private @Nullable Pending plain;
    /** The first of those that go last. */
    private @Nullable Pending last;

    private int size;
    private int converting;

    @Override
    public int size() {
        return size;
    }

    @Nullable
    Pending first() {
        return first;
    }

    @Nullable
    Pending end() {
        return end;
    }

    /** How many ask for a mode. */
    int count(LockMode mode) {
        return modes[mode.ordinal()];
    }

    /** How many ask for a mode and go last. */
    int countLast(LockMode mode) {
        return modesOfLast[mode.ordinal()];
    }

    /** How many may hold the target already, so that a request of theirs is not like another's of the same mode. */
    int special() {
        int special = converting;
        for (int each : modesOfLast) {
            special += each;
        }
        return special;
    }

    /** Puts a request behind those of its kind. */
    @Override
    public boolean add(Pending request) {
        Pending before = placeOf(request);
        link(request, before);
        if (!request.conversion) {
            free = free == before ? request : free;
            plain = plain == before && !request.urgent ? request : plain;
            last = request.last && last == null ? request : last;
        }
        return true;
    }

    private @Nullable Pending placeOf(Pending request) {
        if (request.conversion) {
            return free;
        }
        return request.urgent ? plain : request.last ? null : last;
    }

    /** At the head, and no newcomer goes before it any more. */
    void addFirst(Pending request) {
        request.urgent = true;
        link(request, first);
        free = request.conversion ? free : request;
        last = request.last ? request : last;
    }

    /** The first that came in its turn: those who go before it pass it. */
    @Nullable
    Pending plain() {
        return plain;
    }

    private void link(Pending request, @Nullable Pending before) {
        Pending after = before == null ? end : before.previous;
        request.previous = after;
        request.next = before;
        if (after == null) {
            first = request;
        } else {
            after.next = request;
        }
        if (before == null) {
            end = request;
        } else {
            before.previous = request;
        }
        count(request, 1);
    }

    private void count(Pending request, int change) {
        size += change;
        modes[request.mode.ordinal()] += change;
        modesOfLast[request.mode.ordinal()] += request.last ? change : 0;
        converting += request.conversion ? change : 0;
    }

    /** Takes out a request that stands here. */
    void leave(Pending request) {
        Pending before = request.previous;
        Pending after = request.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            end = before;
        } else {
            after.previous = before;
        }
        count(request, -1);
        free = request == free ? nextFree(after) : free;
        plain = request == plain ? nextPlain(after) : plain;
        last = request == last ? nextLast(after) : last;
        request.previous = null;
        request.next = null;
    }

    private static @Nullable Pending nextFree(@Nullable Pending from) {
        Pending next = from;
        while (next != null && next.conversion) {
            next = next.next;
        }
        return next;
    }

    private static @Nullable Pending nextPlain(@Nullable Pending from) {
        Pending next = from;
        while (next != null && (next.conversion || next.urgent)) {
            next = next.next;
        }
        return next;
    }

    private static @Nullable Pending nextLast(@Nullable Pending from) {
        Pending next = from;
        while (next != null && !next.last) {
            next = next.next;
        }
        return next;
    }

    private void lookUp() {
        free = nextFree(first);
        plain = nextPlain(first);
        last = nextLast(first);
    }

    /** Its owner is said to hold the target while it waits for it: the request is a conversion from now on. */
    void convert(Pending request) {
        leave(request);
        request.becomesConversion();
        add(request);
    }

    /** Moves {@code request} to just before {@code other}; both stand here. */
    void moveBefore(Pending request, Pending other) {
        leave(request);
        link(request, other);
        lookUp();
    }

    /** Restores an order that was here before a move. */
    void reorder(List<Pending> order) {
        for (Pending request : order) {
            leave(request);
        }
        for (Pending request : order) {
            link(request, null);
        }
        lookUp();
    }

    /** Links and counts anew those that are to stay, in their order. */
    void derive(Predicate<Pending> stays) {
        List<Pending> order = new ArrayList<>(this);
        Arrays.fill(modes, 0);
        Arrays.fill(modesOfLast, 0);
        size = 0;
        converting = 0;
        first = null;
        end = null;
        for (Pending request : order) {
            if (stays.test(request)) {
                link(request, null);
            }
        }
        lookUp();
    }

    @Override
    public Iterator<Pending> iterator() {
        return new Iterator<>() {
            private @Nullable Pending next = first;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Pending next() {
                Pending found = next;
                if (found == null) {
                    throw new NoSuchElementException();
                }
                next = found.next;
                return found;
            }
        };
    }
}
