package io.mortise.engine.storage.key;

import io.mortise.engine.storage.h2.StoreReflection;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.Transaction;

/**
 * Sets right what H2's own search for deadlocks does to a write. H2 searches also for one that waits for no time, as
 * ours do. To it, two that meet each other's values in one moment are a deadlock: it refuses the younger, or marks the
 * transaction as rolling back, which nobody does then. We look ourselves, and say why. Used by the transaction's
 * thread.
 *
 * <p>Who marks a transaction waits for it, directly or through others, and is still in that search. A wait of ours for
 * one of them ends after the mark, so it is looked for after each wait.
 */
final class SearchOfH2 {
    private SearchOfH2() {}

    /**
     * Storage has refused a write.
     *
     * @param place in the transaction's log, where the write began
     * @return the refusal; another if it came of that search: somebody is in the way
     */
    static DbException undone(Transaction transaction, long place, DbException refusal) {
        boolean isMarked = StoreReflection.reopen(transaction);
        if (isMarked) {
            transaction.rollbackToSavepoint(place); // H2 could not: it was not open
        }
        boolean isOfSearch = isOfSearch(refusal) && transaction.getStatus() == Transaction.STATUS_OPEN;
        return isOfSearch ? DbException.get(ErrorCode.CONCURRENT_UPDATE_1, refusal, "") : refusal;
    }

    private static boolean isOfSearch(DbException refusal) {
        Throwable cause = refusal.getSQLException().getCause();
        return cause instanceof MVStoreException store
                && (store.getErrorCode() == DataUtils.ERROR_TRANSACTIONS_DEADLOCK
                        || store.getErrorCode() == DataUtils.ERROR_TRANSACTION_ILLEGAL_STATE);
    }
}
