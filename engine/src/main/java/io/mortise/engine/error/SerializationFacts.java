package io.mortise.engine.error;

import java.io.Serializable;
import java.util.List;

/**
 * Why a transaction could not be serialized. Immutable.
 *
 * @param id what {@code SYS.SERIALIZATION_FAILURES} calls it; 0 if the database is open in another process, and the
 *     rest is in the message only
 * @param kind {@code READ_WRITE}: no order explains what the transactions have read; {@code ROW_CHANGED},
 *     {@code TABLE_CHANGED}: it is not what the snapshot shows; {@code BRANCH_IN_DOUBT}: a branch that a crash has left
 *     has changed the table
 * @param target what was in the way, {@code PUBLIC.ACCOUNTS(ID=42)}; empty if that is not known any more
 * @param otherSession whose transaction collided with this one; 0 if that is not known any more
 * @param otherTransaction its number; 0 if that is not known any more
 * @param conflicts in order: the first runs to the transaction between, the second from it
 * @param reason why this transaction gave way, and not another
 * @param hint what to do
 */
public record SerializationFacts(
        long id,
        String kind,
        String target,
        int otherSession,
        long otherTransaction,
        List<Conflict> conflicts,
        String reason,
        String hint)
        implements Serializable {
    /** All that is known is what was changed, and by whom. */
    public static SerializationFacts ofChange(String target, int changedBy, long changedByTransaction) {
        return new SerializationFacts(0, "", target, changedBy, changedByTransaction, List.of(), "", "");
    }

    /** The one has read what the other wrote, and has not seen that. */
    public record Conflict(Access reader, Access writer) implements Serializable {}

    /**
     * What a transaction has read, or written.
     *
     * @param session 0 if it is not known who that was, as is {@code transaction}
     * @param target {@code PUBLIC.ACCOUNTS(ID=42)}, {@code PUBLIC.ACCOUNTS (the whole table)}
     * @param sql the statement that did; empty if it is not known
     * @param outerSql the client's own statement, if {@code sql} is run inside it by a trigger or a function; else
     *     empty
     * @param thread the name of the thread that ran it; empty if it is not known
     */
    public record Access(
            int session, long transaction, String user, String target, String sql, String outerSql, String thread)
            implements Serializable {}
}
