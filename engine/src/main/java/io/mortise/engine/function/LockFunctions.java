package io.mortise.engine.function;

import io.mortise.engine.command.TableName;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.text.Cut;
import io.mortise.engine.text.Decimals;
import io.mortise.engine.virtual.VirtualFunction;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** LOCK TABLE and LOCK SYSTEM, as the functions that the statements call, and advisory locks. Immutable. */
final class LockFunctions {
    /** Less than the least that is one. */
    private static final BigDecimal NO_TIME = BigDecimal.ONE.negate();

    private static final String SCHEMA = "SYS";

    private static final String GIVEN_BACK =
            "The lock was given back as the statement ended, because the session is in autocommit."
                    + " Nothing is locked any more. Turn autocommit off to hold it until COMMIT or ROLLBACK.";

    private final Sessions sessions;
    private final Callers callers;

    LockFunctions(Sessions sessions, Callers callers) {
        this.sessions = sessions;
        this.callers = callers;
    }

    List<VirtualFunction> all() {
        return List.of(
                new VirtualFunction(
                        SCHEMA,
                        "LOCK_TABLE",
                        "LOCK_TABLE('table, ...', 'SHARE' | 'EXCLUSIVE' [, seconds]): locks tables to the end of the transaction",
                        2,
                        3,
                        "VARCHAR",
                        callers.handedTo(this::lockTable)),
                new VirtualFunction(
                        SCHEMA,
                        "LOCK_SYSTEM",
                        "LOCK_SYSTEM(): keeps all other users out until this session ends",
                        0,
                        0,
                        "VARCHAR",
                        callers.handedTo(this::lockSystem)),
                new VirtualFunction(
                        SCHEMA,
                        "UNLOCK_SYSTEM",
                        "UNLOCK_SYSTEM(): lets others in again, if this session has locked the system",
                        0,
                        0,
                        "VARCHAR",
                        callers.handedTo(this::unlockSystem)),
                new VirtualFunction(
                        SCHEMA,
                        "ADVISORY_LOCK",
                        "ADVISORY_LOCK('name' [, milliseconds]): locks a name of the application's own to the end of the"
                                + " transaction",
                        1,
                        2,
                        "BOOLEAN",
                        callers.handedTo(this::lockName)),
                new VirtualFunction(
                        SCHEMA,
                        "ADVISORY_UNLOCK",
                        "ADVISORY_UNLOCK('name'): gives it back before that; false if it was not locked",
                        1,
                        1,
                        "BOOLEAN",
                        callers.handedTo(this::unlockName)),
                new VirtualFunction(
                        SCHEMA,
                        "SESSION_LOCK",
                        "SESSION_LOCK('name' [, milliseconds]): locks such a name until this session unlocks it as often,"
                                + " or ends; false if the time was up",
                        1,
                        2,
                        "BOOLEAN",
                        callers.handedTo(this::lockForSession)),
                new VirtualFunction(
                        SCHEMA,
                        "SESSION_UNLOCK",
                        "SESSION_UNLOCK('name'): takes back one SESSION_LOCK; false if there was none",
                        1,
                        1,
                        "BOOLEAN",
                        callers.handedTo(this::unlockForSession)));
    }

    private Object lockName(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        caller.commands().lockName(name(arguments.get(0)), millis(arguments));
        if (caller.session().commitsStatement()) {
            warn(caller, GIVEN_BACK);
        }
        return true;
    }

    private Object lockForSession(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        return caller.commands().lockNameForSession(name(arguments.get(0)), millis(arguments));
    }

    private Object unlockForSession(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        return caller.commands().unlockNameForSession(name(arguments.get(0)));
    }

    private static OptionalLong millis(List<@Nullable Object> arguments) throws SQLException {
        return arguments.size() < 2 ? OptionalLong.empty() : OptionalLong.of(millis(text(arguments.get(1))));
    }

    private static long millis(String text) throws SQLException {
        try {
            long millis = Decimals.read(text).orElse(NO_TIME).longValueExact();
            if (millis >= 0) {
                return millis;
            }
        } catch (ArithmeticException tooLong) {
            throw noTime(text);
        }
        throw noTime(text);
    }

    private static SQLException noTime(String text) {
        return EngineError.INVALID_VALUE.exception(
                text + " is not a number of milliseconds from 0 up. Nothing was locked.");
    }

    private Object unlockName(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        return caller.commands().unlockName(name(arguments.get(0)));
    }

    private @Nullable Object lockTable(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        List<String> names = TableName.list(text(arguments.get(0))).stream()
                .map(TableName::sql)
                .toList();
        caller.commands().lockTables(names, kind(text(arguments.get(1))), waitMillis(arguments));
        if (caller.session().commitsStatement()) {
            warn(caller, GIVEN_BACK);
        }
        return null;
    }

    private static StatementKind kind(String strength) throws SQLException {
        return switch (strength.toUpperCase(Locale.ROOT)) {
            case "SHARE", "SHARED" -> StatementKind.LOCK_TABLE_SHARE;
            case "EXCLUSIVE" -> StatementKind.LOCK_TABLE_EXCLUSIVE;
            default ->
                throw EngineError.INVALID_VALUE.exception(strength + " is not SHARE or EXCLUSIVE. Nothing was locked.");
        };
    }

    private static OptionalLong waitMillis(List<@Nullable Object> arguments) throws SQLException {
        if (arguments.size() < 3) {
            return OptionalLong.empty();
        }
        String seconds = text(arguments.get(2));
        long millis = Decimals.read(seconds).orElse(NO_TIME).movePointRight(3).longValue();
        if (millis < 0) {
            throw waitIsWrong(seconds);
        }
        return OptionalLong.of(millis);
    }

    private static SQLException waitIsWrong(String seconds) {
        return EngineError.INVALID_VALUE.exception(
                seconds + " is not a number of seconds from 0 up. Nothing was locked. Fractions work: 2.5.");
    }

    private @Nullable Object lockSystem(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        if (!caller.commands().isTrusted()) {
            throw EngineError.NOT_AUTHORISED.exception(
                    "User " + caller.session().user()
                            + " may not lock the system. Nothing was locked. An administrator can GRANT LOCK_SYSTEM TO "
                            + caller.session().user() + ".");
        }
        caller.commands().lockSystem();
        return null;
    }

    private @Nullable Object unlockSystem(Caller caller, List<@Nullable Object> arguments) {
        caller.session().unlockSystem();
        return null;
    }

    private void warn(Caller caller, String text) {
        sessions.session(caller.session().id()).ifPresent(session -> session.warn(new SQLWarning(text, "01000")));
    }

    /** Of an advisory lock: it is kept as long as the lock, and shown in tables. */
    private static String name(@Nullable Object argument) throws SQLException {
        String name = text(argument);
        if (name.length() > Cut.NAME) {
            throw EngineError.INVALID_VALUE.exception("The name of the lock has " + name.length()
                    + " characters. Nothing was locked. Give it " + Cut.NAME + " at most.");
        }
        return name;
    }

    private static String text(@Nullable Object argument) throws SQLException {
        if (argument == null) {
            throw EngineError.INVALID_VALUE.exception("An argument is NULL. Nothing was locked. Give a value.");
        }
        return argument.toString();
    }
}
