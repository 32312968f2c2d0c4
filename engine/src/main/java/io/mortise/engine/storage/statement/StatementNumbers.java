package io.mortise.engine.storage.statement;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;

/**
 * Numbers for the statements of one session, of which it sets some aside at once. A common counter would be written by
 * every thread at each statement, and each would wait for the memory of the others. Thread-safe: who comes while
 * another thread is in the session gets one too.
 */
final class StatementNumbers {
    /** A block has two to this power at most. */
    private static final int MOST = 6;

    // What is kept, in one number: the next one to be given, how large the next block is, and how many are left.
    private static final int LEFT_BITS = MOST + 1;
    private static final int LEFT = (1 << LEFT_BITS) - 1;
    private static final int SIZE_BITS = 3;
    private static final int SIZE = (1 << SIZE_BITS) - 1;
    private static final int NEXT_AT = LEFT_BITS + SIZE_BITS;

    private final IntToLongFunction setAside;
    private final AtomicLong kept = new AtomicLong();

    /** @param setAside takes so many numbers of the database for this session, and returns the first of them */
    StatementNumbers(IntToLongFunction setAside) {
        this.setAside = setAside;
    }

    /** Larger than all that the session has got before. */
    long next() {
        for (; ; ) {
            long known = kept.get();
            boolean isAnyLeft = (known & LEFT) != 0;
            long after = isAnyLeft ? known + (1L << NEXT_AT) - 1 : another((int) ((known >>> LEFT_BITS) & SIZE));
            if (kept.compareAndSet(known, after)) {
                return (after >>> NEXT_AT) - 1;
            }
        }
    }

    /** Another block, of which the first number is given. A session that runs few statements takes few numbers. */
    private long another(int size) {
        int count = 1 << size;
        long larger = Math.min(MOST, size + 1);
        return ((setAside.applyAsLong(count) + 1) << NEXT_AT) | (larger << LEFT_BITS) | (count - 1);
    }
}
