package io.mortise.engine.storage.ending;

import java.util.ArrayList;
import java.util.Iterator;
import org.h2.command.Prepared;
import org.h2.expression.Parameter;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a statement that begins, on every route, with an error of ours. H2 tells its listener of the beginning and
 * ignores what that throws; the next thing it does is to look at the parameters one after another. So this takes the
 * place of the list for that one look. One thread.
 */
public final class RefusedStart extends ArrayList<Parameter> {
    private static final long serialVersionUID = 1;
    private final transient Prepared statement;
    private final @Nullable ArrayList<Parameter> before;
    private final transient DbException error;

    private RefusedStart(Prepared statement, DbException error) {
        this.statement = statement;
        this.before = statement.getParameters();
        this.error = error;
    }

    /** The calling thread has just been told that this statement begins. */
    public static void refuse(Prepared statement, DbException error) {
        statement.setParameterList(new RefusedStart(statement, error));
    }

    @Override
    @SuppressWarnings("NullAway") // H2 knows a list that is not there.
    public Iterator<Parameter> iterator() {
        statement.setParameterList(before);
        throw error;
    }
}
