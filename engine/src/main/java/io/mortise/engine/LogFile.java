package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.journal.failure.FailureText;
import io.mortise.engine.journal.failure.SerialFailure;
import io.mortise.engine.journal.report.LockLog;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.storage.Storage;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The log that LOCK_LOG names now: one at a time, or none. Thread-safe. */
final class LogFile {
    private final Storage storage;

    @GuardedBy("this")
    private @Nullable LockLog open;

    @GuardedBy("this")
    private Consumer<SerialFailure> failures = failure -> {};

    LogFile(Storage storage) {
        this.storage = storage;
        storage.onClose(this::close);
    }

    /**
     * From now on it is written there; nowhere if the path is empty.
     *
     * @throws SQLException 22023 if it is no path, or there is something else than a log of ours; then the log goes on
     *     where it was
     */
    synchronized void write(String path) throws SQLException {
        LockLog next = path.isEmpty() ? null : at(path);
        close();
        open = next;
        if (next != null) {
            storage.locks().addListener(next);
            failures = failure -> next.failed(failure.found().atNanos(), () -> text(failure));
            storage.journal().addFailureListener(failures);
        }
    }

    private static String text(SerialFailure failure) {
        return new FailureText(failure, Sight.ofAll(failure.names())).text();
    }

    private LockLog at(String path) throws SQLException {
        try {
            return new LockLog(
                    LockLog.Place.of(Path.of(path)), storage.targetNames(), storage.clock(), storage::rowLocks);
        } catch (InvalidPathException e) {
            throw unusable(path, e.getReason());
        } catch (FileSystemException e) {
            throw unusable(path, e.getReason() == null ? e.getClass().getSimpleName() : e.getReason());
        } catch (IOException e) {
            throw unusable(path, String.valueOf(e.getMessage()));
        }
    }

    private static SQLException unusable(String path, String why) {
        return EngineError.INVALID_SETTING_VALUE.exception("LOCK_LOG=" + path + " cannot be used: " + why
                + ". Nothing was changed. Name a file that is not there yet, or a log of this engine.");
    }

    private synchronized void close() {
        LockLog before = open;
        if (before != null) {
            open = null;
            storage.locks().removeListener(before);
            storage.journal().removeFailureListener(failures);
            before.close();
        }
    }
}
