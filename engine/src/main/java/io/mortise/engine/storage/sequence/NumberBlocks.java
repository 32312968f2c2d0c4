package io.mortise.engine.storage.sequence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import org.h2.schema.Sequence;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * How many numbers of a sequence are taken at once. H2 writes down that the next 32 are taken, which costs as much as
 * the insertion of twenty rows. Who gets the last of a block takes the next block, before H2 does, and a larger one
 * where the last was used up at once. So a crash costs the numbers that the sequence gives in a moment, and one that is
 * seldom used no more than with H2. A sequence whose CACHE somebody has chosen keeps it. One thread, the one that is in
 * the session.
 */
final class NumberBlocks {
    /** So many times H2's block, at most. */
    private static final int MOST = 32;

    private static final long MOMENT_NANOS = 100_000_000;

    /** Whose numbers nobody writes down. */
    private static final int IN_MEMORY = 1 << 16;

    static final VarHandle MARGIN;
    private static final VarHandle BASE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(Sequence.class, MethodHandles.lookup());
            MARGIN = lookup.findVarHandle(Sequence.class, "margin", long.class);
            BASE = lookup.findVarHandle(Sequence.class, "baseValue", long.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    /** How many times H2's block the last one was that this session has taken, and when that was. */
    private int times;

    private long takenNanos;
    private final LongSupplier nanoTime;

    /** @param nanoTime the engine's clock */
    NumberBlocks(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Is this the last number that the sequence may give before more are written down? */
    static boolean isLast(Sequence sequence, long number) {
        return number + sequence.getIncrement() == (long) MARGIN.get(sequence)
                && sequence.getCacheSize() == Sequence.DEFAULT_CACHE_SIZE;
    }

    /** Takes the next block; true if it is for the caller to write that down. */
    boolean take(Sequence sequence) {
        long now = nanoTime.getAsLong();
        times = times > 0 && now - takenNanos < MOMENT_NANOS ? Math.min(2 * times, MOST) : 1;
        takenNanos = now;
        return take(sequence, times * Sequence.DEFAULT_CACHE_SIZE);
    }

    /** Not if another one has been faster, nor beyond the sequence's bounds: H2 knows how it goes on there. */
    private static boolean take(Sequence sequence, int count) {
        long step = sequence.getIncrement();
        long width = step * count;
        synchronized (sequence) { // as H2 does
            long margin = (long) MARGIN.get(sequence);
            long next = margin + width;
            boolean isRoom = step > 0
                    ? next > margin && next <= sequence.getMaxValue()
                    : next < margin && next >= sequence.getMinValue();
            if (margin != (long) BASE.get(sequence) || !isRoom || width / count != step) {
                return false;
            }
            MARGIN.set(sequence, next);
            return true;
        }
    }

    /** The numbers that a session of a database in memory has had. */
    static final class InMemory extends WeakHashMap<Sequence, Value> {
        InMemory() {
            super(1); // Most sessions use none, or few.
        }

        @Override
        public @Nullable Value put(Sequence sequence, Value number) {
            if (isLast(sequence, number.getLong())) {
                take(sequence, IN_MEMORY);
            }
            return super.put(sequence, number);
        }
    }
}
