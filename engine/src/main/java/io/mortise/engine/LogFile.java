package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.journal.report.LockLog;
import io.mortise.engine.storage.Storage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The log that LOCK_LOG names now: one at a time, or none. Thread-safe. */
final class LogFile {
    private final Storage storage;

    @GuardedBy("this")
    private @Nullable LockLog open;

    LogFile(Storage storage) {
        this.storage = storage;
        storage.onClose(this::close);
    }

    /**
     * From now on it is written there; nowhere if the path is empty.
     *
     * @throws java.nio.file.InvalidPathException if it is no path; then the log goes on where it was
     */
    synchronized void write(String path) {
        LockLog next = path.isEmpty() ? null : at(path);
        close();
        open = next;
        if (next != null) {
            storage.locks().addListener(next);
        }
    }

    private LockLog at(String path) {
        return new LockLog(LockLog.Place.of(Path.of(path)), storage.targetNames(), storage.clock(), storage::rowLocks);
    }

    private synchronized void close() {
        LockLog before = open;
        if (before != null) {
            open = null;
            storage.locks().removeListener(before);
            before.close();
        }
    }
}
