package io.mortise.engine.storage.h2;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.Secrets;
import org.h2.command.Command;
import org.h2.message.Trace;
import org.jspecify.annotations.Nullable;

/** The values that a statement's parameters have when it begins, as people are shown them. */
public final class BoundValues {
    /** So much is shown of them, in characters. */
    private static final int LONGEST = 1000;

    private BoundValues() {}

    /** The same statement, its values behind its text. */
    public static StatementRecord shownBehind(StatementRecord statement, @Nullable Command command) {
        if (command == null || Secrets.areIn(statement.sql())) {
            return statement;
        }
        String values = Trace.formatParams(command.getParameters());
        String shown = values.length() > LONGEST ? values.substring(0, LONGEST) + " …" : values;
        return statement.withSql(statement.sql() + shown);
    }
}
