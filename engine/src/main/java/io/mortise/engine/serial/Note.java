package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Extent.Image;
import java.util.Optional;

/** What a transaction has looked at, or has written. Immutable. */
public sealed interface Note {
    /** Bits that meet everything. */
    long ALL = ~0L;

    LockTarget.Table table();

    /** It can meet only a note that has one of these bits: see {@link Extent#bits}. */
    long bits();

    /** By which statement. */
    StatementRecord by();

    /**
     * It was read.
     *
     * @param extent empty for the whole table
     */
    record Look(LockTarget.Table table, Optional<Extent> extent, StatementRecord by) implements Note {
        @Override
        public long bits() {
            return extent.isEmpty() ? ALL : extent.get().bits();
        }

        boolean meets(Write write) {
            return extent.isEmpty()
                    || write.row().isEmpty()
                    || extent.get().covers(write.row().get());
        }
    }

    /**
     * It was written, or locked as if it were to be.
     *
     * @param row empty for the whole table
     */
    record Write(LockTarget.Table table, Optional<Image> row, StatementRecord by) implements Note {
        @Override
        public long bits() {
            return row.isEmpty() ? ALL : row.get().bits();
        }
    }

    /**
     * How much is kept. What exceeds it becomes coarser, and nothing is forgotten: more transactions are refused then,
     * and none wrongly gets through. Immutable.
     *
     * @param ofTransaction notes; the table of which there are most is then noted as a whole
     * @param inAll notes; the oldest transactions that have ended are then put together, by table
     * @param ended transactions that have ended, and are kept because another has run beside them; the same
     */
    record Bounds(int ofTransaction, int inAll, int ended) {
        static final Bounds DEFAULT = new Bounds(1_000, 200_000, 5_000);
        static final int MOST_UNCOUNTED = 16;
        static final int SHARES = 256;

        /** An open transaction may have fewer than so many notes that the room has not counted. */
        int uncounted() {
            return Math.min(MOST_UNCOUNTED, 1 + Math.min(inAll, ended) / SHARES);
        }
    }
}
