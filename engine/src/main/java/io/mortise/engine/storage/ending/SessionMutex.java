package io.mortise.engine.storage.ending;

import io.mortise.engine.storage.slot.LookingMutex;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;

/**
 * The mutex by which H2 lets one thread at a time into a session. H2 shows how to wait for it, and not how to try.
 * Stateless.
 */
public final class SessionMutex {
    private static final VarHandle MUTEX;

    static {
        try {
            MUTEX = MethodHandles.privateLookupIn(Session.class, MethodHandles.lookup())
                    .findVarHandle(Session.class, "lock", ReentrantLock.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private SessionMutex() {}

    /** Runs something in a session if no thread is in it; false if one is. */
    public static boolean tryEnter(SessionLocal session, Runnable action) {
        ReentrantLock mutex = (ReentrantLock) MUTEX.get((Session) session);
        if (!mutex.tryLock()) {
            return false;
        }
        try {
            action.run();
            return true;
        } finally {
            mutex.unlock();
        }
    }

    /** Runs something in a session as soon as no other thread is in it. */
    public static void enter(SessionLocal session, Runnable action) {
        ReentrantLock mutex = (ReentrantLock) MUTEX.get((Session) session);
        if (mutex instanceof LookingMutex looking) {
            looking.enter();
        } else {
            mutex.lock();
        }
        try {
            action.run();
        } finally {
            mutex.unlock();
        }
    }
}
