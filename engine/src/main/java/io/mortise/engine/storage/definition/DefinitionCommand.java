package io.mortise.engine.storage.definition;

import java.util.ArrayList;
import java.util.function.BooleanSupplier;
import org.h2.api.DatabaseEventListener;
import org.h2.command.CommandContainer;
import org.h2.result.BatchResult;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A statement before which H2 commits. Outside autocommit it runs twice: first as one that commits nothing, and only
 * locks what it needs; if that is refused the transaction is as it was. Then as H2 runs it, and it waits for nothing
 * more. One thread, the one that runs the statement.
 *
 * <pre>
 *   H2: commit, savepoint, start -> locks what it needs -> refused: too late
 *   here: savepoint, start -> locks what it needs -> refused: undone to the savepoint
 *                                                 -> granted: commit (the locks stay), savepoint, start, the work, commit
 * </pre>
 */
public final class DefinitionCommand extends CommandContainer {
    private final String text;
    private final BooleanSupplier hasTransaction;
    private final Reading.Ground ground;
    private boolean isAhead;
    /** Until it runs again: a list of statements stops its own once more when one of them has failed. */
    private boolean isRefused;

    DefinitionCommand(CommandContainer read, String text, Reading by) {
        super(by.session(), text, Definitions.contained(read));
        this.text = text;
        this.hasTransaction = by::hasTransaction;
        this.ground = by.ground();
    }

    /** Does it lock now what it needs, before the commit? */
    public boolean isAhead() {
        return isAhead;
    }

    @Override
    public ResultWithGeneratedKeys executeUpdate(@Nullable Object keys) {
        lockAhead();
        ResultWithGeneratedKeys result = super.executeUpdate(keys);
        ground.acknowledge();
        return result;
    }

    @Override
    public BatchResult executeBatchUpdate(ArrayList<Value[]> rows, @Nullable Object keys) {
        lockAhead();
        BatchResult result = super.executeBatchUpdate(rows, keys);
        ground.acknowledge();
        return result;
    }

    private void lockAhead() {
        isRefused = false;
        if (session.getAutoCommit() || super.isTransactional() || !hasTransaction.getAsBoolean()) {
            return;
        }
        isAhead = true;
        isRefused = true;
        try {
            super.executeUpdate(null);
            isRefused = false;
        } finally {
            isAhead = false;
        }
        ground.lockedAhead();
    }

    @Override
    public boolean isTransactional() {
        return isAhead || isRefused || super.isTransactional();
    }

    @Override
    public ResultWithGeneratedKeys update(@Nullable Object keys) {
        if (!isAhead) {
            return super.update(keys);
        }
        Definitions.recompile(this);
        session.getDatabase().setProgress(DatabaseEventListener.STATE_STATEMENT_START, text, 0, 0);
        Definitions.checkNotRefused(this);
        return ResultWithGeneratedKeys.of(0);
    }
}
