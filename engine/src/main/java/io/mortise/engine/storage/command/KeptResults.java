package io.mortise.engine.storage.command;

import io.mortise.engine.policy.LockPolicy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;

/**
 * The results that H2's queries keep, to give them again while no table that they read has changed. Stateless.
 *
 * <p>A transaction with a snapshot keeps results of its snapshot. H2 forgets them after its commit, and not after its
 * roll-back: the next one would read what was there before. A statement that locks or notes what it reads would do
 * neither if it gave again what the session had read before. So there a result serves within its statement only: a
 * subquery that is the same for all rows is read once.
 */
public final class KeptResults {
    private static final VarHandle OLDEST;

    static {
        try {
            OLDEST = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "snapshotDataModificationId", long.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private KeptResults() {}

    /** Has each statement to read anew, because the session locks or notes what it reads? */
    static boolean serveOneStatement(SessionLocal session, LockPolicy policy) {
        return session.getIsolationLevel() == IsolationLevel.SERIALIZABLE
                || policy.serializesByLocks() && !policy.readsTakeNoLocks();
    }

    private static boolean showThePresent(SessionLocal session, LockPolicy policy) {
        IsolationLevel level = session.getIsolationLevel();
        return (level == IsolationLevel.READ_COMMITTED || level == IsolationLevel.READ_UNCOMMITTED)
                && !serveOneStatement(session, policy);
    }

    /**
     * A transaction, or a statement of one that reads anew in each, is about to read: what the session's queries have
     * kept until now is not given again. At READ COMMITTED it is.
     */
    public static void forget(SessionLocal session, LockPolicy policy) {
        if (!showThePresent(session, policy)) {
            forget(session);
        }
    }

    private static void forget(SessionLocal session) {
        OLDEST.set(session, session.getDatabase().getNextModificationDataId());
    }

    /** A statement begins that H2 runs, and that has its snapshot. */
    public static void begin(SessionLocal session, LockPolicy policy) {
        if (!showThePresent(session, policy)) {
            forget(session);
            CommandReflection.reads(session, session.getDatabase().getModificationDataId());
        }
    }
}
