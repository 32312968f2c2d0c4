package io.mortise.engine.storage.remote;

import io.mortise.engine.backend.DistantSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.journal.Journal;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.setting.Keeper;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.storage.h2.ErrorTranslation;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.WireErrors;
import io.mortise.engine.text.Cut;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.EngineThread;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.h2.engine.SessionRemote;
import org.h2.jdbc.JdbcResultSet;
import org.h2.result.ResultRemote;
import org.jspecify.annotations.Nullable;

/**
 * A session of a database that is open in another process, which has its locks. What must not be waited for (settings,
 * the client's name) is told to it just before the next statement. Thread-safe as its interface says.
 */
public final class RemoteSession extends DistantSession {
    private static final System.Logger LOG = System.getLogger(RemoteSession.class.getName());
    private static final long FAREWELL_MILLIS = 500; // to hear of a cancel, before the connection is cut off

    private final Connection connection;
    private final SessionRemote h2;
    private final Peer peer;
    private final PeerSettings settings;

    private volatile @Nullable Statement running;
    private volatile Optional<WaitEnding> ending = Optional.empty();
    private volatile boolean isInside;

    private RemoteSession(Connection connection, SessionRemote h2, Peer peer, LockManager locks) {
        super(locks, locks.register(peer.session(), new UserName(peer.user())), text -> Cut.of(text, Journal.TEXT));
        this.connection = connection;
        this.h2 = h2;
        this.peer = peer;
        this.settings = new PeerSettings(connection, peer);
    }

    /** @param connection over {@code h2} */
    public static RemoteSession over(Connection connection, SessionRemote h2) throws SQLException {
        return new RemoteSession(connection, h2, Peer.behind(connection), new LockManager(System::nanoTime));
    }

    @Override
    public Optional<String> caveat() {
        return peer.hasEngine()
                ? Optional.empty()
                : Optional.of("The database is open in another process by plain H2: there is no lock engine in it, and"
                        + " the tables of SYS and SYSTEM are missing. Everything else works as it does in H2.");
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public boolean isOpen() {
        return !h2.isClosed() && ending.filter(WaitEnding::isForGood).isEmpty();
    }

    @Override
    public boolean isAutoCommit() {
        return h2.getAutoCommit();
    }

    @Override
    public String catalog() {
        return peer.catalog();
    }

    @Override
    public boolean isDatabaseReadOnly() {
        return peer.isReadOnly();
    }

    @Override
    public void apply(Settings asked) throws SQLException {
        for (Setting<?> setting : asked.names()) {
            if (isKeptNowhere(setting)) {
                throw EngineError.INVALID_URL.exception(setting + "=" + asked.text(setting)
                        + ", but the database is open in another process, where one connection is one session and such"
                        + " limits are not kept. No connection was made. Leave " + setting + " out.");
            }
            if (setting.keeper() == Keeper.STORAGE || setting == Setting.APPLICATION_NAME) {
                settings.want(setting, asked.text(setting));
            }
        }
        super.setQueryTimeout(asked.get(Setting.QUERY_TIMEOUT));
        super.setReadOnly(asked.get(Setting.READ_ONLY));
        String schema = asked.get(Setting.CURRENT_SCHEMA);
        if (!schema.isEmpty()) {
            connection.setSchema(schema);
        }
        checkPolicy(asked);
        settings.tell();
    }

    private static boolean isKeptNowhere(Setting<?> setting) {
        return setting == Setting.SESSION_ID || setting == Setting.SESSION_CHECK || setting.keeper() == Keeper.SESSION;
    }

    private void checkPolicy(Settings asked) throws SQLException {
        String wanted = asked.given(Setting.LOCK_POLICY).map(PolicyName::text).orElse(peer.policy());
        if (peer.hasEngine() && !wanted.equals(peer.policy())) {
            throw EngineError.INVALID_URL.exception(
                    "LOCK_POLICY=" + wanted + ", but the database is open with LOCK_POLICY=" + peer.policy()
                            + ". No connection was made. Leave LOCK_POLICY out, or close the other connections first.");
        }
    }

    @Override
    public void setLockTimeout(long millis) {
        settings.want(Setting.LOCK_TIMEOUT, String.valueOf(millis));
    }

    @Override
    public void setShowingValues(boolean isShowing) {
        settings.want(Setting.BIND_VALUES, String.valueOf(isShowing));
    }

    @Override
    public void endIdle(long idleSince, WaitEnding reason) {} // such limits are kept by the other process

    @Override
    public void setApplicationName(String name) {
        settings.want(Setting.APPLICATION_NAME, name);
    }

    @Override
    public void setReadOnly(boolean isReadOnly) throws SQLException {
        super.setReadOnly(isReadOnly);
        settings.want(Setting.READ_ONLY, Boolean.toString(isReadOnly));
        settings.tell();
    }

    @Override
    public void setQueryTimeout(int millis) {
        super.setQueryTimeout(millis);
        settings.want(Setting.QUERY_TIMEOUT, Integer.toString(millis));
    }

    /** H2 fetches so many rows at a time, and has the first of them when the execution returns. */
    @Override
    public boolean isStreaming(ResultSet result) {
        return result instanceof JdbcResultSet h2Result
                && h2Result.getResult() instanceof ResultRemote remote
                && (remote.isLazy() || remote.getRowCount() > remote.getFetchSize());
    }

    @Override
    public void announce(StatementRecord statement) {
        ending = ending.filter(WaitEnding::isForGood);
        isInside = true;
    }

    @Override
    public void runBy(Statement statement) throws SQLException {
        settings.tell();
        running = statement;
    }

    /** {@inheritDoc} Later than the alarm of a call would hang up, which says why. */
    @Override
    public void setNetworkTimeout(int millis) {
        Silence.limit(h2, millis == 0 ? 0 : millis + 2 * FAREWELL_MILLIS);
    }

    /** {@inheritDoc} H2 tells its server of a cancel by a connection of its own. */
    @Override
    public void end(WaitEnding reason) {
        ending = Optional.of(reason);
        // A peer that does not answer must not hold the caller up, nor the thread that waits for it.
        switch (reason.end()) {
            case SESSION_CLOSED ->
                CompletableFuture.runAsync(this::cancel, RemoteSession::onItsOwnThread)
                        .completeOnTimeout(null, FAREWELL_MILLIS, TimeUnit.MILLISECONDS)
                        .thenRun(() -> H2Reflection.cutOff(h2));
            case CONNECTION_CLOSED -> onItsOwnThread(this::cancel);
            case TIMEOUT, DEADLOCK_VICTIM, CANCELLED, QUERY_TIMEOUT, KILLED, ABORTED, INTERRUPTED, GAVE_WAY, SHUTDOWN ->
                cancel();
        }
    }

    @Override
    public boolean end(long statement, WaitEnding reason) {
        end(reason);
        return true;
    }

    @Override
    public Optional<WaitEnding> told() {
        return isInside ? ending : Optional.empty();
    }

    @Override
    public Optional<SQLException> askedLoss() {
        return isAutoCommit() ? Optional.empty() : peer.refusal(connection).map(this::translate);
    }

    @Override
    public void departed() {
        isInside = false;
    }

    private static void onItsOwnThread(Runnable action) {
        EngineThread.run("mortise-farewell", action);
    }

    private void cancel() {
        Statement statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                LOG.log(System.Logger.Level.DEBUG, "cancelling in session " + id(), e);
            }
        }
    }

    @Override
    public Optional<WaitEnding> ending() {
        return ending;
    }

    @Override
    public void unlockSystem() throws SQLException {
        if (peer.hasEngine()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CALL SYS.UNLOCK_SYSTEM()");
            }
        }
    }

    @Override
    public TargetNames targetNames() {
        return RemoteSession::number;
    }

    private static TargetNames.Name number(LockTarget target) {
        int table = target instanceof LockTarget.Table known ? known.id() : 0;
        return new TargetNames.Name("", "", table, "", TargetNames.Name.NO_ROW);
    }

    @Override
    public SQLException inWordsOf(String clients, SQLException error) {
        return ErrorTranslation.of(clients, error);
    }

    @Override
    public SQLException translate(SQLException fromBelow) {
        return WireErrors.translate(fromBelow);
    }
}
