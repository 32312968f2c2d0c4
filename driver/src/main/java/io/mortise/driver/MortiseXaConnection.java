package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingConnection;
import io.mortise.driver.xa.XaBranches;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.StatementEventListener;
import javax.sql.XAConnection;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * A connection for pools and transaction managers; {@link XaBranches} has what the latter ask for. One thread at a
 * time.
 */
final class MortiseXaConnection implements XAConnection {
    private final MortiseConnection physical;
    private final XaBranches branches;
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private @Nullable Handle handle;

    MortiseXaConnection(MortiseConnection physical) {
        this.physical = physical;
        this.branches = new XaBranches(
                physical,
                () -> physical.link().attachment().checkNotLost(),
                error -> tell((listener, event) -> listener.connectionErrorOccurred(event), error));
    }

    /** What the application gets: closing it gives the connection back to the pool. */
    final class Handle extends ForwardingConnection implements SessionLink.Handle {
        private volatile boolean closed;
        /** The statements it has made that somebody still holds. */
        private final Set<Statement> made = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

        private Handle() {
            super(physical);
        }

        @Override
        protected SQLException failed(SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith("08")) {
                tell((listener, event) -> listener.connectionErrorOccurred(event), e);
            }
            return e;
        }

        /** The statements of the handle close with it, and what its borrower has not committed is rolled back. */
        @Override
        public void close() throws SQLException {
            if (closed) {
                return;
            }
            closed = true;
            delegate = ClosedConnection.INSTANCE;
            handle = null;
            physical.link().showAs(physical);
            closeStatements();
            try {
                if (!branches.hasOne() && !physical.isClosed() && !physical.getAutoCommit()) {
                    physical.rollBackLeft();
                    physical.setAutoCommit(true);
                }
            } catch (SQLException e) { // A pool must not lend it again.
                tell((listener, event) -> listener.connectionErrorOccurred(event), e);
                throw e;
            }
            tell((listener, event) -> listener.connectionClosed(event), null);
        }

        @Override
        public boolean isClosed() {
            return closed || physical.isClosed();
        }

        @Override
        public void made(Statement statement) {
            made.add(statement);
        }

        private void closeStatements() {
            List<Statement> left;
            synchronized (made) {
                left = List.copyOf(made);
            }
            left.forEach(StatementBelow::closeBehind);
        }

        private void checkOpen() throws SQLException {
            if (closed) {
                throw SqlExceptions.closed();
            }
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            checkOpen();
            return physical.unwrap(type);
        }

        @Override
        public boolean isWrapperFor(Class<?> type) throws SQLException {
            checkOpen();
            return physical.isWrapperFor(type);
        }
    }

    private void tell(BiConsumer<ConnectionEventListener, ConnectionEvent> news, @Nullable SQLException error) {
        ConnectionEvent event = new ConnectionEvent(this, error);
        listeners.forEach(listener -> news.accept(listener, event));
    }

    /** Closes the handle before, as JDBC has it. */
    @Override
    public Connection getConnection() throws SQLException {
        Handle before = handle;
        if (before != null) {
            before.close();
        }
        Handle next = new Handle();
        handle = next;
        physical.link().showAs(next);
        return next;
    }

    @Override
    public void close() throws SQLException {
        listeners.clear();
        physical.close();
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    /** Statements are not pooled here, so there is nothing to tell. */
    @Override
    public void addStatementEventListener(StatementEventListener listener) {}

    @Override
    public void removeStatementEventListener(StatementEventListener listener) {}

    @Override
    public XAResource getXAResource() {
        return branches;
    }

    /** What stands behind a pooled handle that has been closed: every call says so. Stateless. */
    private static final class ClosedConnection implements InvocationHandler {
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
}
