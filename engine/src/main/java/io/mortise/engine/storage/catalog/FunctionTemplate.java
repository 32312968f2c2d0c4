package io.mortise.engine.storage.catalog;

import java.lang.invoke.MethodHandles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What H2 calls when a virtual function is called; there is a copy of this class for each, see {@link H2Functions}.
 * Public because H2 looks for public methods. Thread-safe.
 */
public final class FunctionTemplate {
    private static final String COLUMNS_ONLY = "jdbc:columnlist:connection";

    private FunctionTemplate() {}

    public static @Nullable String text(Connection connection, Value... arguments) throws SQLException {
        Object result = call(connection, arguments);
        return result == null ? null : result.toString();
    }

    public static @Nullable Long number(Connection connection, Value... arguments) throws SQLException {
        return (Long) call(connection, arguments);
    }

    public static @Nullable Boolean flag(Connection connection, Value... arguments) throws SQLException {
        return (Boolean) call(connection, arguments);
    }

    public static @Nullable ResultSet table(Connection connection, Value... arguments) throws SQLException {
        return (ResultSet) call(connection, arguments);
    }

    private static @Nullable Object call(Connection connection, Value[] arguments) throws SQLException {
        SessionLocal session =
                (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        H2Functions.Callable function = function();
        return COLUMNS_ONLY.equals(connection.getMetaData().getURL())
                ? function.columns(session, arguments)
                : function.call(session, arguments);
    }

    private static H2Functions.Callable function() {
        try {
            return MethodHandles.classData(MethodHandles.lookup(), "_", H2Functions.Callable.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError("a copy may look at its own data", e);
        }
    }
}
