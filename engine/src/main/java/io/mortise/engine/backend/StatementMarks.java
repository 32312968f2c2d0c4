package io.mortise.engine.backend;

import io.mortise.engine.command.CommandParser;

/** What a statement that the database below cannot read carries in its text instead: comments, which it passes on. */
public final class StatementMarks {
    /** In the text of a SELECT … FOR UPDATE: lock its rows shared. */
    public static final String SHARE = "/*+ SHARE */";

    /** The same: only their keys are. */
    public static final String KEY_SHARE = "/*+ KEY SHARE */";

    /** At the end of the text of a definition: it is to wait without holding up those behind it. */
    public static final String LOW_PRIORITY = "/*+ WAIT LOW PRIORITY */";

    /** Reads what clients write for H2, and marks it so. */
    static final CommandParser PARSER = new CommandParser(new CommandParser.Marks(SHARE, KEY_SHARE, LOW_PRIORITY));

    private StatementMarks() {}
}
