package io.mortise.engine.storage.command;

import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.storage.transaction.OldestResult;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Set;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.table.Table;

/**
 * The results that H2's queries keep, to give them again while no table that they read has changed. Stateless.
 *
 * <p>A transaction with a snapshot keeps results of its snapshot. H2 forgets them after its commit, and not after its
 * roll-back: the next one would read what was there before. A statement that locks or notes what it reads would do
 * neither if it gave again what the session had read before. So there a result serves within its statement only: a
 * subquery that is the same for all rows is read once. The same holds once the transaction has changed something, for
 * H2 does not see that a view of a view reads what was changed.
 */
public final class KeptResults {
    /** What finds the results. */
    interface Source {
        /** May it find something else although no table has changed? */
        boolean changesUnseen();
    }

    private static final VarHandle CHANGED;

    static {
        try {
            CHANGED = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "updates", Set.class);
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

    /** Has the session's transaction changed something? */
    static boolean isAnythingChanged(SessionLocal session) {
        return !changed(session).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private static Set<Table> changed(SessionLocal session) {
        return (Set<Table>) CHANGED.get(session);
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

    /** What the session's queries have kept until now is not given again. */
    static void forget(SessionLocal session) {
        OldestResult.isNewerThanNow(session, session.getDatabase());
    }

    /** A statement begins that H2 runs, and that has its snapshot. */
    public static void begin(SessionLocal session, LockPolicy policy) {
        boolean isForgottenAgain =
                !showThePresent(session, policy) || changed(session).stream().anyMatch(table -> !table.isTemporary());
        if (isForgottenAgain) {
            forget(session);
            CommandReflection.reads(session, session.getDatabase().getModificationDataId());
        } else if (isAnythingChanged(session)
                || !(session.getCurrentCommand() instanceof Source source)
                || source.changesUnseen()) {
            forget(session);
        }
    }
}
