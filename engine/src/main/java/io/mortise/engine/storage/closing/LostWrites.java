package io.mortise.engine.storage.closing;

import java.sql.SQLException;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.engine.Database;
import org.h2.message.DbException;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * Whether a session has heard that the file could not be written. What is acknowledged is written later, as a rule. So
 * a write may fail when no statement is there to fail with it: in the background, or as the database closes. H2 only
 * puts that into its trace file. Thread-safe.
 */
public final class LostWrites {
    private final Database database;
    private final MVStore store;
    private volatile boolean heard;

    public LostWrites(Database database) {
        this.database = database;
        this.store = database.getStore().getMvStore();
    }

    /** This error goes to the client. Where the store has failed, it says so. */
    public SQLException heard(SQLException error) {
        if (!heard && store.getPanicException() != null) {
            heard = true;
        }
        return error;
    }

    /** Can nothing be written any more? Nearly free. */
    public boolean isFailed() {
        return store.getPanicException() != null && database.isPersistent();
    }

    /**
     * A statement, or a commit, has succeeded: the error that it ends with if it cannot be written. H2 tells the first
     * commit after the failure, and all others that they have succeeded. So this closes the store, as H2 does where a
     * client's thread fails to write.
     */
    public Optional<SQLException> failed() {
        MVStoreException failure = store.getPanicException();
        if (failure == null || !database.isPersistent()) {
            return Optional.empty();
        }
        letGo(store, failure);
        heard = true;
        String text = "What was committed last may not be in the file: it could not be written (" + failure + ")";
        return Optional.of(
                DbException.get(ErrorCode.IO_EXCEPTION_1, failure, text).getSQLException());
    }

    /** The session has been closed: the same if it has not heard of it. The file is free then. */
    public Optional<SQLException> unheard() {
        boolean isNew = !heard;
        return failed().filter(error -> isNew);
    }

    /**
     * The database begins to close. If its background writer has failed, H2 has left the file open, and gives up to
     * close it at the next thing that cannot be written. Waits for nothing: a thread that fails to write may have the
     * store's mutex, and want the monitor in which this is called.
     */
    public static void closes(Database database) {
        MVStore store = database.getStore().getMvStore();
        MVStoreException failure = store.getPanicException();
        if (failure != null) {
            CloseActions.onItsOwnThread(() -> letGo(store, failure));
        }
    }

    private static void letGo(MVStore store, MVStoreException failure) {
        try {
            if (!store.isClosed()) {
                store.closeImmediately();
            }
        } catch (MVStoreException e) {
            failure.addSuppressed(e);
        }
    }
}
