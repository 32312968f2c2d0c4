package io.mortise.engine.thread;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where threads stand, for reports. Each read stops all threads for a moment, and everybody who waits for them waits
 * longer. So a thread is read once in a while, and a second question meanwhile gets the same answer. A thousand who
 * give up at once name the same few in their way. Thread-safe.
 */
public final class StackReads {
    private static final long APART_NANOS = 50_000_000;
    private static final long NEVER = Long.MIN_VALUE;
    /** The code of an application that calls itself for ever calls us at the top. */
    private static final int DEEPEST = 200;

    private final Spaced deadlocks = new Spaced();
    private volatile Recent recent = new Recent(NEVER);

    /** Of which thread and statement; numbers, so that nothing is kept alive. */
    private record Key(long statement, long thread) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byStatement = Long.compare(statement, other.statement);
            return byStatement == 0 ? Long.compare(thread, other.thread) : byStatement;
        }
    }

    /** What has been read since a moment. */
    private record Recent(long sinceNanos, Map<Key, List<StackTraceElement>> stacks) {
        Recent(long sinceNanos) {
            this(sinceNanos, new ConcurrentHashMap<>());
        }
    }

    /**
     * May the stacks of a deadlock's members be read now? Who is told so reads them. A deadlock now and then shows
     * where its threads stood; of a storm of them a few do.
     */
    public boolean mayRead(long nowNanos) {
        return deadlocks.lets(nowNanos, APART_NANOS);
    }

    /** Where the thread that runs a statement stands now, or stood a moment ago; the top of it, if it stands deep. */
    public List<StackTraceElement> of(long statement, Thread thread, long nowNanos) {
        Recent current = recent;
        if (current.sinceNanos == NEVER || nowNanos - current.sinceNanos >= APART_NANOS) {
            current = new Recent(nowNanos);
            recent = current;
        }
        Key key = new Key(statement, thread.getId());
        return current.stacks.computeIfAbsent(key, unused -> top(thread.getStackTrace()));
    }

    static List<StackTraceElement> top(StackTraceElement[] stack) {
        return List.of(stack.length <= DEEPEST ? stack : Arrays.copyOf(stack, DEEPEST));
    }

    /** Lets one of many through in a while: what is dear is done for all of them at once. Thread-safe. */
    public static final class Spaced {
        private final AtomicLong last = new AtomicLong(NEVER);

        /** Has nobody been let through for so long? Who is told so is let through. */
        public boolean lets(long nowNanos, long apartNanos) {
            long before = last.get();
            return (before == NEVER || nowNanos - before >= apartNanos) && last.compareAndSet(before, nowNanos);
        }
    }
}
