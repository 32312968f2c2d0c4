package io.mortise.engine.storage.slot;

import io.mortise.engine.error.EngineError;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.db.MVTable;

/** Which statements need a slot of their own, and what they are told when there is none. Stateless. */
public final class NoSlot {
    /** H2's own number of this error. */
    private static final int TOO_MANY_OPEN_TRANSACTIONS = 102;

    private static final int FEW = 16;

    private NoSlot() {}

    /**
     * Whose a transaction is that is open.
     *
     * @param millis since when, in milliseconds; negative if it has locked nothing, so that nobody has noted it
     * @param isIdle does no statement of it run?
     */
    public record Open(int session, long millis, boolean isIdle) {
        private String text() {
            String since = millis < 0 ? "" : "open for " + millis + " ms, ";
            return session + " (" + since + (isIdle ? "idle)" : "running)");
        }
    }

    /** Does this statement, which is about to run, read or change rows of tables, or the catalogue? */
    public static boolean concerns(Command command) {
        return switch (command.getCommandType()) {
            case CommandInterface.SELECT,
                    CommandInterface.CALL,
                    CommandInterface.UPDATE,
                    CommandInterface.EXPLAIN,
                    CommandInterface.EXPLAIN_ANALYZE ->
                command.getDependencies().stream().anyMatch(MVTable.class::isInstance);
            case CommandInterface.SET,
                    CommandInterface.SET_AUTOCOMMIT_TRUE,
                    CommandInterface.SET_AUTOCOMMIT_FALSE,
                    CommandInterface.BEGIN,
                    CommandInterface.COMMIT,
                    CommandInterface.ROLLBACK,
                    CommandInterface.NO_OPERATION,
                    CommandInterface.CHECKPOINT,
                    CommandInterface.CHECKPOINT_SYNC,
                    CommandInterface.SHUTDOWN,
                    CommandInterface.SHUTDOWN_IMMEDIATELY,
                    CommandInterface.SHUTDOWN_COMPACT,
                    CommandInterface.SHUTDOWN_DEFRAG -> false;
            default -> true;
        };
    }

    /** Has H2 found no slot, between our look and its own? */
    public static boolean isBehind(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof MVStoreException failure && failure.getErrorCode() == TOO_MANY_OPEN_TRANSACTIONS) {
                return true;
            }
        }
        return false;
    }

    /** @param holders who has the slots, the oldest transaction first */
    public static SQLException error(List<Open> holders) {
        String first = holders.stream().limit(FEW).map(Open::text).collect(Collectors.joining(", "));
        int more = Slots.count() - Math.min(FEW, holders.size());
        return EngineError.TOO_MANY_TRANSACTIONS.exception("No transaction can begin: " + Slots.count()
                + " are open, the most that H2 has room for. Nothing was done. The sessions that have them, the oldest"
                + " transaction first: " + first + (more > 0 ? ", and " + more + " more" : "")
                + ". End one (its client, KILL, or ABORT in SYS.SESSIONS: these work without a transaction) and run the"
                + " statement again. -Dh2.maxOpenTransactions=n raises the limit for the process.");
    }
}
