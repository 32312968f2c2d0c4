package io.mortise.postgres.session;

import io.mortise.engine.backend.DistantSession;
import io.mortise.engine.backend.ListedSession;
import io.mortise.engine.command.Script;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.postgres.connection.Connections;
import io.mortise.postgres.connection.Kept;
import io.mortise.postgres.connection.Tellings;
import io.mortise.postgres.session.Arrival.Server;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** A session on a server, by a connection of pgjdbc's. Thread-safe as its interfaces say. */
public final class PostgresSession extends DistantSession implements ListedSession {
    private final PostgresDatabase database;
    private final BaseConnection below;
    private final Connection shown;
    private final Server server;
    private final Instant loginTime = Instant.now();
    private final Tellings tellings;
    private final Course course;
    private final Readings readings;
    private volatile long lockTimeout;
    private volatile OptionalLong ownWait = OptionalLong.empty();

    PostgresSession(PostgresDatabase database, Connection connection, Server server) throws SQLException {
        super(database.locks(), database.locks().register(server.pid(), server.user()), database.journal()::kept);
        this.database = database;
        this.below = connection.unwrap(BaseConnection.class);
        this.server = server;
        this.tellings = new Tellings(below);
        this.course = new Course(database, below, owner());
        this.shown = Connections.watched(connection, course, new Commanding(this));
        this.readings = new Readings(this, server);
    }

    PostgresDatabase database() {
        return database;
    }

    @Override
    public Connection connection() {
        return shown;
    }

    @Override
    public boolean isOpen() {
        return course.isOpen();
    }

    @Override
    public boolean isSystem() {
        return false;
    }

    @Override
    public boolean isAutoCommit() {
        return course.isAutoCommit();
    }

    @Override
    public String isolation() {
        return tellings.isolation();
    }

    @Override
    public Instant loginTime() {
        return loginTime;
    }

    @Override
    public String clientInfo() {
        return tellings.applicationName();
    }

    @Override
    public String catalog() {
        return server.database();
    }

    @Override
    public boolean isDatabaseReadOnly() {
        return server.isStandby();
    }

    @Override
    public void apply(Settings settings) throws SQLException {
        Kept.check(settings);
        settings.get(Setting.LOCK_TIMEOUT).ifPresent(this::setLockTimeout);
        setQueryTimeout(settings.get(Setting.QUERY_TIMEOUT));
        if (settings.get(Setting.READ_ONLY)) {
            setReadOnly(true);
        }
        tellings.tell();
    }

    @Override
    public Optional<String> caveat() {
        return server.caveat();
    }

    @Override
    public void setApplicationName(String name) {
        tellings.setApplicationName(name);
    }

    @Override
    public void setReadOnly(boolean refuseWrites) throws SQLException {
        below.setReadOnly(refuseWrites);
        super.setReadOnly(refuseWrites);
    }

    /** {@inheritDoc} Nothing waits as short as not at all: 0 is a millisecond. Negative is what the server says. */
    @Override
    public void setLockTimeout(long millis) {
        lockTimeout = Math.max(0, millis);
        tellings.setLockTimeout(millis);
    }

    @Override
    public void setShowingValues(boolean isShowing) {
        // Refused as a setting.
    }

    /** A result comes in portions outside autocommit, if a number of rows was asked for. */
    @Override
    public boolean isStreaming(ResultSet result) {
        try {
            return result.getFetchSize() > 0
                    && result.getType() == ResultSet.TYPE_FORWARD_ONLY
                    && below.getTransactionState() == TransactionState.OPEN
                    && result.isBeforeFirst();
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public Script read(String sql) throws SQLException {
        return readings.read(sql);
    }

    @Override
    public StatementRecord describe(String sql, String queryId) {
        StatementRecord record = super.describe(sql, queryId);
        readings.expect(record.id(), sql);
        return record;
    }

    // What runs, and how it ends.

    @Override
    public void announce(StatementRecord statement) {
        ownWait = OptionalLong.empty();
        course.announce(statement);
    }

    @Override
    public void runBy(Statement statement) throws SQLException {
        Optional<SQLException> loss = loss();
        if (loss.isPresent()) {
            throw loss.get();
        }
        tellings.tell();
        readings.supply(course.announced());
        course.runBy(statement, queryTimeout());
    }

    @Override
    public void departed() {
        course.departed();
    }

    @Override
    public void end(WaitEnding reason) {
        course.end(reason);
    }

    @Override
    public boolean end(long statement, WaitEnding reason) {
        return course.end(statement, reason);
    }

    @Override
    public void endIdle(long idleSince, WaitEnding reason) {
        course.rollBackIdle(idleSince, reason);
    }

    @Override
    public Optional<WaitEnding> told() {
        return course.told();
    }

    @Override
    public Optional<SQLException> loss() {
        return course.lost().map(why -> Errors.ofEnding(why, true));
    }

    @Override
    public Optional<WaitEnding> ending() {
        return course.ending();
    }

    @Override
    public void unlockSystem() {
        // LOCK SYSTEM is refused.
    }

    // What is known here of locks, and what errors mean.

    @Override
    public Optional<LockSnapshot.Source> locksOfServer() {
        return Optional.of(() -> Shown.by(this).seen());
    }

    @Override
    public TargetNames targetNames() {
        return database.names();
    }

    @Override
    public SQLException inWordsOf(String clients, SQLException error) {
        return error;
    }

    @Override
    public SQLException translate(SQLException fromBelow) {
        SQLException translated = new Errors(this).translate(fromBelow);
        course.failed(translated);
        return translated;
    }

    Reports reports() {
        return new Reports(this);
    }

    /** As it was set here, in milliseconds; 0 where the server's own setting counts. */
    long lockTimeout() {
        return ownWait.orElse(lockTimeout);
    }

    /** The statement that runs waits so long, and not as long as the session does. */
    void waitsFor(OptionalLong millis) {
        ownWait = millis;
    }

    boolean mayEndAll() {
        return server.mayEndAll();
    }

    boolean seesAll() {
        return server.seesAll();
    }

    BaseConnection below() {
        return below;
    }

    Course course() {
        return course;
    }
}
