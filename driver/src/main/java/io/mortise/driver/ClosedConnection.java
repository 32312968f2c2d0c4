package io.mortise.driver;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLClientInfoException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands behind a pooled handle that has been closed: every call says so. Stateless. */
final class ClosedConnection implements InvocationHandler {
    static final Connection INSTANCE = (Connection) Proxy.newProxyInstance(
            ClosedConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, new ClosedConnection());

    private ClosedConnection() {}

    @Override
    @SuppressWarnings("NullAway") // A proxy answers a void method with null.
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        return switch (method.getName()) {
            case "close", "abort" -> null;
            case "isClosed" -> true;
            case "isValid" -> false;
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> arguments != null && arguments[0] == proxy;
            case "toString" -> "closed";
            default -> {
                boolean tellsOfClientInfo =
                        Arrays.asList(method.getExceptionTypes()).contains(SQLClientInfoException.class);
                throw tellsOfClientInfo
                        ? new SQLClientInfoException("The object is already closed", "90007", 90007, Map.of())
                        : SqlExceptions.closed();
            }
        };
    }
}
