package io.mortise.engine.storage;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.h2.api.ErrorCode;
import org.h2.command.dml.SetTypes;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.engine.Setting;
import org.h2.message.DbException;

/**
 * A URL of H2 with no settings but a few that many URLs have, each once, and with a value that cannot be wrong.
 * Immutable.
 *
 * <p>{@code DB_CLOSE_DELAY} is the database's, and stays; H2 sets it anew at each login. Here that statement runs only
 * if somebody could tell that it did.
 *
 * @param url all of it
 * @param database the URL without the settings
 * @param forOpening what H2 reads when it opens the database
 * @param closeDelay in seconds; empty if it is not asked for
 */
record PlainSettings(String url, String database, Map<String, String> forOpening, OptionalInt closeDelay) {
    private static final String CLOSE_DELAY = SetTypes.getTypeName(SetTypes.DB_CLOSE_DELAY);
    private static final Pattern SECONDS = Pattern.compile("-1|0|[1-9][0-9]{0,8}");
    private static final Set<String> FLAGS =
            Set.of("DB_CLOSE_ON_EXIT", "DATABASE_TO_UPPER", "DATABASE_TO_LOWER", "CASE_INSENSITIVE_IDENTIFIERS");

    /** Empty if there is anything else in the URL. */
    static Optional<PlainSettings> of(String url) {
        int end = url.indexOf(';');
        if (end < 0) {
            return Optional.of(new PlainSettings(url, url, Map.of(), OptionalInt.empty()));
        }
        Map<String, String> found = new HashMap<>();
        for (String part : url.substring(end + 1).split(";")) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                return Optional.empty();
            }
            String name = part.substring(0, equals).toUpperCase(Locale.ENGLISH); // As H2 does.
            String value = part.substring(equals + 1);
            if (!isPlain(name, value) || found.put(name, value) != null) {
                return Optional.empty();
            }
        }
        String asked = found.remove(CLOSE_DELAY);
        OptionalInt closeDelay = asked == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(asked));
        return Optional.of(new PlainSettings(url, url.substring(0, end), found, closeDelay));
    }

    private static boolean isPlain(String name, String value) {
        if (name.equals(CLOSE_DELAY)) {
            return SECONDS.matcher(value).matches();
        }
        return FLAGS.contains(name) && (value.equalsIgnoreCase("TRUE") || value.equalsIgnoreCase("FALSE"));
    }

    /** Ends a login as H2 does, which sets what is asked for; a session that may not is closed. */
    void setIn(SessionLocal session) {
        if (closeDelay.isEmpty()) {
            return;
        }
        boolean isDone = false;
        session.lock();
        try {
            int seconds = closeDelay.getAsInt();
            if (!isSetAlready(session, seconds)) {
                session.setAllowLiterals(true);
                session.prepareLocal("SET " + CLOSE_DELAY + " " + seconds).executeUpdate(null);
                session.setAllowLiterals(false);
                session.commit(true);
            }
            isDone = true;
        } catch (DbException e) {
            trace(session, e);
            throw e;
        } finally {
            if (!isDone) {
                session.close();
            }
            session.unlock();
        }
    }

    private static void trace(SessionLocal session, DbException e) {
        boolean isRefused = e.getErrorCode() == ErrorCode.ADMIN_RIGHTS_REQUIRED;
        String user = session.getUser().getName();
        session.getTrace().error(e, isRefused ? "admin rights required; user: \"" + user + "\"" : "");
    }

    /**
     * Would SET change nothing, and nobody hear of it? An administrator may set what is written down already: then H2
     * writes nothing and only puts the same number into the database, as is done here, under the same monitor.
     */
    private static boolean isSetAlready(SessionLocal session, int seconds) {
        if (session.isClosed() || !session.getUser().isAdmin() || !isUnheard(session)) {
            return false;
        }
        Database database = session.getDatabase();
        synchronized (database) {
            Setting written = database.findSetting(CLOSE_DELAY);
            if (written == null || written.getIntValue() != seconds) {
                return false;
            }
            database.setCloseDelay(seconds);
            return true;
        }
    }

    /** Without a listener, a trace and statistics of the user's. */
    private static boolean isUnheard(SessionLocal session) {
        return Storage.over(session.getDatabase())
                .filter(storage -> storage.ownCommands().areOn(session))
                .isPresent();
    }
}
