package io.mortise.engine.storage.definition;

import java.util.List;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.ddl.DefineCommand;
import org.h2.command.dml.ExecuteImmediate;
import org.h2.command.dml.ExecuteProcedure;
import org.h2.command.dml.TransactionCommand;
import org.h2.expression.ParameterInterface;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the place of an H2 statement that runs another inside itself. One thread, the one that runs the statement.
 */
abstract class PlacedStatement extends Prepared {
    /** Has it run something after which there is nothing to undo? */
    protected boolean hasCommitted;

    private final Prepared inPlaceOf;
    private boolean isRunningAlone;

    PlacedStatement(Prepared inPlaceOf) {
        super(inPlaceOf.getSession());
        this.inPlaceOf = inPlaceOf;
        setSQL(inPlaceOf.getSQL(), inPlaceOf.getSQLTokens());
        setParameterList(inPlaceOf.getParameters());
    }

    /** What runs in the place of a statement: itself, unless it is one of those. */
    static Prepared of(Prepared prepared) {
        Prepared meant = prepared instanceof PlacedStatement placed ? placed.inPlaceOf : prepared;
        if (meant instanceof ExecuteImmediate immediate) {
            return new ExecutedText(immediate);
        }
        return meant instanceof ExecuteProcedure procedure && !procedure.isQuery()
                ? new ExecutedProcedure(procedure)
                : prepared;
    }

    /**
     * Can a roll-back undo what this does? Then it runs as H2 runs it; a statement in the place of another is none of
     * these.
     */
    protected final boolean isPartOfThis(Prepared inner) {
        return inner instanceof DefineCommand
                ? Definitions.isPrivate(session, inner)
                : inner.isTransactional() && !(inner instanceof TransactionCommand);
    }

    /** Runs it as a statement of its own: it locks, commits and is refused as it is anywhere. */
    protected final long runAlone(String text, Prepared inner, List<Value> parameters) {
        Command alone = session.prepareLocal(text);
        try {
            List<? extends ParameterInterface> wanted = alone.getParameters();
            for (int i = 0; i < Math.min(wanted.size(), parameters.size()); i++) {
                wanted.get(i).setValue(parameters.get(i), true);
            }
            isRunningAlone = true;
            long rows = alone.executeUpdate(null).getUpdateCount();
            hasCommitted = session.getAutoCommit()
                    || !inner.isTransactional()
                    || inner.getType() == CommandInterface.COMMIT
                    || inner.getType() == CommandInterface.ROLLBACK
                    || Definitions.commits(alone);
            return rows;
        } finally {
            isRunningAlone = false;
            alone.close();
        }
    }

    /** Does it run a statement now that is no part of it? */
    final boolean isRunningAlone() {
        return isRunningAlone;
    }

    @Override
    public @Nullable ResultInterface queryMeta() {
        return inPlaceOf.queryMeta();
    }

    @Override
    public boolean isTransactional() {
        return inPlaceOf.isTransactional();
    }

    @Override
    public int getType() {
        return inPlaceOf.getType();
    }
}
