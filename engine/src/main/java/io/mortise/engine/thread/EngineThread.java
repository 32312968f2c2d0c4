package io.mortise.engine.thread;

import com.google.errorprone.annotations.CheckReturnValue;
import io.mortise.engine.fault.Spot;

/**
 * Makes the engine's own threads: daemons that keep nothing alive of the application whose call happened to need one
 * first, neither its class loader nor its inherited thread-locals. Stateless.
 */
public final class EngineThread {
    private EngineThread() {}

    /** A thread that has not been started. */
    public static Thread of(String name, Runnable task) {
        Spot.THREAD_WANTED.pass();
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(EngineThread.class.getClassLoader());
        return thread;
    }

    /** Runs a task on a thread that ends with it. */
    public static void run(String name, Runnable task) {
        of(name, task).start();
    }

    /**
     * Runs a task on a thread that ends with it. False if the process may have no more threads: nothing has run then,
     * and the caller has another way. An OutOfMemoryError that reaches H2 from within a statement ends the database.
     */
    @CheckReturnValue
    public static boolean tryRun(String name, Runnable task) {
        try {
            run(name, task);
            return true;
        } catch (Error e) { // Of memory or of stack: it has not begun.
            return false;
        }
    }

    /** The same; where there can be no thread the caller's runs it, for however long that takes. */
    public static void runOrHere(String name, Runnable task) {
        if (!tryRun(name, task)) {
            task.run();
        }
    }
}
