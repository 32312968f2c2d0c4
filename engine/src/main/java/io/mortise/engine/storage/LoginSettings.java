package io.mortise.engine.storage;

import io.mortise.engine.storage.command.OwnCommands;
import java.util.Map;
import org.h2.command.ParserBase;
import org.h2.command.dml.SetTypes;
import org.h2.engine.ConnectionInfo;
import org.h2.engine.Database;
import org.h2.engine.DbSettings;
import org.h2.engine.Engine;
import org.h2.engine.Mode;
import org.h2.engine.SessionLocal;
import org.h2.engine.Setting;
import org.h2.schema.Schema;
import org.h2.util.ParserUtil;
import org.h2.util.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * What a login asks H2 to set. H2 runs a SET for each setting at every login. Where that would change nothing but a
 * field of the new session, and nobody would hear of it, it is done here and taken from what H2 is asked for. H2 runs
 * all others, and so says whatever there is to say of them. One thread, the one that connects.
 *
 * <p>A login that opens the database is H2's alone. For one that joins, H2 says that the session is there before it
 * reads what to set, on the same thread and under the database's monitor.
 */
final class LoginSettings {
    static final String MODE = SetTypes.getTypeName(SetTypes.MODE);
    static final String CLOSE_DELAY = SetTypes.getTypeName(SetTypes.DB_CLOSE_DELAY);
    static final String IGNORE_CASE = SetTypes.getTypeName(SetTypes.IGNORECASE);
    static final String SCHEMA = SetTypes.getTypeName(SetTypes.SCHEMA);
    static final String NON_KEYWORDS = SetTypes.getTypeName(SetTypes.NON_KEYWORDS);
    static final String NULL_ORDERING = SetTypes.getTypeName(SetTypes.DEFAULT_NULL_ORDERING);
    static final String TRACE_LEVEL = SetTypes.getTypeName(SetTypes.TRACE_LEVEL_FILE);
    static final String CLOSE_ON_EXIT = "DB_CLOSE_ON_EXIT";

    private static final ThreadLocal<@Nullable LoginSettings> PRESENT = new ThreadLocal<>();

    private final ConnectionInfo login;
    private final Map<String, String> asked;

    private LoginSettings(ConnectionInfo login, Map<String, String> asked) {
        this.login = login;
        this.asked = asked;
    }

    /** H2's login, with these settings among what it is asked for. */
    static SessionLocal login(ConnectionInfo login, Map<String, String> asked) {
        if (asked.isEmpty()) {
            return Engine.createSession(login);
        }
        LoginSettings outer = PRESENT.get(); // A listener of the user's may connect while a database is opened.
        PRESENT.set(new LoginSettings(login, asked));
        try {
            return Engine.createSession(login);
        } finally {
            PRESENT.set(outer);
        }
    }

    /** The calling thread opens a database. */
    static void opens() {
        PRESENT.set(null);
    }

    /** This session joins a database, on the calling thread, which has its monitor. */
    static void joins(SessionLocal session, OwnCommands commands) {
        LoginSettings present = PRESENT.get();
        if (present != null) {
            PRESENT.set(null);
            if (commands.areOn(session)) { // Else a listener, a trace or statistics of the user's have H2's SET.
                present.asked.forEach((name, value) -> present.settle(name, value, session));
            }
        }
    }

    private void settle(String name, String value, SessionLocal session) {
        if (isDone(name, value, session) || session.getUser().isAdmin() && isSet(name, value, session.getDatabase())) {
            login.removeProperty(name, false); // Whatever it is.
        }
    }

    /** What every user may set: is it so by now? */
    private static boolean isDone(String name, String value, SessionLocal session) {
        Database database = session.getDatabase();
        if (name.equals(CLOSE_ON_EXIT)) {
            return true; // Read when the database was opened, and by nobody after that.
        } else if (name.equals(MODE)) {
            return Mode.getInstance(value) == database.getMode();
        } else if (name.equals(NULL_ORDERING)) {
            return database.getDefaultNullOrdering().name().equals(StringUtils.toUpperEnglish(value));
        } else if (name.equals(NON_KEYWORDS)) {
            session.setNonKeywords(ParserBase.parseNonKeywords(
                    StringUtils.toUpperEnglish(value).split(",")));
            return true;
        } else if (name.equals(SCHEMA)) {
            return isIn(value, session);
        }
        return false;
    }

    private static boolean isIn(String schema, SessionLocal session) {
        if (!ParserUtil.isSimpleIdentifier(schema, false, false)) {
            return false; // A keyword, or an expression for all that is known here.
        }
        DbSettings settings = session.getDatabase().getSettings();
        String name = settings.databaseToUpper
                ? StringUtils.toUpperEnglish(schema)
                : settings.databaseToLower ? StringUtils.toLowerEnglish(schema) : schema;
        Schema found = session.getDatabase().findSchema(name);
        if (found == null) {
            return false;
        }
        session.setCurrentSchema(found);
        return true;
    }

    /** What an administrator may set: has it this value, and is that written down where H2 would write it? */
    private static boolean isSet(String name, String value, Database database) {
        if (name.equals(TRACE_LEVEL)) {
            return database.getTraceSystem().getLevelFile() == Integer.parseInt(value);
        } else if (name.equals(IGNORE_CASE)) {
            boolean isOn = value.equalsIgnoreCase("TRUE");
            boolean isWritten = isWritten(name, isOn ? 1 : 0, database);
            if (isWritten) {
                database.setIgnoreCase(isOn);
            }
            return isWritten;
        } else if (name.equals(CLOSE_DELAY)) {
            int seconds = Integer.parseInt(value);
            boolean isWritten = isWritten(name, seconds, database);
            if (isWritten) {
                database.setCloseDelay(seconds);
            }
            return isWritten;
        }
        return false;
    }

    private static boolean isWritten(String name, int value, Database database) {
        Setting written = database.findSetting(name);
        return written != null && written.getIntValue() == value;
    }
}
