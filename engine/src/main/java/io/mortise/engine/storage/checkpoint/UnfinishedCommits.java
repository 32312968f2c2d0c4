package io.mortise.engine.storage.checkpoint;

import io.mortise.engine.storage.h2.StoreReflection;
import java.util.function.Predicate;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;

/**
 * Commits that a crash has cut short. H2 marks an undo log before it goes through it to make each entry a committed
 * one. So a commit that the file has by half can be carried on. H2 knows such a log when it opens the file, but 2.5.252
 * leaves it at that: half of the commit is there, and half is not.
 */
public final class UnfinishedCommits {
    private UnfinishedCommits() {}

    /**
     * Carries on the short ones, before the catalogue is read: a definition's is one of them. H2 has read their logs
     * already; of a longer one it reads the rest only when it knows the tables.
     */
    public static void finishShort(TransactionStore store) {
        finish(
                store,
                transaction -> StoreReflection.undoLog(store, transaction)
                        .getRootPage()
                        .isLeaf());
    }

    /** Carries on the others, when H2 knows its tables and before anything is read from them. */
    public static void finish(TransactionStore store) {
        finish(store, transaction -> true);
    }

    private static void finish(TransactionStore store, Predicate<Transaction> which) {
        for (Transaction transaction : store.getOpenTransactions()) {
            if (transaction.getStatus() == Transaction.STATUS_COMMITTED && which.test(transaction)) {
                StoreReflection.finishCommit(store, transaction);
            }
        }
    }
}
