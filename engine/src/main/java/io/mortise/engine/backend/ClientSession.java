package io.mortise.engine.backend;

import io.mortise.engine.command.Script;
import io.mortise.engine.journal.FlightEvents;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.Meters;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.text.UserName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a client of the driver asks of its session, be the database open in this process or in another, H2's or one that
 * a provider connects to. "H2" below is whatever database that is. Thread-safe: everything but {@link #connection()}
 * may be asked from any thread while a statement runs.
 */
public interface ClientSession {
    /** H2's number of the session, what {@code SESSION_ID()} returns. */
    int id();

    UserName user();

    /** H2's own JDBC connection. */
    Connection connection();

    boolean isOpen();

    /**
     * Has the database closed it while its last statement, or its commit, came to an end? Then that says that it has
     * succeeded, and may have had nothing to commit any more: the error that the client is to get.
     */
    Optional<SQLException> closedMeanwhile();

    /**
     * Once the session is closed: says that what was committed could not be written after it was acknowledged, if no
     * error has said so before. Once, and only where the database is open in this process.
     */
    default Optional<SQLException> lostWrites() {
        return Optional.empty();
    }

    /** Closes a session that nobody was given, because of this. What fails then is added to it. */
    default void abandon(Throwable why) {
        try {
            connection().close();
        } catch (SQLException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** Is the database open in another process, which may not answer? */
    boolean isElsewhere();

    boolean isAutoCommit();

    /** What {@code DATABASE()} returns. Runs no SQL. */
    String catalog();

    /** Is the database itself open for reading only? Runs no SQL. */
    boolean isDatabaseReadOnly();

    /** The settings of a session that a client may choose as it connects. */
    void apply(Settings settings) throws SQLException;

    /** What a client should know of this session before it uses it; empty if all is as it should be. */
    Optional<String> caveat();

    /** What the client calls itself, for the session tables. Waits for nothing. */
    void setApplicationName(String name);

    boolean isReadOnly();

    /** From now on, are writes of this session refused with 25006? Those to temporary tables of its own are not. */
    void setReadOnly(boolean isReadOnly) throws SQLException;

    /**
     * How long a client waits for another process, in milliseconds; 0 for ever. Its statements have an alarm of their
     * own, but what is read of a large value afterwards is no statement. In this process nobody can fall silent.
     */
    default void setNetworkTimeout(int millis) {}

    /** Milliseconds after which a statement is ended that begins from now on; 0 for never. */
    int queryTimeout();

    void setQueryTimeout(int millis);

    /** Milliseconds this session waits for a lock; negative for the policy's default. */
    void setLockTimeout(long millis);

    /** Are the values of parameters to be shown behind the text of statements that begin from now on? */
    void setShowingValues(boolean isShowing);

    /** Does H2 still produce, or fetch, the rows of this result of its own while they are read? */
    boolean isStreaming(ResultSet result);

    /**
     * Reads a text of the client's. Runs nothing.
     *
     * @throws SQLException if it begins like a command of ours and does not go on like one
     */
    default Script read(String sql) throws SQLException {
        return StatementMarks.PARSER.read(sql);
    }

    /** A record of a statement that a client hands to this session on the current thread; see {@link #announce}. */
    StatementRecord describe(String sql, String queryId);

    /** The next statement that begins in this session, outside any other, is this one. */
    void announce(StatementRecord statement);

    /** It runs by this H2 object; the calling thread is about to run it. */
    void runBy(Statement statement) throws SQLException;

    /** Ends the statement in flight, or the session, for this reason. Returns at once. */
    void end(WaitEnding reason);

    /**
     * Ends this statement, and no other that comes after it. Never rolls back here: the statement's own thread does
     * that.
     *
     * @return false if it does not run
     */
    boolean end(long statement, WaitEnding reason);

    /**
     * Rolls back a transaction that has been idle since then, unless it is idle no more.
     *
     * @param idleSince as the lock owner has it
     */
    void endIdle(long idleSince, WaitEnding reason);

    /** What the session has been told, and has not carried out yet. */
    Optional<WaitEnding> told();

    /** Why the transaction is gone that the client counts on: what every call is answered with until it rolls back. */
    default Optional<SQLException> loss() {
        return Optional.empty();
    }

    /** The same; if the session lives in another process, that one is asked. The calling thread is inside. */
    default Optional<SQLException> askedLoss() {
        return loss();
    }

    /** Rolls back what {@link #error} has lost. Nothing runs in the session. */
    void rollBackLost();

    /** The client goes out again after what it has announced: carries out what it was told at the last moment. */
    void departed();

    /**
     * Why the last statement was told to end; kept until the next one begins. For the driver's translation of errors.
     */
    Optional<WaitEnding> ending();

    /** What storage has to say to the client besides its answers. */
    default Notices notices() {
        return new Notices(); // Of another process: what is said there is not heard here.
    }

    /** Lets others in, if this session has locked the system. */
    void unlockSystem() throws SQLException;

    /** The lock manager of the database; of one in another process nothing is known here, and it is empty. */
    LockManager locks();

    LockOwner owner();

    /**
     * The row locks of all sessions that only the database below knows; to be closed. Of another process none are
     * known.
     */
    default Stream<LockRow> rowLocks() {
        return Stream.empty();
    }

    /** Where locks are told that {@link #locks} does not know, because a server manages them; empty where none does. */
    default Optional<LockSnapshot.Source> locksOfServer() {
        return Optional.empty();
    }

    TargetNames targetNames();

    /** The error for a wait outside any statement of this session's that was not granted. */
    SQLException error(WaitOutcome outcome);

    /** The same error with the client's text in it, where it shows what storage was given in its place. */
    SQLException inWordsOf(String clients, SQLException error);

    /** What H2 says, as this engine says it, if the session's own process could not. */
    SQLException translate(SQLException fromBelow);

    /** A statement, or a call, was refused because this one is in flight. */
    default void refused(StatementRecord inFlight, String call) {
        FlightEvents.sessionLocked(inFlight, call);
        Meters.of(catalog()).ifPresent(DatabaseMeters::refused);
    }
}
