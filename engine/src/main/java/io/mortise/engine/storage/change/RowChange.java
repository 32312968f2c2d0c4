package io.mortise.engine.storage.change;

import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** A statement that changes at most one row, which the engine makes in H2's steps without what many rows ask for. */
public interface RowChange {
    /** How many rows were changed. */
    long run(SessionLocal session);

    /** The same where all that is known of the row is the number under which it is stored. */
    default long run(SessionLocal session, Value number) {
        return run(session);
    }

    /** Is what was found out of its table still so, as far as can be known while that is not locked? */
    default boolean isCurrent() {
        return true;
    }

    /** How the engine inserts the one row of a statement that is no more; null if it is another. */
    static @Nullable RowChange insertion(Prepared statement) {
        return PointInsert.of(statement);
    }
}
