package io.mortise.engine.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.h2.jdbc.JdbcConnection;

/**
 * Tells an H2 connection the name of its database. Otherwise H2 asks for it by a statement, the first time that
 * somebody wants the columns of a result. That would be shown where the client's last statement belongs. Stateless.
 */
final class KnownCatalog {
    private static final VarHandle CATALOG;

    static {
        try {
            CATALOG = MethodHandles.privateLookupIn(JdbcConnection.class, MethodHandles.lookup())
                    .findVarHandle(JdbcConnection.class, "catalog", String.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private KnownCatalog() {}

    /** @param name as {@code CALL DATABASE()} returns it */
    static void tell(JdbcConnection connection, String name) {
        CATALOG.set(connection, name);
    }
}
