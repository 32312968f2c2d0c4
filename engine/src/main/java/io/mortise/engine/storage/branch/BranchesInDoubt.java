package io.mortise.engine.storage.branch;

import java.lang.reflect.Field;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Predicate;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.engine.DbSettings;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;

/**
 * Which tables the branches in doubt have changed: those that were prepared, and whose session a crash or a close has ended.
 * Immutable, thread-safe.
 *
 * <p>Nobody holds a lock on a table for them. What they have written stands in the way of whoever wants the same rows, but a
 * definition would copy the table without it, or drop it, and the branch could be committed all the same.
 */
public final class BranchesInDoubt {
    private static final String ROWS = "table.";
    private static final Field DEFRAGMENTS;

    static {
        try {
            DEFRAGMENTS = DbSettings.class.getDeclaredField("defragAlways"); // Each database has settings of its own.
            DEFRAGMENTS.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final TransactionStore store;
    private final Predicate<Transaction> hasSession;

    /** @param hasSession does a session run this transaction? Then that has its locks. */
    public BranchesInDoubt(TransactionStore store, Predicate<Transaction> hasSession) {
        this.store = store;
        this.hasSession = hasSession;
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

    /** The name of a branch in doubt that has changed rows of a table; empty if none has. */
    public Optional<String> changing(int table) {
        String rows = ROWS + table;
        return store.getOpenTransactions().stream()
                .filter(transaction -> transaction.getStatus() == Transaction.STATUS_PREPARED)
                .filter(transaction -> !hasSession.test(transaction) && isChanging(transaction, rows))
                .map(transaction -> String.valueOf(transaction.getName()))
                .findFirst();
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
