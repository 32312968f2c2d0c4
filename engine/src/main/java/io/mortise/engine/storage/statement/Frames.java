package io.mortise.engine.storage.statement;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.storage.h2.StatementKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.h2.command.Command;
import org.jspecify.annotations.Nullable;

/**
 * The statements that run one inside another. One thread; a statement costs no allocation once there were as many
 * before.
 */
final class Frames {
    /** One of them. */
    static final class Frame {
        /** How often the thread has entered the session. */
        int depth;

        /** Of the outermost only while another runs inside: else the session's owner has it. */
        StatementRecord record = StatementRecord.NONE;

        @Nullable
        Command command;

        /** Is that one that changes the catalogue? It is so by its text, and so for good. */
        private boolean isDefinition;

        private String sql = "";

        /** Where its undo log begins: it is undone to there before it is repeated. */
        long savepoint;

        // The collector minds each write of a reference, and mostly the same is executed again.
        @SuppressWarnings({"ReferenceEquality", "StringEquality"}) // An equal text is written again: no harm.
        private void runs(@Nullable Command next, String text) {
            if (command != next) {
                command = next;
                isDefinition = next != null && StatementKinds.isDefinition(next.getCommandType());
            }
            if (sql != text) {
                sql = text;
            }
        }

        /** What H2 keeps for the next time stays. */
        private void isOver() {
            if (command == null || !command.isCacheable()) {
                command = null;
                isDefinition = false;
                sql = "";
            }
            if (record != StatementRecord.NONE) {
                record = StatementRecord.NONE;
            }
        }

        /**
         * Has it begun before, and is this once more? When a statement inside it has ended, H2 does not know any more
         * which command runs.
         */
        boolean isRepeated(int depthNow, @Nullable Command commandNow, String text) {
            return depth == depthNow && (command == commandNow || commandNow == null && sql.equals(text));
        }
    }

    private final LockOwner owner;
    /** The first {@link #size} of them run, the outermost first. */
    private final List<Frame> frames = new ArrayList<>();

    private int size;

    /** @param owner whose statement is the innermost */
    Frames(LockOwner owner) {
        this.owner = owner;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Is it the outermost that runs, and none inside it? */
    boolean isOne() {
        return size == 1;
    }

    Frame innermost() {
        return frames.get(size - 1);
    }

    /** What H2 runs outermost; null if nothing, or if H2 does not say. */
    @Nullable
    Command outermost() {
        return size == 0 ? null : frames.get(0).command;
    }

    /** What H2 runs innermost; null if nothing, or if H2 does not say. */
    @Nullable
    Command command() {
        return size == 0 ? null : innermost().command;
    }

    /** Is one of them one that changes the catalogue? */
    boolean isAnyDefinition() {
        for (int i = 0; i < size; i++) {
            if (frames.get(i).isDefinition) {
                return true;
            }
        }
        return false;
    }

    /** Is one around the innermost such a one? What H2 does not say is none. */
    boolean isAround(Predicate<Command> is) {
        for (int i = 0; i < size - 1; i++) {
            Command command = frames.get(i).command;
            if (command != null && is.test(command)) {
                return true;
            }
        }
        return false;
    }

    /** The innermost statement; {@link StatementRecord#NONE} if none runs. */
    StatementRecord record() {
        if (isEmpty()) {
            return StatementRecord.NONE;
        }
        return isOne() ? owner.statement() : innermost().record;
    }

    /** A statement begins; the caller fills in what else belongs to it. */
    Frame push(int depth, @Nullable Command command, String sql, StatementRecord record) {
        if (isOne()) {
            innermost().record = owner.statement();
        }
        if (size++ == frames.size()) {
            frames.add(new Frame());
        }
        Frame next = innermost();
        next.depth = depth;
        next.runs(command, sql);
        if (!isOne()) {
            next.record = record;
        }
        owner.starts(record);
        return next;
    }

    /** The one outside it goes on. */
    void pop() {
        innermost().isOver();
        size--;
        if (size > 0) {
            owner.starts(innermost().record);
        }
    }

    /** The transaction has ended, and the undo log of the next begins at 0. */
    void forgetSavepoints() {
        for (int i = 0; i < size; i++) {
            frames.get(i).savepoint = 0;
        }
    }
}
