package io.mortise.engine.view;

import io.mortise.engine.lock.StatementRecord;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** What stands in a cell: nothing is SQL's NULL. Stateless. */
final class Cells {
    private Cells() {}

    static Optional<Object> id(StatementRecord statement) {
        return nonZero(statement.id());
    }

    static Optional<Object> thread(StatementRecord statement) {
        return statement.id() == 0 ? Optional.empty() : Optional.of(statement.threadName());
    }

    /** In microseconds, which is what a TIMESTAMP holds. */
    static OffsetDateTime time(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS).atZone(ZoneId.systemDefault()).toOffsetDateTime();
    }

    static Optional<Object> nonZero(long number) {
        return number == 0 ? Optional.empty() : Optional.of(number);
    }

    static Optional<Object> text(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }
}
