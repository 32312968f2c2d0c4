package io.mortise.postgres.lock;

import io.mortise.engine.thread.EngineThread;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One user's connection for looking at the server, opened when first needed: it sees what the user may see, and takes
 * part in no transaction of theirs. Thread-safe; one question at a time.
 */
public final class Monitor {
    /** What it calls itself, so that no table shows it. */
    static final String NAME = "mortise-monitor";

    private final Connector connector;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile @Nullable Connection connection; // written by whoever has the turn
    private volatile boolean isClosed;

    /** Logs the user in. */
    public interface Connector {
        Connection connect(String application) throws SQLException;
    }

    /** Something to ask the server. */
    public interface Question<T> {
        T ask(Connection of) throws SQLException;
    }

    public Monitor(Connector connector) {
        this.connector = connector;
    }

    /** Asks; once more by another connection, if the one that was there has broken meanwhile. */
    public <T> T ask(Question<T> question) throws SQLException {
        turn.lock();
        try {
            Connection known = connection;
            return known == null || known.isClosed() ? question.ask(open()) : askAgain(question, known);
        } finally {
            turn.unlock();
        }
    }

    private <T> T askAgain(Question<T> question, Connection known) throws SQLException {
        try {
            return question.ask(known);
        } catch (SQLException e) {
            if (!known.isClosed()) {
                throw e;
            }
            return question.ask(open());
        }
    }

    private Connection open() throws SQLException {
        Connection opened = connector.connect(NAME);
        connection = opened;
        try (Statement statement = opened.createStatement()) {
            // A look at a row must not wait for whoever locks its table, nor a look at anything for a server that is
            // stuck.
            statement.execute("SET lock_timeout = 50");
            statement.execute("SET statement_timeout = 5000");
        }
        if (isClosed) {
            opened.close();
        }
        return opened;
    }

    /** Nobody of the user is here any more. Waits for nothing: what is being asked is ended. */
    public void close() {
        isClosed = true;
        Connection known = connection;
        if (known != null) {
            EngineThread.run("mortise-monitor-close", () -> close(known));
        }
    }

    private static void close(Connection known) {
        try {
            known.close();
        } catch (SQLException e) {
            System.getLogger(Monitor.class.getName()).log(System.Logger.Level.DEBUG, "closing a monitor", e);
        }
    }
}
