package io.mortise.driver;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Another thread of a test. */
final class Background implements AutoCloseable {
    private final ExecutorService thread;

    Background(String name) {
        thread = Executors.newSingleThreadExecutor(work -> new Thread(work, name));
    }

    <T> Future<T> starts(Callable<T> step) {
        return thread.submit(step);
    }

    /** Runs the step and waits for it; its exception is thrown here. */
    <T> T does(Callable<T> step) throws Exception {
        return result(starts(step));
    }

    static <T> T result(Future<T> step) throws Exception {
        try {
            return step.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The exception the step ended in. */
    static SQLException failure(Future<?> step) throws InterruptedException {
        try {
            Object value = step.get();
            throw new AssertionError("it should have failed, but returned " + value);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                return failure;
            }
            throw new AssertionError(e.getCause());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
