package io.mortise.engine.session.gate;

import io.mortise.engine.lock.StatementRecord;

/**
 * A result that is still being produced while it is read. It keeps its statement in flight until it is closed.
 * Immutable, and equal to itself only: a statement may have several.
 */
public final class Stream implements SlotToken {
    private final StatementRecord statement;

    Stream(StatementRecord statement) {
        this.statement = statement;
    }

    @Override
    public StatementRecord statement() {
        return statement;
    }
}
