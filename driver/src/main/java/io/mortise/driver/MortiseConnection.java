package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingConnection;
import io.mortise.driver.forwarding.Unwrapping;
import io.mortise.driver.url.ConnectionUrl;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Setting;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.sql.XAConnection;
import org.jspecify.annotations.Nullable;

/**
 * A connection: one client's hold on a session. It may be used by many threads one after another; what another thread
 * has in flight keeps statements out, and nothing else for long. Thread-safe.
 */
public final class MortiseConnection extends ForwardingConnection implements Connection {
    private final ConnectionUrl url;
    private final Abandonment abandonment;
    private final SessionLink link;
    private volatile ClientWords clientInfo;
    private @Nullable SQLWarning warnings; // by synchronized (url)

    MortiseConnection(Attachment attachment, ConnectionUrl url) {
        super(attachment.connection());
        this.url = url;
        this.link = new SessionLink(this, attachment, url.request(), this::moved);
        this.clientInfo = new ClientWords(attachment.state());
        this.abandonment = Abandonment.watch(this, attachment);
    }

    private void moved(Attachment next) {
        delegate = next.connection();
        clientInfo = new ClientWords(next.state());
        abandonment.follow(next);
    }

    SessionLink link() {
        return link;
    }

    private Attachment attachment() {
        return link.attachment();
    }

    /** As {@code getMetaData().getURL()} has it. */
    String url() {
        return url.canonical();
    }

    @Override
    protected SQLException failed(SQLException e) {
        return SqlExceptions.translate(e, attachment());
    }

    // Statements: making a plain one asks nothing of the session, preparing one does.

    private Statement create(SessionLink.Maker maker) throws SQLException {
        link.current();
        return new MortiseStatement(link, link.make(maker), maker);
    }

    @Override
    public Statement createStatement() throws SQLException {
        return create(Connection::createStatement);
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency) throws SQLException {
        return create(below -> below.createStatement(resultSetType, resultSetConcurrency));
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency, int resultSetHoldability)
            throws SQLException {
        return create(below -> below.createStatement(resultSetType, resultSetConcurrency, resultSetHoldability));
    }

    /** One way of preparing. */
    private interface Preparation<S> {
        S prepare() throws SQLException;
    }

    /** One way of preparing a text, in the words that storage has for it. */
    private interface PreparationOf<S> {
        S prepare(String text) throws SQLException;
    }

    /** A call that changes the session; a pool must drop the connection if it cannot be made. */
    private interface Change {
        void make() throws SQLException;
    }

    private void orGiveUp(String call, Change change) throws SQLException {
        Attachment entered = link.current();
        entered.enterOrGiveUp(call);
        try {
            change.make();
        } finally {
            entered.exit();
        }
    }

    private <S> S briefly(String call, Preparation<S> preparation) throws SQLException {
        Attachment entered = link.current();
        entered.enterBriefly(call);
        try {
            return preparation.prepare();
        } finally {
            entered.exit();
        }
    }

    /** Preparing the client's text; what storage says of it is in the client's words. */
    private <S> Preparation<S> of(String sql, PreparationOf<S> preparation) throws SQLException {
        String text = link.read(sql);
        return () -> {
            try {
                return preparation.prepare(text);
            } catch (SQLException e) {
                throw attachment().inWordsOf(sql, e);
            }
        };
    }

    private PreparedStatement prepared(String sql, PreparationOf<PreparedStatement> preparation) throws SQLException {
        return new MortisePreparedStatement(link, briefly(sql, of(sql, preparation)), sql);
    }

    private CallableStatement callable(String sql, PreparationOf<CallableStatement> preparation) throws SQLException {
        return new MortiseCallableStatement(link, briefly(sql, of(sql, preparation)), sql);
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return prepared(sql, text -> super.prepareStatement(text));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return prepared(sql, text -> super.prepareStatement(text, autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return prepared(sql, text -> super.prepareStatement(text, columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return prepared(sql, text -> super.prepareStatement(text, columnNames));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int resultSetType, int resultSetConcurrency)
            throws SQLException {
        return prepared(sql, text -> super.prepareStatement(text, resultSetType, resultSetConcurrency));
    }

    @Override
    public PreparedStatement prepareStatement(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return prepared(
                sql, text -> super.prepareStatement(text, resultSetType, resultSetConcurrency, resultSetHoldability));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return callable(sql, text -> super.prepareCall(text));
    }

    @Override
    public CallableStatement prepareCall(String sql, int resultSetType, int resultSetConcurrency) throws SQLException {
        return callable(sql, text -> super.prepareCall(text, resultSetType, resultSetConcurrency));
    }

    @Override
    public CallableStatement prepareCall(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return callable(
                sql, text -> super.prepareCall(text, resultSetType, resultSetConcurrency, resultSetHoldability));
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        return new MortiseMetaData(this, link, url(), super.getMetaData());
    }

    // The transaction. A commit that is refused can be tried again; after a roll-back or a setter that is refused the
    // connection is not what its user believes, and it must be dropped.

    @Override
    public void commit() throws SQLException {
        Attachment entered = link.current();
        entered.enterBriefly("COMMIT");
        try {
            super.commit();
            entered.checkAcknowledged();
        } finally {
            entered.exit();
        }
    }

    @Override
    public void rollback() throws SQLException {
        rollback(Attachment::wordOnRollback);
    }

    /** What the user of a pooled handle, now closed, has left. */
    void rollBackLeft() throws SQLException {
        rollback(Attachment::wordOnClose);
    }

    private void rollback(Function<Attachment, Runnable> looking) throws SQLException {
        boolean isDone = isInNextSession();
        Attachment entered = link.current();
        if (isDone) {
            return;
        }
        entered.enterForRollback("ROLLBACK");
        Runnable word;
        try {
            word = looking.apply(entered);
            super.rollback();
        } finally {
            entered.exit();
        }
        word.run();
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return briefly("SAVEPOINT", super::setSavepoint);
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return briefly("SAVEPOINT", () -> super.setSavepoint(name));
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        Attachment entered = link.current();
        entered.enterBriefly("ROLLBACK TO SAVEPOINT");
        try {
            super.rollback(savepoint);
        } finally {
            entered.exit();
        }
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        Attachment entered = link.current();
        entered.enterBriefly("RELEASE SAVEPOINT");
        try {
            entered.askWhetherLost();
            super.releaseSavepoint(savepoint);
        } finally {
            entered.exit();
        }
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        orGiveUp("SET AUTOCOMMIT", () -> {
            attachment().askWhetherLost();
            super.setAutoCommit(autoCommit);
            attachment().checkAcknowledged(); // It commits.
        });
    }

    /** Answers at once, also while another thread commits, which H2 does under a mutex that its own answer needs. */
    @Override
    public boolean getAutoCommit() throws SQLException {
        if (isInNextSession()) {
            return true;
        }
        return attachment().isBusyElsewhere() ? attachment().isAutoCommit() : super.getAutoCommit();
    }

    /** Has CLOSE_SESSION rolled everything back, so that whatever is next begins in a new session, in autocommit? */
    private boolean isInNextSession() {
        return attachment().isDropped() && !isClosed();
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        orGiveUp("SET TRANSACTION ISOLATION LEVEL", () -> super.setTransactionIsolation(level));
    }

    @Override
    public void setSchema(String schema) throws SQLException {
        orGiveUp("SET SCHEMA", () -> super.setSchema(schema));
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        orGiveUp("SET READ ONLY", () -> {
            super.setReadOnly(readOnly);
            try {
                attachment().setReadOnly(readOnly);
            } catch (SQLException e) {
                throw failed(e);
            }
        });
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        checkOpen();
        return attachment().isReadOnly() || attachment().isDatabaseReadOnly();
    }

    @Override
    public String getCatalog() throws SQLException {
        checkOpen();
        return attachment().catalog();
    }

    /** Throws what H2 throws if the connection is closed. */
    private void checkOpen() throws SQLException {
        super.getHoldability();
    }

    // Its end.

    /** True while it can be used: also while something is in flight, and without running SQL to find out. */
    @Override
    public boolean isValid(int timeout) throws SQLException {
        if (timeout < 0) {
            throw EngineError.INVALID_VALUE.exception(
                    "The timeout of isValid is " + timeout + " s. It is 0, for no limit, or more.");
        }
        return !isClosed() && (attachment().isBusyElsewhere() || super.isValid(timeout));
    }

    @Override
    public boolean isClosed() {
        return attachment().isClosed();
    }

    @Override
    public void close() throws SQLException {
        try {
            Runnable word = attachment().wordOnClose();
            attachment().close();
            word.run();
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            abandonment.closed();
        }
    }

    @Override
    public void abort(@Nullable Executor executor) throws SQLException {
        if (executor == null) {
            throw EngineError.INVALID_VALUE.exception("The executor of abort is null. Nothing was aborted.");
        }
        try {
            attachment().abort(executor);
        } finally {
            abandonment.closed();
        }
    }

    @Override
    public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
        checkOpen();
        if (milliseconds < 0) {
            throw EngineError.INVALID_VALUE.exception(
                    "The network timeout is " + milliseconds + " ms. It is 0, for no limit, or more.");
        }
        attachment().state().set(Setting.NETWORK_TIMEOUT, milliseconds);
    }

    @Override
    public int getNetworkTimeout() throws SQLException {
        checkOpen();
        return attachment().state().networkTimeout();
    }

    /** Only remembers where the request began: the session is the connection's own, and needs no preparation. */
    @Override
    public void beginRequest() throws SQLException {
        checkOpen();
        attachment().borrowed();
    }

    @Override
    public void endRequest() throws SQLException {
        checkOpen();
    }

    // What the client says, and what it is told.

    @Override
    public void setClientInfo(String name, @Nullable String value) throws SQLClientInfoException {
        if (isClosed()) {
            throw new SQLClientInfoException("The object is already closed", "90007", 90007, Map.of());
        }
        if (!clientInfo.set(name, value)) {
            super.setClientInfo(name, value);
        }
    }

    @Override
    public void setClientInfo(@Nullable Properties properties) throws SQLClientInfoException {
        Properties notOurs = new Properties();
        if (properties != null) {
            for (String name : properties.stringPropertyNames()) {
                if (ClientWords.nameOf(name).isEmpty()) {
                    notOurs.setProperty(name, properties.getProperty(name));
                }
            }
        }
        super.setClientInfo(notOurs);
        clientInfo.clear();
        if (properties != null) {
            properties.stringPropertyNames().forEach(name -> clientInfo.set(name, properties.getProperty(name)));
        }
    }

    @Override
    public @Nullable String getClientInfo(String name) throws SQLException {
        Optional<String> ours = name == null ? Optional.empty() : ClientWords.nameOf(name);
        checkOpen();
        return ours.isPresent() ? clientInfo.get(ours.get()) : super.getClientInfo(name);
    }

    @Override
    public Properties getClientInfo() throws SQLException {
        Properties properties = super.getClientInfo();
        clientInfo.addTo(properties);
        return properties;
    }

    void warn(SQLWarning warning) {
        synchronized (url) {
            if (warnings == null) {
                warnings = warning;
            } else {
                warnings.setNextWarning(warning);
            }
        }
    }

    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        checkOpen();
        synchronized (url) {
            return warnings;
        }
    }

    @Override
    public void clearWarnings() throws SQLException {
        checkOpen();
        synchronized (url) {
            warnings = null;
        }
    }

    // JDBC 4.5 has these on Connection. They are here for whoever is compiled against it already.

    /** {@code 'It''s'}: the value as a literal. */
    public String enquoteLiteral(String value) throws SQLException {
        try (Statement statement = createStatement()) {
            return statement.enquoteLiteral(value);
        }
    }

    /** {@code N'It''s'}: the value as a literal of national characters. */
    public String enquoteNCharLiteral(String value) throws SQLException {
        try (Statement statement = createStatement()) {
            return statement.enquoteNCharLiteral(value);
        }
    }

    /** The identifier, in quotes if it needs them or if they are asked for. */
    public String enquoteIdentifier(String identifier, boolean alwaysDelimit) throws SQLException {
        try (Statement statement = createStatement()) {
            return statement.enquoteIdentifier(identifier, alwaysDelimit);
        }
    }

    /** Can the identifier be used without quotes? */
    public boolean isSimpleIdentifier(String identifier) throws SQLException {
        try (Statement statement = createStatement()) {
            return statement.isSimpleIdentifier(identifier);
        }
    }

    /**
     * {@inheritDoc} Besides what it is itself, a connection gives its {@code Session}, {@code LockManager},
     * {@code TargetNames}, {@code LockSnapshot.Rest} and {@code LockOwner}, over a server {@code LockSnapshot.Source};
     * an {@link XAConnection} over itself; and H2's own connection.
     */
    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type == XAConnection.class) {
            return type.cast(new MortiseXaConnection(this));
        }
        Optional<T> part = type == null || type.isInstance(this)
                ? Optional.empty()
                : attachment().session().part(type);
        if (part.isPresent()) {
            return part.get();
        }
        T unwrapped = Unwrapping.unwrap(this, delegate, type);
        if (unwrapped != this) {
            abandonment.cancel(); // Whoever has H2's own connection may well let go of this one.
        }
        return unwrapped;
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return type == XAConnection.class
                || (type != null && attachment().session().part(type).isPresent())
                || Unwrapping.isWrapperFor(this, delegate, type);
    }

    @Override
    public String toString() {
        return url() + " session " + attachment().session().id();
    }
}
