package io.mortise.engine.storage.session;

import io.mortise.engine.storage.h2.H2Reflection;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.engine.User;
import org.h2.message.DbException;
import org.h2.schema.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Lets users create tables who are no administrators, as they may in plain H2. Used by the session's thread.
 *
 * <p>H2 asks for an administrator as soon as a table engine is named, and a default one is always named here. So while
 * it asks, the session's user is a twin with the same name and id that is one. That lasts from the start of the
 * statement to the lock on the meta table, which is the next thing that H2 does. There the user comes back and the
 * question is asked that plain H2 asks: does the schema belong to the user? Nothing of a query is run in between; for a
 * local temporary table, which anybody may create, a query is prepared there, and that is done before. A table engine
 * that the user names is the administrator's business as ever.
 */
public final class CreateTableRight {
    private final String tableEngine;
    private @Nullable User real;
    private @Nullable Schema schema;

    /** @param tableEngine the class that makes all tables */
    CreateTableRight(String tableEngine) {
        this.tableEngine = tableEngine;
    }

    /** A statement starts: is it one that the user may run but H2 would not let them? */
    public void lendFor(SessionLocal session, @Nullable Command command) {
        if (session.getUser().isAdmin()
                || command == null
                || command.getCommandType() != CommandInterface.CREATE_TABLE) {
            return;
        }
        H2Reflection.TableDraft draft = H2Reflection.tableDraft(command);
        boolean named = draft.engine() != null && !tableEngine.equals(draft.engine());
        if (named || !isPrepared(draft)) {
            return;
        }
        lend(session, draft.isPrivate() ? null : draft.schema());
    }

    private static boolean isPrepared(H2Reflection.TableDraft draft) {
        if (draft.isPrivate() && draft.query() != null) {
            try {
                draft.query().prepare();
            } catch (DbException e) {
                return false; // H2 will come to the same error, if not to the same code.
            }
        }
        return true;
    }

    /** The draft of an altered table has gone; what comes next is that H2 creates the copy, in the same schema. */
    public void lendForCopy(SessionLocal session, Schema home) {
        if (!session.getUser().isAdmin()) {
            lend(session, home);
        }
    }

    private void lend(SessionLocal session, @Nullable Schema home) {
        if (real == null) {
            User user = session.getUser();
            Database database = session.getDatabase();
            User twin = new User(database, user.getId(), user.getName(), false);
            twin.setAdmin(true);
            real = user;
            schema = home;
            H2Reflection.setUser(session, twin);
        }
    }

    /** H2 has asked its question, or the statement is over. */
    public void handBack(SessionLocal session) {
        User user = real;
        if (user != null) {
            real = null;
            H2Reflection.setUser(session, user);
        }
    }

    /** H2 has asked its question and locks the meta table: asks the one that plain H2 asks. */
    public void check(SessionLocal session) {
        Schema home = schema;
        if (real != null) {
            handBack(session);
            schema = null;
            if (home != null) {
                session.getUser().checkSchemaOwner(home);
            }
        }
    }
}
