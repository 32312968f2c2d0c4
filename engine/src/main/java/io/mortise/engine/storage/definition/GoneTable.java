package io.mortise.engine.storage.definition;

import java.sql.SQLTransientException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
    private static final Set<Integer> OF_DEFINITIONS = Set.of(
            ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1,
            ErrorCode.TABLE_OR_VIEW_NOT_FOUND_WITH_CANDIDATES_2,
            ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1,
            ErrorCode.COLUMN_NOT_FOUND_1,
            ErrorCode.INDEX_NOT_FOUND_1,
            ErrorCode.VIEW_IS_INVALID_2);

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

    /** A table is away for a moment, or has other columns, a view has none; or H2 trips over what is being changed. */
    static boolean mayBeWhy(RuntimeException failure) {
        return !(failure instanceof DbException known) || OF_DEFINITIONS.contains(known.getErrorCode());
    }

    /**
     * In the middle of a definition H2 finds no table, or trips over what the other session is changing. What fails so
     * is read again when that is over.
     *
     * @param isOver has a definition ended that may be why it has failed so? It may be waited for
     */
    public static <T> T readAgain(SessionLocal session, Predicate<RuntimeException> isOver, Supplier<T> reading) {
        for (int tries = 1; ; tries++) {
            long before = session.getDatabase().getModificationMetaId();
            try {
                return reading.get();
            } catch (RuntimeException e) {
                boolean isAnother = isOver.test(e) || session.getDatabase().getModificationMetaId() != before;
                if (!isAnother || tries == Reading.MOST) {
                    throw e;
                }
            }
        }
    }
}
