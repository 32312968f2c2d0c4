package io.mortise.engine.storage.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What a serializable transaction asks of its session. Immutable.
 *
 * @param isDefinition does it run one?
 * @param running the statement that runs; {@link StatementRecord#NONE} if none does
 * @param tables those that others can see, by number
 */
public record Surroundings(
        BooleanSupplier isDefinition,
        Supplier<StatementRecord> running,
        IntFunction<Optional<LockTarget.Table>> tables,
        SessionWaits waits) {}
