package io.mortise.engine.lock;

/**
 * Who has in storage what another asks for, and by which of its statements. Immutable.
 *
 * @param statement the one that took it; {@link StatementRecord#NONE} if that is not known
 */
public record Holding(OwnerId owner, StatementRecord statement) {}
