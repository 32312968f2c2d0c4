package io.mortise.engine.storage.definition;

import java.sql.SQLTransientException;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.command.Parser;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.table.Table;

/**
 * What a statement hears whose table was dropped or replaced while it waited, and that H2 does not repeat. Stateless.
 */
public final class GoneTable {
    private GoneTable() {}

    /** A query that locks rows: says that the table is not there, or else that it is another one. */
    public static DbException error(SessionLocal session, Optional<Prepared> query) {
        try {
            query.ifPresent(lost -> new Parser(session).prepare(lost.getSQL()));
            return replaced();
        } catch (DbException notFound) {
            return notFound;
        }
    }

    /**
     * H2 repeats the statement, on what is there now. If that goes on beyond the lock timeout, its message has this.
     */
    public static DbException repeated(Table table) {
        return DbException.get(
                ErrorCode.CONCURRENT_UPDATE_1,
                table.getSchema().getName() + "." + table.getName()
                        + " (other sessions have altered or dropped it while this statement waited)");
    }

    /** H2 repeats no statement that changes the catalogue or locks rows, and has looked up the table already. */
    public static DbException replaced() {
        return DbException.convert(new SQLTransientException(
                "The table was altered or dropped by another session while this statement waited for it. Nothing was"
                        + " changed. Run the statement again.",
                "HY000",
                ErrorCode.CONCURRENT_UPDATE_1));
    }
}
