package io.mortise.engine.storage.closing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.thread.EngineThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What gives back the threads, files and ports of an open database when it ends. Each action runs once, the newest
 * first; one that fails stops none of the others. An action that comes too late runs at once. Thread-safe.
 *
 * <p>There are two kinds, because a store that panics ends in the middle of somebody's statement, under its own mutex:
 * <i>prompt</i> actions run there, <i>slow</i> ones where the caller says.
 */
public final class CloseActions {
    private static final System.Logger LOG = System.getLogger(CloseActions.class.getName());

    @GuardedBy("this")
    private final List<Runnable> prompt = new ArrayList<>();

    @GuardedBy("this")
    private final List<Runnable> slow = new ArrayList<>();

    @GuardedBy("this")
    private boolean closed;

    /** @param action does not wait for anything */
    public void addPrompt(Runnable action) {
        if (!keptPrompt(action)) {
            run(action);
        }
    }

    /** @param action may take a while, and needs nothing of the database */
    public void addSlow(Runnable action) {
        if (!keptSlow(action)) {
            run(action);
        }
    }

    private synchronized boolean keptPrompt(Runnable action) {
        return !closed && prompt.add(action);
    }

    private synchronized boolean keptSlow(Runnable action) {
        return !closed && slow.add(action);
    }

    /** What this action gives back has gone already. */
    public synchronized void remove(Runnable action) {
        prompt.remove(action);
        slow.remove(action);
    }

    /**
     * Runs what there is. No effect the second time.
     *
     * @param forSlow where the slow actions run, one task for all of them
     */
    public void close(Executor forSlow) {
        List<Runnable> now;
        List<Runnable> later;
        synchronized (this) {
            closed = true;
            now = take(prompt);
            later = take(slow);
        }
        now.forEach(CloseActions::run);
        if (!later.isEmpty()) {
            run(() -> forSlow.execute(() -> later.forEach(CloseActions::run)));
        }
    }

    private static List<Runnable> take(List<Runnable> actions) {
        List<Runnable> taken = new ArrayList<>();
        for (int i = actions.size() - 1; i >= 0; i--) {
            taken.add(actions.get(i));
        }
        actions.clear();
        return taken;
    }

    /** Errors too: a close that runs out of memory still gives back the rest. */
    private static void run(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a part of a database could not be closed", e);
        }
    }

    /** For slow actions under somebody's mutex. */
    public static void onItsOwnThread(Runnable task) {
        EngineThread.run("mortise-end", task);
    }
}
