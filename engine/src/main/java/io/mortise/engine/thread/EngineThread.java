package io.mortise.engine.thread;

/**
 * Makes the engine's own threads: daemons that keep nothing alive of the application whose call happened to need one
 * first, neither its class loader nor its inherited thread-locals. Stateless.
 */
public final class EngineThread {
    private EngineThread() {}

    /** A thread that has not been started. */
    public static Thread of(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(EngineThread.class.getClassLoader());
        return thread;
    }

    /** Runs a task on a thread that ends with it. */
    public static void run(String name, Runnable task) {
        of(name, task).start();
    }
}
