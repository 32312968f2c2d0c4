package io.mortise.postgres.session;

import io.mortise.engine.command.Command.KillSession.Mode;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.setting.Setting;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The statements that we add to SQL, on a server: KILL SESSION is carried out, the others are refused with what to do in
 * their place. Stateless.
 */
final class Commands {
    private static final Pattern KILL_SESSION = Pattern.compile(
            "\\s*KILL\\s+SESSION\\s+(\\d{1,9})(?:\\s+(CANCEL|ROLLBACK|DISCONNECT))?\\s*;?\\s*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern OTHERS = Pattern.compile(
            "\\s*(KILL\\b|LOCK\\s+SYSTEM\\b|EXPLAIN\\s+LOCKS\\b|DISCONNECT\\b|CONNECT\\b|SET\\s+PARAMETER\\b|SET\\s+(\\w+)\\b).*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    /** Does nothing, and returns nothing. */
    private static final String NOTHING = "DO $$ BEGIN END $$";

    private Commands() {}

    /**
     * A session that is to be ended. Immutable.
     *
     * @param session its number
     */
    record Kill(int session, Mode mode) {
        /** What the server is to run: for a client that is not ours to end, what ends it there, with the server's rights. */
        String sql(PostgresSession by) throws SQLException {
            if (own(by).isPresent()) {
                return NOTHING;
            }
            return switch (mode) {
                case CANCEL -> "DO $$ BEGIN PERFORM pg_catalog.pg_cancel_backend(" + session + "); END $$";
                case DISCONNECT -> "DO $$ BEGIN PERFORM pg_catalog.pg_terminate_backend(" + session + "); END $$";
                case ROLLBACK ->
                    throw EngineError.NOT_SUPPORTED.exception("KILL SESSION " + session
                            + " ROLLBACK: it is not a session of user " + by.user()
                            + " in this process, and the server can"
                            + " end its statement (CANCEL) or its connection (DISCONNECT) only. Nothing was done.");
            };
        }

        /** Ends it, if it is one of the same user's in this process. */
        void carryOut(PostgresSession by) {
            WaitEnd end = switch (mode) {
                case CANCEL -> WaitEnd.KILLED;
                case ROLLBACK -> WaitEnd.ABORTED;
                case DISCONNECT -> WaitEnd.SESSION_CLOSED;
            };
            own(by).ifPresent(killed -> killed.end(new WaitEnding(end, by.id())));
        }

        private Optional<PostgresSession> own(PostgresSession by) {
            return by.database().connected().stream()
                    .filter(one -> one.id() == session && one.user().equals(by.user()))
                    .findFirst();
        }
    }

    /**
     * Reads a text.
     *
     * @throws SQLException HYC00 for one of ours that the server has something else for
     */
    static Optional<Kill> in(String sql) throws SQLException {
        Matcher kill = KILL_SESSION.matcher(sql);
        if (kill.matches()) {
            String mode = kill.group(2) == null
                    ? Mode.DISCONNECT.name()
                    : kill.group(2).toUpperCase(Locale.ROOT);
            return Optional.of(new Kill(Integer.parseInt(kill.group(1)), Mode.valueOf(mode)));
        }
        Matcher other = OTHERS.matcher(sql);
        if (other.matches()) {
            refuse(other.group(1).replaceAll("\\s+", " ").toUpperCase(Locale.ROOT), other.group(2));
        }
        return Optional.empty();
    }

    private static void refuse(String command, @Nullable String setting) throws SQLException {
        String instead = switch (command.split(" ", 2)[0]) {
            case "KILL" -> "KILL SESSION number [CANCEL | ROLLBACK | DISCONNECT] does what can be done there";
            case "LOCK" -> "the server keeps others out with ALTER DATABASE ... ALLOW_CONNECTIONS false";
            case "EXPLAIN" -> "the server takes its locks as it runs; it explains a statement's plan only";
            case "CONNECT", "DISCONNECT" -> "close the connection, and open another";
            default -> "settings of a connection are chosen in its URL";
        };
        boolean isTheirs = setting != null
                && !setting.equalsIgnoreCase("PARAMETER")
                && Setting.named(setting).filter(Commands::isOursAlone).isEmpty();
        if (!isTheirs) {
            throw EngineError.NOT_SUPPORTED.exception(
                    command + " is not a statement of PostgreSQL. Nothing was done: " + instead + ".");
        }
    }

    /** {@code SET lock_timeout} and the like are the server's. */
    private static boolean isOursAlone(Setting<?> setting) {
        return setting != Setting.LOCK_TIMEOUT
                && setting != Setting.APPLICATION_NAME
                && setting != Setting.TRANSACTION_TIMEOUT;
    }
}
