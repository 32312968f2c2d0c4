package io.mortise.engine.storage.branch;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.text.OneLine;
import java.lang.reflect.Field;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.h2.api.ErrorCode;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.engine.DbSettings;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.result.Row;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Which tables the branches in doubt have changed: those that were prepared, and whose session a crash or a close has ended.
 * Thread-safe.
 *
 * <p>Nobody holds a lock on a table for them. What they have written stands in the way of whoever wants the same rows, but a
 * definition would copy the table without it, or drop it, and the branch could be committed all the same.
 */
public final class BranchesInDoubt {
    private static final String ROWS = "table.";
    private static final Pattern NAME =
            Pattern.compile("^\\s*PREPARE\\s+COMMIT\\s+|[\\s;]+$", Pattern.CASE_INSENSITIVE);
    private static final Field DEFRAGMENTS;

    static {
        try {
            DEFRAGMENTS = DbSettings.class.getDeclaredField("defragAlways"); // Each database has settings of its own.
            DEFRAGMENTS.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final OpenDatabase storage;

    public BranchesInDoubt(OpenDatabase storage) {
        this.storage = storage;
    }

    /**
     * The database is about to be closed: lets H2 not defragment the file if there is a branch in doubt. It would copy map by map and
     * number them anew; the undo log of a branch still has the old numbers, is dropped, and the branch counts as committed.
     */
    public static void keep(Database database) {
        if (database.getInDoubtTransactions().isEmpty()) {
            return;
        }
        database.setCompactMode(CommandInterface.SHUTDOWN);
        try {
            DEFRAGMENTS.set(database.getSettings(), false);
        } catch (IllegalAccessException e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
    }

    /** The name that PREPARE COMMIT gives a transaction, spelled as COMMIT TRANSACTION has to spell it. */
    public static String nameIn(String prepareCommit) {
        return NAME.matcher(prepareCommit).replaceAll("");
    }

    /** One that has changed rows of a table; empty if none has. */
    public Optional<Transaction> changing(int table) {
        String rows = ROWS + table;
        return all().filter(branch -> isChanging(branch, rows)).findFirst();
    }

    /** The one in this slot of the store's; empty if what is there is none, or nothing is. */
    public Optional<Transaction> at(int slot) {
        return all().filter(branch -> branch.getId() == slot).findFirst();
    }

    private Stream<Transaction> all() {
        return storage.database().getStore().getTransactionStore().getOpenTransactions().stream()
                .filter(transaction -> transaction.getStatus() == Transaction.STATUS_PREPARED)
                // A session that runs it has its locks, and is waited for as any other.
                .filter(transaction -> storage.transactions().entry(transaction).isEmpty());
    }

    /**
     * Waits for one that has changed rows of a table, as long as the session waits for a lock. Others may end it meanwhile.
     *
     * @return false if there is none
     * @throws DbException 50200 if it is in doubt still
     */
    public boolean await(SessionLocal session, Table table) {
        Optional<Transaction> found = changing(table.getId());
        found.ifPresent(branch -> {
            int millis = session.getLockTimeout();
            if (!session.getTransaction().waitFor(branch, ROWS + table.getId(), table.getName(), millis)) {
                throw refusal(branch, table.getName(), millis);
            }
        });
        return found.isPresent();
    }

    /** Lets H2 wait for somebody that the engine does not know. If that is in vain, and it is a branch, the error names it. */
    public @Nullable Row naming(Table table, int waitMillis, Supplier<@Nullable Row> waiting) {
        try {
            return waiting.get();
        } catch (DbException e) {
            boolean inVain =
                    e.getErrorCode() == ErrorCode.LOCK_TIMEOUT_1 || e.getErrorCode() == ErrorCode.CONCURRENT_UPDATE_1;
            throw (inVain ? changing(table.getId()) : Optional.<Transaction>empty())
                    .map(branch -> refusal(branch, table.getName(), Math.max(0, waitMillis)))
                    .orElse(e);
        }
    }

    /**
     * The error for who meets what a branch has changed: 50200, as for what a session holds too long.
     *
     * @param table its name
     * @param waitedMillis 0 if it was not waited for
     */
    public static DbException refusal(Transaction branch, String table, long waitedMillis) {
        String text =
                (waitedMillis == 0 ? "Not waited" : "Waited " + waitedMillis + " ms") + ": table " + OneLine.of(table)
                        + " was changed by branch " + OneLine.of(String.valueOf(branch.getName()))
                        + " of a distributed transaction, which is prepared and has no session. Nothing was done. Commit the branch or"
                        + " roll it back, with XAResource or with COMMIT TRANSACTION and ROLLBACK TRANSACTION and its name."
                        + " INFORMATION_SCHEMA.IN_DOUBT lists such branches.";
        return RoutedErrors.of(EngineError.LOCK_TIMEOUT.exception(text), "");
    }

    private static boolean isChanging(Transaction transaction, String rows) {
        Iterator<TransactionStore.Change> changes = transaction.getChanges(0);
        while (changes.hasNext()) {
            if (changes.next().mapName.equals(rows)) {
                return true;
            }
        }
        return false;
    }
}
