package io.mortise.engine.storage.branch;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.text.OneLine;
import java.lang.reflect.Field;
import java.util.Iterator;
import java.util.Optional;
import java.util.regex.Pattern;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.engine.DbSettings;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;

/**
 * Which tables the branches in doubt have changed: those that were prepared, and whose session a crash or a close has
 * ended. Thread-safe.
 *
 * <p>They keep their locks: see {@link io.mortise.engine.storage.transaction.LeftBranches}. What is checked besides
 * keeps a definition from copying or dropping a table without what a branch has written there, for that could be
 * committed all the same.
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
     * The database is about to be closed: lets H2 not defragment the file if there is a branch in doubt. It would copy
     * map by map and number them anew; the undo log of a branch still has the old numbers, is dropped, and the branch
     * counts as committed.
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
        return storage.transactions()
                .left()
                .all()
                .filter(branch -> isChanging(branch, rows))
                .findFirst();
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
