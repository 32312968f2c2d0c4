package io.mortise.engine.session;

import io.mortise.engine.lock.StatementRecord;

/** A result that is still being produced while it is read. It keeps its statement in flight until it is closed. */
final class Stream {
    private final StatementRecord statement;

    Stream(StatementRecord statement) {
        this.statement = statement;
    }

    StatementRecord statement() {
        return statement;
    }
}
