package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
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
}
