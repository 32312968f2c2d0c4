package io.mortise.engine.lock;

import io.mortise.engine.text.UserName;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is known of a session in a report. Immutable.
 *
 * @param statement what it runs, or ran last if it is idle; {@link StatementRecord#NONE} if nothing is known
 * @param idleNanos how long it has been idle in its transaction; {@link #RUNS} while a statement runs
 * @param stack where the thread of its last statement stands now; empty unless it was worth reading
 */
public record Party(
        OwnerId owner,
        UserName user,
        StatementRecord statement,
        long idleNanos,
        long startNanos,
        int priority,
        long rowsChanged,
        List<StackTraceElement> stack,
        Standing standing) {
    /** In the place of {@link #idleNanos}: a statement runs. */
    public static final long RUNS = -1;

    /** What a session does, which says how it comes to let go of its locks. */
    public enum Doing {
        RUNNING,
        LOCK_WAIT,
        /** Its client reads a result that is produced while it is read. */
        STREAMING,
        /** Its transaction is prepared, as a branch of a distributed one. */
        PREPARED,
        /**
         * The same, and the session that prepared it is gone, or a crash came between: the branch alone has the locks.
         */
        IN_DOUBT,
        IDLE_IN_TRANSACTION,
        /** Between transactions, with locks of the session's own. */
        IDLE;

        /** As the tables of sessions have it: {@code IDLE IN TRANSACTION}. */
        public String text() {
            return name().replace('_', ' ');
        }
    }

    /**
     * What it does, and what else there is to say of that. Immutable.
     *
     * @param branch the name of the branch that is prepared; else empty
     * @param batchRow which row of a prepared batch the statement is, from 1; 0 if it is none
     */
    public record Standing(Doing doing, String branch, int batchRow) {
        /** There is nothing else to say. */
        public static Standing of(Doing doing) {
            return new Standing(doing, "", 0);
        }
    }

    public Doing doing() {
        return standing.doing();
    }

    /** The same party, known to wait in this statement. */
    Party waitingIn(StatementRecord waiting, List<StackTraceElement> where) {
        return new Party(
                owner,
                user,
                waiting,
                -1,
                startNanos,
                priority,
                rowsChanged,
                where,
                new Standing(Doing.LOCK_WAIT, "", standing.batchRow()));
    }

    /** The same party, and where the thread of its statement stands. */
    Party standingAt(List<StackTraceElement> where) {
        return new Party(owner, user, statement, idleNanos, startNanos, priority, rowsChanged, where, standing);
    }

    /**
     * What a session does besides running its statement, as others are told of it. Thread-safe: written by the session,
     * read by all.
     */
    public static final class Occupation {
        private volatile boolean streaming;
        private volatile boolean waiting;
        private volatile String branch = "";
        private volatile boolean left;
        private volatile long batch;
        private final AtomicInteger batchRow = new AtomicInteger();
        private volatile boolean inBatch;

        /**
         * Whether the session has a result that is still produced while its client reads it: it is not idle between two
         * reads.
         */
        public void setStreaming(boolean isStreaming) {
            streaming = isStreaming;
        }

        public boolean isStreaming() {
            return streaming;
        }

        /** Its thread begins to wait for a lock, or has waited. */
        void setWaiting(boolean isWaiting) {
            waiting = isWaiting;
        }

        boolean isWaiting() {
            return waiting;
        }

        /** Is the open transaction prepared, as a branch of a distributed one, so that only the end of that ends it? */
        public boolean isPrepared() {
            return !branch.isEmpty();
        }

        /** The open transaction has been prepared, as a branch of this name. */
        public void prepared(String name) {
            branch = name;
        }

        /** No session has the branch any more. */
        void leave() {
            left = true;
        }

        void transactionEnded() {
            if (!branch.isEmpty()) { // Nearly always; a volatile write is a fence, and this is every transaction.
                branch = "";
            }
        }

        /**
         * The statement of this number is a prepared batch: said before its first row, which cannot be told from a
         * statement. 0 for a batch of texts, which are statements.
         */
        public void announceBatch(long statement) {
            batch = statement;
            inBatch = true;
        }

        /** Rows of a batch run from now on, or do not any more; returns what was so before. By the session's thread. */
        public boolean setInBatch(boolean runs) {
            boolean before = inBatch;
            if (before != runs) {
                inBatch = runs;
            }
            return before;
        }

        /** Is what runs one of several for whose counts its client waits? */
        public boolean isInBatch() {
            return inBatch;
        }

        /** Its outermost statement starts. */
        public void starts(long statement) {
            setBatchRow(batch == statement ? 1 : 0);
        }

        /** Its outermost statement is this row of a prepared batch, from 1; 0 if it is no batch. */
        public void setBatchRow(int row) {
            if (batchRow.getPlain() != row) { // Most are no batch, and others read this.
                batchRow.setRelease(row);
            }
        }

        Standing running() {
            return new Standing(waiting ? Doing.LOCK_WAIT : Doing.RUNNING, "", batchRow.get());
        }

        /** While no statement runs. A lock of the session itself, as SESSION_LOCK takes it, outlives transactions. */
        Standing idle(OwnerId owner) {
            String prepared = branch;
            if (!prepared.isEmpty()) {
                return new Standing(left ? Doing.IN_DOUBT : Doing.PREPARED, prepared, 0);
            }
            Doing idle = owner.transaction() == 0 ? Doing.IDLE : Doing.IDLE_IN_TRANSACTION;
            return Standing.of(streaming ? Doing.STREAMING : idle);
        }
    }
}
