package io.mortise.engine.session;

import com.google.errorprone.annotations.CheckReturnValue;
import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.backend.LeftConnection;
import io.mortise.engine.backend.Unanswered;
import io.mortise.engine.backend.Uncommitted;
import io.mortise.engine.command.Script;
import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.Handed;
import io.mortise.engine.session.gate.InFlightGate;
import io.mortise.engine.session.gate.Parking;
import io.mortise.engine.session.gate.Stream;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.thread.Alarm;
import io.mortise.engine.thread.EngineThread;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection's hold on a session, through which the driver enters and leaves it. Thread-safe.
 *
 * <p>Every {@code enter…} that returns normally is followed by one {@link #exit} on the same thread.
 */
public final class Attachment implements Session.Client {
    private static final System.Logger LOG = System.getLogger(Attachment.class.getName());
    private static final AtomicLong NOTHING = new AtomicLong();

    private final Home home;
    private final Session session;
    private final ClientSession storage;
    private final InFlightGate gate;
    private final Entrance entrance;
    private final ConnectionState state;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Of the statement in flight; its thread's own. */
    private @Nullable Future<?> alarm;

    /** In which statement it was found that the line to another process is lost; 0 before. That thread's own, too. */
    private long lostWith;

    /** Where the statement that began last has its number. */
    private final Handed<AtomicLong> own = new Handed<>(NOTHING);

    Attachment(Home home, Session session, Settings settings) {
        this.home = home;
        this.session = session;
        this.storage = session.storage();
        this.gate = session.gate();
        this.entrance = new Entrance(session, home.parking(), home.transactionOfThisThread());
        this.state = new ConnectionState(settings, storage::setApplicationName, storage::setNetworkTimeout);
        borrowed();
    }

    /**
     * What a connection needs of the others in its database. Immutable.
     *
     * @param callSite where the calling thread stands in the application's code
     * @param transactionOfThisThread another session in whose open transaction the calling thread was last
     */
    record Home(
            Parking parking,
            Supplier<Optional<String>> callSite,
            Function<Session, Optional<Session>> transactionOfThisThread,
            QueryIds queryIds,
            Exit exit) {}

    /** Refuses an id that a running statement has. */
    interface QueryIds {
        void checkNotRunning(String queryId) throws SQLException;
    }

    /** Sees a connection off, and its session with it if it was the last. */
    interface Exit {
        void leave(Session session, Attachment attachment) throws SQLException;
    }

    /** The caller has the connection from now on: remembers where that is, if it was told to. */
    public void borrowed() {
        state.borrowed(home.callSite());
    }

    public Session session() {
        return session;
    }

    /** H2's own connection, to hand statements on to. */
    public Connection connection() {
        return storage.connection();
    }

    /**
     * Reads a text of the client's. Runs nothing.
     *
     * @throws SQLException if it begins like a command of ours and does not go on like one
     */
    public Script read(String sql) throws SQLException {
        return storage.read(sql);
    }

    /** The same error, with the client's text where it shows what storage was given instead. */
    public SQLException inWordsOf(String sql, SQLException error) {
        return storage.inWordsOf(sql, error);
    }

    /** Lets others in, if this session has locked the system. */
    public void unlockSystem() throws SQLException {
        storage.unlockSystem();
    }

    /** What a client should know of its session before it uses it; empty if all is as it should be. */
    public Optional<String> caveat() {
        return storage.caveat();
    }

    /** What the client has said about itself. */
    @Override
    public ConnectionState state() {
        return state;
    }

    /**
     * Enters with a statement, by {@code SESSION_BUSY}. A thread that is inside comes in again.
     *
     * @param number is set, before there is anything to wait for, to the statement's number for {@link #cancel}
     * @return false if {@code CLOSE_SESSION} has ended the session, maybe while this stood in line: it has not entered
     * @throws SessionIsLockedException while another is in flight
     */
    @CheckReturnValue
    public boolean enter(String sql, AtomicLong number) throws SQLException {
        if (gate.isInside()) {
            gate.reenter();
            return true;
        }
        checkOpen();
        StatementRecord statement = describe(sql);
        number.setRelease(statement.id());
        own.set(number);
        entrance.enter(statement, state.busy());
        if (session.isDropped()) {
            exit();
            return false;
        }
        if (closed.get()) { // Meanwhile, and whoever closed it may have found nothing to end yet.
            exit();
            throw alreadyClosed();
        }
        session.dropWarnings(); // Of a call that has no statement to show them.
        startAlarm(statement.id());
        return true;
    }

    /** Has CLOSE_SESSION ended the session? Not yet for what runs inside the statement that called it. */
    public boolean isDropped() {
        return session.isDropped() && !gate.isInside();
    }

    /** Is the connection open, and the transaction there that its user counts on? */
    private void checkUsable() throws SQLException {
        checkOpen();
        checkNotLost();
    }

    private void checkOpen() throws SQLException {
        if (closed.get()) {
            throw alreadyClosed();
        }
    }

    /** Throws if the transaction is gone that the client counts on. */
    public void checkNotLost() throws SQLException {
        throwAny(storage.loss());
    }

    /** The same for what the session's own process would do all the same. The calling thread is inside. */
    public void askWhetherLost() throws SQLException {
        throwAny(storage.askedLoss());
    }

    /**
     * Throws if the session was closed from below as what has succeeded came to its end. The calling thread is inside.
     */
    public void checkAcknowledged() throws SQLException {
        if (!closed.get() && !session.isDropped()) {
            throwAny(storage.closedMeanwhile());
        }
    }

    private static void throwAny(Optional<SQLException> error) throws SQLException {
        if (error.isPresent()) {
            throw error.get();
        }
    }

    private static SQLException alreadyClosed() {
        return new SQLNonTransientException("The object is already closed", "90007", 90007);
    }

    @Override
    public boolean runs(long statement) {
        AtomicLong number = own.get();
        return number != NOTHING && number.get() == statement;
    }

    /** Goes on for another connection's user, whose session has been dropped, with all that was set there. */
    public void follow(Attachment before) throws SQLException {
        state.follow(before.state);
        setReadOnly(before.isReadOnly());
    }

    @Override
    public void endOwn(WaitEnd reason) {
        AtomicLong number = own.get();
        if (number != NOTHING) {
            session.end(number.get(), WaitEnding.of(reason));
        }
    }

    /** The calling thread has just entered. If nobody can watch the clock (no more threads), it is out again. */
    private void startAlarm(long statement) {
        int millis = state.networkTimeout();
        if (millis == 0) {
            return;
        }
        try {
            WaitEnding passed =
                    new WaitEnding(WaitEnd.SESSION_CLOSED, 0, "its network timeout of " + millis + " ms has passed");
            alarm = Alarm.in(millis, () -> session.end(statement, passed));
        } catch (Throwable e) {
            exit();
            throw e;
        }
    }

    private StatementRecord describe(String sql) throws SQLException {
        String queryId = state.takeQueryId();
        if (!queryId.isEmpty()) {
            home.queryIds().checkNotRunning(queryId);
        }
        return storage.describe(sql, queryId);
    }

    /**
     * Enters with something that is not a statement, and waits {@code SESSION_BUSY_GRACE} for it. Nothing is lost if it
     * cannot: it may be tried again.
     */
    public void enterBriefly(String call) throws SQLException {
        if (!gate.isInside()) {
            checkUsable();
        }
        if (!tryEnterBriefly(call)) {
            throw entrance.refused(entrance.inFlightOr(call), call);
        }
        checkInside();
    }

    /** The same for what leaves the connection in a state its user does not expect, if it cannot be done. */
    public void enterOrGiveUp(String call) throws SQLException {
        if (!gate.isInside()) {
            checkUsable();
        }
        enterForRollback(call);
        checkInside();
    }

    /** The same for the one call that a transaction takes which is gone: its client lets go of it. */
    public void enterForRollback(String call) throws SQLException {
        checkOpen();
        if (!tryEnterBriefly(call)) {
            throw entrance.stayedBusy(call, state.busy());
        }
    }

    /** What to tell the log once a roll-back is done: it may be a pool's, whose client has not committed. */
    public Runnable wordOnRollback() {
        return Uncommitted.rolledBack(storage);
    }

    /** The same where the connection is closed. */
    public Runnable wordOnClose() {
        return session.isNamed() ? () -> {} : Uncommitted.closed(storage);
    }

    /** What was inside before may have lost the transaction. */
    private void checkInside() throws SQLException {
        try {
            checkNotLost();
        } catch (SQLException e) {
            exit();
            throw e;
        }
    }

    private boolean tryEnterBriefly(String call) throws SQLException {
        if (gate.isInside()) {
            gate.reenter();
            return true;
        }
        StatementRecord described = storage.describe(call, "");
        if (!entrance.tryEnterBriefly(described, state.busy())) {
            return false;
        }
        startAlarm(described.id());
        return true;
    }

    public void exit() {
        if (gate.isNested()) {
            gate.exit();
            return;
        }
        Future<?> running = alarm;
        if (running != null) {
            alarm = null;
            running.cancel(false);
        }
        try {
            storage.departed();
        } finally {
            gate.exit();
        }
    }

    /** Does something run in the session on another thread? */
    public boolean isBusyElsewhere() {
        return !gate.isInside() && !gate.isStreaming() && gate.inFlight().isPresent();
    }

    /**
     * Runs something as soon as nothing else runs in the session: at once if it is free, else on the thread that is
     * inside, when that leaves. It must not throw.
     */
    public void whenFree(Runnable action) {
        gate.whenFree(action);
    }

    /**
     * Gives the statements that begin from now on so long, 0 for ever. The calling thread is inside.
     *
     * @return what it was before, for {@link #unlimit}
     */
    public int limit(int millis) {
        int before = storage.queryTimeout();
        storage.setQueryTimeout(millis);
        return before;
    }

    /** Takes a limit back, unless the statement itself has set another. The calling thread is inside. */
    public void unlimit(int millis, int before) {
        if (storage.queryTimeout() == millis) {
            storage.setQueryTimeout(before);
        }
    }

    public int queryTimeoutMillis() {
        return storage.queryTimeout();
    }

    /** Ends this statement, if it is in flight or in line; no other is hit. Never waits for the session. */
    public void cancel(long statement) {
        session.end(statement, WaitEnding.of(WaitEnd.CANCELLED));
    }

    /** The statement that has entered runs by this H2 object. */
    public void runBy(Statement below) throws SQLException {
        storage.runBy(below);
    }

    /** What has entered is a batch: a prepared one, or 0 for one of several texts. The calling thread is inside. */
    public void startBatch(long statement) {
        storage.owner().occupation().announceBatch(statement);
    }

    /** What H2 has thrown, as the engine says it. */
    public SQLException translate(SQLException fromBelow) {
        return storage.translate(fromBelow);
    }

    /**
     * The line to another process is lost. May what is on its way have been committed there? What comes after it was
     * never sent.
     */
    public boolean mayStandElsewhere() {
        Optional<StatementRecord> sent = session.isElsewhere() ? gate.inFlight() : Optional.empty();
        if (lostWith == 0) {
            lostWith = sent.map(StatementRecord::id).orElse(0L);
        }
        String sql = sent.filter(one -> one.id() == lostWith)
                .map(StatementRecord::sql)
                .orElse("");
        return Unanswered.commits(sql) || Unanswered.changes(sql) && storage.isAutoCommit();
    }

    /** Are rows of this H2 result still being produced while it is read? */
    public boolean isStreaming(ResultSet result) {
        return storage.isStreaming(result);
    }

    /** The statement inside stays in flight until the stream is closed. The calling thread is inside. */
    public Stream openStream() {
        Stream opened = gate.openStream();
        storage.owner().occupation().setStreaming(true);
        return opened;
    }

    /** Enters to go on with a stream, from whatever thread. */
    public void enter(Stream stream) throws SQLException {
        if (!gate.isInside()) {
            checkNotLost();
        }
        if (!gate.resume(stream)) {
            throw entrance.refused(gate.inFlight().orElse(stream.statement()), "ResultSet.next");
        }
        if (!gate.isNested()) {
            startAlarm(stream.statement().id());
        }
    }

    /** The calling thread is inside. */
    public void close(Stream stream) {
        if (gate.closeStream(stream)) {
            storage.owner().occupation().setStreaming(false);
        }
    }

    /** Why the session, or its last statement, was ended by somebody else; empty if it was not. */
    public Optional<SQLException> whyEnded() {
        return storage.ending().flatMap(ending -> EndingTexts.error(session.id(), ending));
    }

    /** Ends the connection's use of the session; its last connection ends it: {@link SessionEnd#close}. */
    public void close() throws SQLException {
        if (closed.getAndSet(true)) {
            return;
        }
        home.exit().leave(session, this);
    }

    /**
     * Nobody can close this connection any more, for nobody has it: does it for him, and says so. What it held is free
     * then, and a session of its own is gone; a named one stays for its timeout.
     */
    public void abandon() {
        if (closed.getAndSet(true) || !storage.isOpen()) {
            return;
        }
        // The next connection that the collector finds waits neither for this one's roll-back nor for the log.
        EngineThread.runOrHere("mortise-abandoned", this::leaveAndTell);
    }

    private void leaveAndTell() {
        leaveBehind();
        LeftConnection.tell(storage, state.borrowSite());
    }

    /** Where nobody is left to be told of a failure. */
    private void leaveBehind() {
        try {
            home.exit().leave(session, this);
        } catch (SQLException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing session " + session.id(), e);
        }
    }

    /** Ends what is in flight at once, and the session behind the caller's back, on the executor. */
    public void abort(Executor executor) {
        if (closed.getAndSet(true)) {
            return;
        }
        session.inFlight().ifPresent(running -> storage.end(running.id(), WaitEnding.of(WaitEnd.SESSION_CLOSED)));
        try {
            executor.execute(this::leaveBehind);
        } catch (RuntimeException e) { // Rejected, say. It is to be aborted all the same, and not by the caller.
            EngineThread.runOrHere("mortise-abort-" + session.id(), this::leaveBehind);
        } catch (Error e) { // No thread could be made, say: nobody but the caller is left to do it.
            leaveBehind();
            throw e;
        }
    }

    public boolean isClosed() {
        return closed.get() || !storage.isOpen() && !session.isDropped();
    }

    /** Has another process ended the session, and this connection not been closed? */
    public boolean isLeftByServer() {
        return session.isElsewhere() && !closed.get() && !storage.isOpen();
    }

    public boolean isAutoCommit() {
        return storage.isAutoCommit();
    }

    /** What {@code DATABASE()} returns. */
    public String catalog() {
        return storage.catalog();
    }

    public boolean isDatabaseReadOnly() {
        return storage.isDatabaseReadOnly();
    }

    /** Are writes refused? */
    public boolean isReadOnly() {
        return storage.isReadOnly();
    }

    public void setReadOnly(boolean refuseWrites) throws SQLException {
        storage.setReadOnly(refuseWrites);
    }

    /** The warnings of the session's statements since the last call; free while there are none. */
    public Optional<SQLWarning> takeWarnings() {
        return session.takeWarnings();
    }
}
