package io.mortise.engine.storage.definition;

import org.h2.command.Prepared;
import org.h2.command.dml.ExecuteImmediate;
import org.h2.command.dml.ExecuteProcedure;
import org.h2.result.ResultInterface;
import org.jspecify.annotations.Nullable;

/** Stands in the place of a statement of H2's that runs another inside itself. One thread, the one that runs the statement. */
abstract class PlacedStatement extends Prepared {
    /** Has it run something after which there is nothing to undo? */
    protected boolean hasCommitted;

    private final Prepared inPlaceOf;

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
