package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingConnection;
import io.mortise.engine.error.EngineException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
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
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A connection for pools and transaction managers. A branch of a distributed transaction is a transaction of the session,
 * prepared with {@code PREPARE COMMIT}; H2 keeps it over a crash under a name made of the branch's id. One thread at a time.
 */
final class MortiseXaConnection implements XAConnection, XAResource {
    private static final String NAME_PREFIX = "XID_";

    private final MortiseConnection physical;
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private @Nullable Handle handle;
    private @Nullable Xid branch;
    private boolean prepared;

    MortiseXaConnection(MortiseConnection physical) {
        this.physical = physical;
    }

    /** What the application gets: closing it gives the connection back to the pool. */
    final class Handle extends ForwardingConnection {
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
            physical.showAs(physical);
            closeStatements();
            try {
                if (branch == null && !physical.isClosed() && !physical.getAutoCommit()) {
                    physical.rollback();
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

        void made(Statement statement) {
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
        physical.showAs(next);
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
        return this;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        if (flags == TMJOIN || flags == TMRESUME) {
            if (branch == null || !isSame(branch, xid)) {
                throw new XAException(XAException.XAER_NOTA);
            }
            return;
        }
        if (branch != null) {
            throw new XAException(XAException.XAER_OUTSIDE);
        }
        run(() -> physical.setAutoCommit(false));
        branch = xid;
        prepared = false;
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        if (flags != TMSUSPEND && (branch == null || !isSame(branch, xid))) {
            throw new XAException(XAException.XAER_OUTSIDE);
        }
        run(() -> physical.attachment().checkNotDoomed());
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        checkBranch(xid);
        run(() -> execute("PREPARE COMMIT " + nameOf(xid)));
        prepared = true;
        return XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        boolean isOurs = branch != null && isSame(branch, xid);
        if (isOurs && (onePhase || !prepared)) {
            run(physical::commit);
        } else {
            run(() -> execute("COMMIT TRANSACTION " + nameOf(xid)));
        }
        ended(isOurs);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        boolean isOurs = branch != null && isSame(branch, xid);
        if (isOurs && !prepared) {
            run(physical::rollback);
        } else {
            run(() -> execute("ROLLBACK TRANSACTION " + nameOf(xid)));
        }
        ended(isOurs);
    }

    private void ended(boolean isOurs) throws XAException {
        if (isOurs) {
            branch = null;
            prepared = false;
        }
        run(() -> physical.setAutoCommit(true));
    }

    /** H2 forgets a branch when it ends. */
    @Override
    public void forget(Xid xid) {
        prepared = false;
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        List<Xid> found = new ArrayList<>();
        run(() -> {
            try (Statement statement = physical.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT TRANSACTION_NAME FROM INFORMATION_SCHEMA.IN_DOUBT ORDER BY TRANSACTION_NAME")) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    if (name.startsWith(NAME_PREFIX)) {
                        found.add(Branch.named(name.substring(NAME_PREFIX.length())));
                    }
                }
            }
        });
        return found.toArray(Xid[]::new);
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }

    private void checkBranch(Xid xid) throws XAException {
        if (branch == null || !isSame(branch, xid)) {
            throw new XAException(XAException.XAER_INVAL);
        }
    }

    private static boolean isSame(Xid one, Xid other) {
        return nameOf(one).equals(nameOf(other));
    }

    private static String nameOf(Xid xid) {
        HexFormat hex = HexFormat.of();
        return '"'
                + NAME_PREFIX
                + Integer.toHexString(xid.getFormatId())
                + '_'
                + hex.formatHex(xid.getBranchQualifier())
                + '_'
                + hex.formatHex(xid.getGlobalTransactionId())
                + '"';
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = physical.createStatement()) {
            statement.execute(sql);
        }
    }

    private interface Step {
        void run() throws SQLException;
    }

    private static void run(Step step) throws XAException {
        try {
            step.run();
        } catch (SQLException e) {
            XAException failure = new XAException(e.getMessage());
            failure.errorCode = code(e);
            failure.initCause(e);
            throw failure;
        }
    }

    /** A transaction manager goes by it: a branch that is gone is to be rolled back, a connection that is gone is not to blame. */
    private static int code(SQLException e) {
        if (!(e instanceof EngineException known) || known.isTransactionAlive()) {
            return XAException.XAER_RMERR;
        }
        return switch (known.error()) {
            case SESSION_ABORTED -> XAException.XAER_RMFAIL;
            case CANCELLED -> XAException.XA_RBROLLBACK;
            default -> XAException.XA_RBDEADLOCK;
        };
    }

    /** A branch as it was found in the database after a crash. */
    private record Branch(int getFormatId, String qualifier, String global) implements Xid {
        static Branch named(String name) {
            String[] parts = name.split("_", -1);
            return new Branch(Integer.parseUnsignedInt(parts[0], 16), parts[1], parts[2]);
        }

        @Override
        public byte[] getBranchQualifier() {
            return HexFormat.of().parseHex(qualifier);
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return HexFormat.of().parseHex(global);
        }
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
