package io.mortise.engine.storage.transaction;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;

/**
 * Results that the queries of a session have kept. H2 gives none again that is older than a number in the session.
 * Stateless; for the thread that is in the session.
 */
public final class OldestResult {
    private static final VarHandle OLDEST;

    static {
        try {
            OLDEST = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "snapshotDataModificationId", long.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private OldestResult() {}

    /** None that was kept until now. */
    public static void isNewerThanNow(SessionLocal session, Database database) {
        OLDEST.set(session, database.getNextModificationDataId());
    }
}
