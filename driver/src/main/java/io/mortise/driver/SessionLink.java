package io.mortise.driver;

import io.mortise.engine.ConnectRequest;
import io.mortise.engine.Engine;
import io.mortise.engine.command.Command;
import io.mortise.engine.command.Command.ForConnection;
import io.mortise.engine.command.Script;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.session.Attachment;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What ties a connection, and all that was made by it, to its present session. CLOSE_SESSION and CONNECT give it
 * another one. Thread-safe.
 */
final class SessionLink {
    /** Makes an H2 statement, as one of ours was asked for. */
    interface Maker {
        Statement make(Connection below) throws SQLException;
    }

    /** A pool's handle, which closes what was made by it when it is closed. */
    interface Handle {
        void made(Statement statement);
    }

    private final Connection connection;
    private final Consumer<Attachment> moved;
    private final Object moving = new Object();
    private volatile ConnectRequest request;
    private volatile Attachment attachment;
    private volatile Connection face;

    /**
     * @param connection ours; to hold the link is to hold it, so that it is not taken for abandoned
     * @param moved told of the session that the connection has from now on
     */
    SessionLink(Connection connection, Attachment first, ConnectRequest request, Consumer<Attachment> moved) {
        this.connection = connection;
        this.attachment = first;
        this.request = request;
        this.moved = moved;
        this.face = connection;
    }

    Attachment attachment() {
        return attachment;
    }

    /**
     * Where the next statement goes: into a new session of the same name, if CLOSE_SESSION has ended the one before.
     */
    Attachment current() throws SQLException {
        if (!attachment.isDropped()) {
            return attachment;
        }
        synchronized (moving) {
            Attachment before = attachment;
            if (before.isDropped() && !before.isClosed()) {
                Attachment next = Engine.connect(request.unchecked());
                next.follow(before);
                use(next);
                before.close();
            }
            return attachment;
        }
    }

    private void use(Attachment next) {
        attachment = next;
        moved.accept(next);
    }

    /** Runs a command that concerns the connection and not its session. */
    void run(ForConnection command) throws SQLException {
        if (command instanceof Command.Connect connect) {
            reconnect(connect);
        } else {
            connection.close();
        }
    }

    // The new session comes first, so that an in-memory database lives on and a wrong password leaves the old one. But
    // while the old one has locked the system nobody else comes in.
    private void reconnect(Command.Connect connect) throws SQLException {
        synchronized (moving) {
            Attachment before = attachment;
            before.unlockSystem();
            ConnectRequest next = request.by(connect.user().replace("\"", ""), connect.password());
            use(Engine.connect(next));
            request = next;
            before.close();
        }
    }

    /** An H2 statement in the present session. */
    Statement make(Maker maker) throws SQLException {
        Attachment present = attachment;
        try {
            return maker.make(present.connection());
        } catch (SQLException e) {
            throw SqlExceptions.translate(e, present);
        }
    }

    /** What storage is given for a text of the client's, to prepare it or to execute it with others. */
    String read(@Nullable String sql) throws SQLException {
        if (sql == null) {
            throw attachment.isClosed() ? SqlExceptions.closed() : SqlExceptions.noText();
        }
        Script script = attachment.read(sql);
        if (script.afterwards().isPresent()) {
            throw EngineError.SYNTAX.exception(
                    "CONNECT and DISCONNECT can be neither prepared nor put into a batch. Nothing was done."
                            + " Execute them with Statement.execute.");
        }
        return script.textFor(sql);
    }

    /** What the client knows as the connection: a pool's handle, or the connection itself. */
    Connection face() {
        return face;
    }

    /** From now on what is made here belongs to this: a pool's handle, or again to the connection itself. */
    void showAs(Connection handle) {
        face = handle;
    }

    /** Is this the handle of a borrower who has given it back? */
    boolean isGivenBack(Connection shown) throws SQLException {
        return shown != connection && shown.isClosed();
    }
}
