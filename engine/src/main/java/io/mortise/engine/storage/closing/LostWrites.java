package io.mortise.engine.storage.closing;

import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.h2.api.ErrorCode;
import org.h2.engine.Database;
import org.h2.message.DbException;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a session has heard that the file could not be written. What is acknowledged is written later, as a rule. So
 * a write may fail when no statement is there to fail with it: in the background, or as the database closes. H2 only
 * puts that into its trace file. Thread-safe.
 */
public final class LostWrites {
    private final Database database;
    private final BooleanSupplier isClosing;
    private volatile boolean heard;

    public LostWrites(Database database, BooleanSupplier isClosing) {
        this.database = database;
        this.isClosing = isClosing;
    }

    /** This error goes to the client. Where the store has failed, it says so. */
    public SQLException heard(SQLException error) {
        if (!heard && failure(database) != null) {
            heard = true;
        }
        return error;
    }

    /**
     * The session has been closed: the error that it has not heard of, once; empty if all is written. The file is free
     * when this returns, if it was the last.
     */
    public Optional<SQLException> unheard() {
        MVStoreException failure = failure(database);
        if (failure == null || !database.isPersistent()) {
            return Optional.empty();
        }
        if (isClosing.getAsBoolean()) {
            letGo(database, failure);
        }
        if (heard) {
            return Optional.empty();
        }
        heard = true;
        String text = "What was committed last may not be in the file: it could not be written (" + failure + ")";
        return Optional.of(
                DbException.get(ErrorCode.IO_EXCEPTION_1, failure, text).getSQLException());
    }

    /**
     * The database begins to close. If its background writer has failed, H2 has left the file open, and gives up to
     * close it at the next thing that cannot be written. Waits for nothing: a thread that fails to write may have the
     * store's mutex, and want the monitor in which this is called.
     */
    public static void closes(Database database) {
        MVStoreException failure = failure(database);
        if (failure != null) {
            CloseActions.onItsOwnThread(() -> letGo(database, failure));
        }
    }

    private static void letGo(Database database, MVStoreException failure) {
        MVStore store = database.getStore().getMvStore();
        try {
            if (!store.isClosed()) {
                store.closeImmediately();
            }
        } catch (MVStoreException e) {
            failure.addSuppressed(e);
        }
    }

    private static @Nullable MVStoreException failure(Database database) {
        return database.getStore().getMvStore().getPanicException();
    }
}
