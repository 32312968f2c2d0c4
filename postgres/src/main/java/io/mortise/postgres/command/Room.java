package io.mortise.postgres.command;

import io.mortise.postgres.table.OurTables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/** What a command needs of the session that runs it. Used by the session's own thread. */
public interface Room {
    /** The session's number. */
    int session();

    /** The connection to the server: the calling thread has it. */
    Connection connection();

    /** The tables of ours, whose names the server does not know. */
    OurTables tables();

    /** What the user may not see in them; empty if they may see all. */
    Optional<String> caveat();

    /** How far an ending reaches. */
    enum Reach {
        STATEMENT,
        TRANSACTION,
        SESSION
    }

    /**
     * Throws if that session cannot, or may not, be ended so. Asked of all before any is.
     *
     * @throws SQLException 22023 if there is none, HYC00 if the server has no way to do it
     */
    void checkEnd(int session, Reach reach) throws SQLException;

    /** Ends it, with a reason in its error if it is one of this process. Waits for nobody. */
    void end(int session, Reach reach) throws SQLException;

    /**
     * Ends this statement of this process, and no other; well also if it runs no more.
     *
     * @throws SQLException 42501 if it is another user's
     */
    void endStatement(long statement) throws SQLException;

    /** Blocks until it runs no more, or the statement that asks is ended itself. */
    void awaitEnd(long statement) throws SQLException;

    /** Ends the named session that asks; its connections go on in a new one. */
    void closeNamed() throws SQLException;

    /** From now on the lock of this number is shown by its name. */
    void nameIs(int number, String name);

    /** How long the statement that runs waits for a lock, for its report, in milliseconds; empty for as ever. */
    void waitsFor(OptionalLong millis);

    /** The client is told this with the answer. */
    void warn(String text);
}
