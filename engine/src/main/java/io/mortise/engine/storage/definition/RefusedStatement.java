package io.mortise.engine.storage.definition;

import org.h2.command.Prepared;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.jspecify.annotations.Nullable;

/** Stands in the place of a statement that may not run, once. One thread, the one that runs the statement. */
final class RefusedStatement extends Prepared {
    private final Prepared meant;
    private final DbException refusal;
    private final Runnable restore;

    RefusedStatement(Prepared meant, DbException refusal, Runnable restore) {
        super(meant.getSession());
        this.meant = meant;
        this.refusal = refusal;
        this.restore = restore;
        setSQL(meant.getSQL(), meant.getSQLTokens());
        setParameterList(meant.getParameters());
    }

    @Override
    public long update() {
        restore.run();
        throw refusal;
    }

    @Override
    public ResultInterface query(long maxRows) {
        restore.run();
        throw refusal;
    }

    @Override
    public boolean isTransactional() {
        return meant.isTransactional();
    }

    @Override
    public boolean isQuery() {
        return meant.isQuery();
    }

    @Override
    public @Nullable ResultInterface queryMeta() {
        return meant.queryMeta();
    }

    @Override
    public int getType() {
        return meant.getType();
    }
}
