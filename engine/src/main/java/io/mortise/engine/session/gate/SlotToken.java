package io.mortise.engine.session.gate;

import io.mortise.engine.lock.StatementRecord;

/** What stands in a session's gate when that is not simply a running statement. */
sealed interface SlotToken permits SlotToken.Brief, SlotToken.Pinned, Stream {
    StatementRecord statement();

    /** Prepare, commit, a setter, a close: never the reason to refuse a statement at once. */
    record Brief(StatementRecord statement) implements SlotToken {}

    /** A running statement that is being cancelled and cannot leave now. */
    record Pinned(StatementRecord statement) implements SlotToken {}
}
