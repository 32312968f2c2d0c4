package io.mortise.engine.storage.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.h2.table.Table;

/**
 * What a serializable transaction asks of its session. Immutable.
 *
 * @param isDefinition does it run one?
 * @param running the statement that runs; {@link StatementRecord#NONE} if none does
 */
public record Surroundings(
        BooleanSupplier isDefinition, Supplier<StatementRecord> running, Tables tables, SessionWaits waits) {

    /** Those that other sessions can see, and that are not of the catalogue; empty for any other. */
    public interface Tables {
        Optional<LockTarget.Table> sharedTable(int number);

        Optional<LockTarget.Table> sharedTable(Table table);
    }
}
