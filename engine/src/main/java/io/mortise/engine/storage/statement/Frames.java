package io.mortise.engine.storage.statement;

import io.mortise.engine.lock.StatementRecord;
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

        StatementRecord record = StatementRecord.NONE;

        @Nullable
        Command command;

        private String sql = "";

        /** Where its undo log begins: it is undone to there before it is repeated. */
        long savepoint;

        /**
         * Has it begun before, and is this once more? When a statement inside it has ended, H2 does not know any more
         * which command runs.
         */
        boolean isRepeated(int depthNow, @Nullable Command commandNow, String text) {
            return depth == depthNow && (command == commandNow || commandNow == null && sql.equals(text));
        }
    }

    /** The first {@link #size} of them run, the outermost first. */
    private final List<Frame> frames = new ArrayList<>();

    private int size;

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

    boolean any(Predicate<Command> is) {
        for (int i = 0; i < size; i++) {
            Command command = frames.get(i).command;
            if (command != null && is.test(command)) {
                return true;
            }
        }
        return false;
    }

    /** A statement begins; the caller fills in what else belongs to it. */
    Frame push(int depth, @Nullable Command command, String sql) {
        if (size++ == frames.size()) {
            frames.add(new Frame());
        }
        Frame frame = innermost();
        frame.depth = depth;
        frame.command = command;
        frame.sql = sql;
        return frame;
    }

    void pop() {
        innermost().command = null;
        innermost().record = StatementRecord.NONE;
        innermost().sql = "";
        size--;
    }

    /** The transaction has ended, and the undo log of the next begins at 0. */
    void forgetSavepoints() {
        for (int i = 0; i < size; i++) {
            frames.get(i).savepoint = 0;
        }
    }
}
