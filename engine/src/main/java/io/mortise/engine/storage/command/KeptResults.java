package io.mortise.engine.storage.command;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;

/**
 * The results that H2's queries keep, to give them again while no table that they read has changed. Stateless.
 *
 * <p>A transaction with a snapshot keeps results of its snapshot. H2 forgets them after its commit, and not after its
 * roll-back: the next one would read what was there before. Besides, a view answers once for all sessions when its
 * tables have changed. So a serializable transaction could be given what its session had read before, and would neither
 * lock nor note it.
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

    /** Above READ COMMITTED: what the session's queries have kept until now is not given again. */
    public static void forget(SessionLocal session) {
        IsolationLevel level = session.getIsolationLevel();
        if (level != IsolationLevel.READ_COMMITTED && level != IsolationLevel.READ_UNCOMMITTED) {
            OLDEST.set(session, session.getDatabase().getNextModificationDataId());
        }
    }
}
