package io.mortise.engine.storage.command;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Map;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.value.ValueTimestampTimeZone;

/**
 * What H2's command keeps to itself of how it runs a statement. Stateless. An H2 that has not all of it can be used all the same:
 * its own commands run then.
 */
final class CommandReflection {
    /** H2's savepoint of a statement that has asked for none. */
    private static final long NOT_KNOWN_YET = -1;

    private static final VarHandle PREPARED;
    private static final VarHandle STATEMENT_SAVEPOINT;
    private static final VarHandle STATEMENT_DATA_ID;
    private static final VarHandle SEQUENCE_VALUES;
    private static final VarHandle TIMESTAMP;
    private static final MethodHandle SET_CURRENT_COMMAND;
    private static final MethodHandle CHECK_PARAMETERS;
    private static final MethodHandle UPDATE_WITH_KEYS;

    static {
        try {
            MethodHandles.Lookup sessions = in(SessionLocal.class);
            MethodHandles.Lookup containers = in(CommandContainer.class);
            PREPARED = containers.findVarHandle(CommandContainer.class, "prepared", Prepared.class);
            STATEMENT_SAVEPOINT = sessions.findVarHandle(SessionLocal.class, "startStatement", long.class);
            STATEMENT_DATA_ID = sessions.findVarHandle(SessionLocal.class, "statementModificationDataId", long.class);
            SEQUENCE_VALUES = sessions.unreflectVarHandle(SessionLocal.class.getDeclaredField("nextValueFor"));
            TIMESTAMP = sessions.findVarHandle(SessionLocal.class, "currentTimestamp", ValueTimestampTimeZone.class);
            SET_CURRENT_COMMAND = sessions.findVirtual(
                    SessionLocal.class, "setCurrentCommand", MethodType.methodType(void.class, Command.class));
            CHECK_PARAMETERS = in(Prepared.class)
                    .findVirtual(Prepared.class, "checkParameters", MethodType.methodType(void.class));
            UPDATE_WITH_KEYS = containers.findVirtual(
                    CommandContainer.class,
                    "executeUpdateWithGeneratedKeys",
                    MethodType.methodType(ResultWithGeneratedKeys.class, DataChangeStatement.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private CommandReflection() {}

    private static MethodHandles.Lookup in(Class<?> type) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }

    /** Looks all of it up. Throws a {@link LinkageError} if this H2 has not all that is needed. */
    static void load() {
        // Done when the class is.
    }

    /** What a command runs; another one after the catalogue has changed. */
    static Prepared prepared(CommandContainer command) {
        return (Prepared) PREPARED.get(command);
    }

    /**
     * A statement is about to run whose snapshot the transaction has taken. All that H2 does besides when it starts one.
     *
     * @param dataId of the last change that the snapshot shows
     */
    static void started(SessionLocal session, Command command, long dataId) {
        STATEMENT_DATA_ID.set(session, dataId);
        STATEMENT_SAVEPOINT.set(session, NOT_KNOWN_YET);
        try {
            SET_CURRENT_COMMAND.invokeExact(session, command);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** What one statement must not see of another: the values of sequences, the time, and where its changes begin. */
    static void ended(SessionLocal session) {
        Map<?, ?> values = (Map<?, ?>) SEQUENCE_VALUES.get(session);
        if (values != null) {
            values.clear();
        }
        if (!session.getMode().dateTimeValueWithinTransaction) {
            TIMESTAMP.set(session, null);
        }
        STATEMENT_SAVEPOINT.set(session, NOT_KNOWN_YET);
    }

    /** Throws if a parameter has no value. */
    static void checkParameters(Prepared statement) {
        try {
            CHECK_PARAMETERS.invokeExact(statement);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Runs a statement, and collects what its client has asked for of the rows that it writes. */
    static ResultWithGeneratedKeys updateWithKeys(
            CommandContainer command, DataChangeStatement statement, Object keys) {
        try {
            return (ResultWithGeneratedKeys) UPDATE_WITH_KEYS.invokeExact(command, statement, keys);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    private static RuntimeException unchecked(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException unchecked ? unchecked : DbException.convert(e);
    }
}
