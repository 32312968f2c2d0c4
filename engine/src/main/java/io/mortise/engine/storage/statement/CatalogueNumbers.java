package io.mortise.engine.storage.statement;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.h2.command.Prepared;

/** By which state of the catalogue H2 has read a statement: it counts the states on with each change. Stateless. */
public final class CatalogueNumbers {
    private static final VarHandle NUMBER;

    static {
        try {
            NUMBER = MethodHandles.privateLookupIn(Prepared.class, MethodHandles.lookup())
                    .findVarHandle(Prepared.class, "modificationMetaId", long.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private CatalogueNumbers() {}

    /** That of a statement; not positive if it is read anew when it runs next. */
    public static long of(Prepared statement) {
        return (long) NUMBER.get(statement);
    }

    /** Has the text read anew before it is run again, as if the catalogue had changed. */
    public static void forget(Prepared statement) {
        NUMBER.set(statement, -Math.abs(of(statement)));
    }

    /** Is that all why the text is read anew, and the catalogue as it was? */
    public static boolean isOnlyForgotten(Prepared statement, long catalogue) {
        return of(statement) == -catalogue;
    }
}
