package io.mortise.engine.fault;

import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * A named place in the middle of something, where an Error hurts most or another thread may come in between. Passing
 * one costs nothing: without an {@link Intruder} the compiler leaves it out.
 */
public enum Spot {
    /** The engine is about to make a thread. */
    THREAD_WANTED,
    /** A gate has been seen open; the intent lock is not in its slot yet. */
    SLOT_CHOSEN,
    /** An intent lock stands in its slot; whether the gate is still open has not been looked at. */
    SLOT_WRITTEN,
    /** A gate is closed; the slots behind it have not been read. */
    GATE_CLOSED,
    /** An intent lock is in the table, and still in its slot. */
    SLOT_ADOPTED,
    /** A request stands in its queue; the table does not know yet that its session waits. */
    QUEUE_JOINED,
    /** A lock is in its queue; the table does not know yet that its owner has it. */
    GRANT_ENTERED,
    /** A lock has left its queue; nobody who waits for it has been looked at. */
    GRANT_REMOVED,
    /** Requests have been granted; their threads have not been told. */
    GRANTED_NOT_TOLD,
    /** A cycle is found, and its victim chosen. */
    CYCLE_FOUND,
    /** The request is queued for all to see; its thread does not wait yet. */
    WAIT_BEGINS,
    /** The wait is over; nobody has been told. */
    WAIT_ENDED,
    /** The owner has no transaction any more; the table has its locks. */
    OWNER_ENDED,
    /** Another has a row for a few microseconds; the thread that wants it has begun to look out for it. */
    ROW_LOOKED_FOR,
    /** A row is taken in storage; who shares it has not been looked for. */
    ROW_TAKEN,
    /** A row is found to be deleted for good; what that means for the statement has not been decided. */
    ROW_GONE,
    /** A row has been granted after a wait; storage has not been tried. */
    ROW_HANDED,
    /** A row is entered as shared; storage has not been looked at. */
    ROW_SHARED,
    /** Storage has refused a duplicate; what is there now has not been looked at. */
    DUPLICATE_MET,
    /** Another's uncommitted version of a row has been read; what its transaction did before has not. */
    ROW_SEEN,
    /** A table is locked; H2 has not been told. */
    TABLE_LOCKED,
    /** H2 says what a statement has changed, and it may succeed; it has not ended. */
    STATEMENT_COUNTED,
    /** H2 says that the transaction has ended; nothing has been given back. */
    TRANSACTION_ENDED,
    /** Others may lock the tables of a transaction that has ended; H2 has yet to say so to all but the first. */
    TABLES_RELEASED,
    /** A table has an index no more; no statement is read anew because of that. */
    INDEX_REMOVED,
    /** The gate of a session is taken; nobody can tell by which thread. */
    SESSION_TAKEN,
    /** A statement stands in line for a session; its thread does not wait yet. */
    SESSION_LINED,
    /** A statement has left its session; who waits for that has not been looked for. */
    SESSION_LEFT;

    private static final @Nullable Intruder INTRUDER = ServiceLoader.load(Intruder.class, Spot.class.getClassLoader())
            .findFirst()
            .orElse(null);

    public void pass() {
        Intruder intruder = INTRUDER;
        if (intruder != null) {
            intruder.at(this);
        }
    }
}
