package io.mortise.engine.storage.command;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.query.Select;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.util.Utils;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;

/**
 * What H2's command keeps to itself of how it runs a statement. Stateless. An H2 that has not all of it can be used all
 * the same: its own commands run then.
 */
final class CommandReflection {
    /** H2's savepoint of a statement that has asked for none. */
    private static final long NOT_KNOWN_YET = -1;

    private static final VarHandle PREPARED;
    private static final VarHandle SELECT_CONDITION;
    private static final VarHandle STATEMENT_SAVEPOINT;
    private static final VarHandle STATEMENT_DATA_ID;
    private static final VarHandle SEQUENCE_VALUES;
    private static final VarHandle TIMESTAMP;
    private static final VarHandle STATE;
    private static final VarHandle CURRENT_COMMAND;
    private static final VarHandle COMMAND_MOMENT;
    private static final VarHandle CANCEL_AT;
    private static final ThreadLocal<@Nullable Session> SESSION_OF_THREAD;
    private static final MethodHandle SET_CURRENT_COMMAND;
    private static final MethodHandle CHECK_PARAMETERS;
    private static final MethodHandle UPDATE_WITH_KEYS;

    static {
        try {
            MethodHandles.Lookup sessions = H2Reflection.in(SessionLocal.class);
            MethodHandles.Lookup containers = H2Reflection.in(CommandContainer.class);
            SELECT_CONDITION = H2Reflection.in(Select.class).findVarHandle(Select.class, "condition", Expression.class);
            PREPARED = containers.findVarHandle(CommandContainer.class, "prepared", Prepared.class);
            STATEMENT_SAVEPOINT = sessions.findVarHandle(SessionLocal.class, "startStatement", long.class);
            STATEMENT_DATA_ID = sessions.findVarHandle(SessionLocal.class, "statementModificationDataId", long.class);
            SEQUENCE_VALUES = sessions.unreflectVarHandle(SessionLocal.class.getDeclaredField("nextValueFor"));
            TIMESTAMP = sessions.findVarHandle(SessionLocal.class, "currentTimestamp", ValueTimestampTimeZone.class);
            STATE = sessions.findVarHandle(SessionLocal.class, "state", AtomicReference.class);
            CURRENT_COMMAND = sessions.findVarHandle(SessionLocal.class, "currentCommand", Command.class);
            COMMAND_MOMENT = sessions.findVarHandle(SessionLocal.class, "commandStartOrEnd", Instant.class);
            CANCEL_AT = sessions.findVarHandle(SessionLocal.class, "cancelAtNs", long.class);
            SESSION_OF_THREAD = sessionOfThread(sessions);
            SET_CURRENT_COMMAND = sessions.findVirtual(
                    SessionLocal.class, "setCurrentCommand", MethodType.methodType(void.class, Command.class));
            CHECK_PARAMETERS = H2Reflection.in(Prepared.class)
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

    @SuppressWarnings("unchecked")
    private static ThreadLocal<@Nullable Session> sessionOfThread(MethodHandles.Lookup sessions)
            throws ReflectiveOperationException {
        return (ThreadLocal<@Nullable Session>)
                sessions.findStaticVarHandle(SessionLocal.class, "THREAD_LOCAL_SESSION", ThreadLocal.class)
                        .get();
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
     * Enters with the session, as H2 does: what compares values asks the thread for it. Returns what was there, for
     * {@link #leave}.
     */
    static @Nullable Session enter(SessionLocal session) {
        Session outer = SESSION_OF_THREAD.get();
        if (outer != session) { // A row of a batch: the collector minds each write of a reference.
            SESSION_OF_THREAD.set(session);
        }
        return outer;
    }

    /** Takes {@link #enter} back. H2 makes room for the next one anew each time; the place stays here, empty. */
    static void leave(@Nullable Session outer) {
        if (SESSION_OF_THREAD.get() != outer) {
            SESSION_OF_THREAD.set(outer);
        }
    }

    /**
     * A statement is about to run whose snapshot the transaction has taken. All that H2 does besides when it starts
     * one.
     *
     * @param dataId of the last change that the snapshot shows
     * @param now by the computer's clock
     */
    static void started(SessionLocal session, Command command, long dataId, Instant now) {
        STATEMENT_DATA_ID.set(session, dataId);
        STATEMENT_SAVEPOINT.set(session, NOT_KNOWN_YET);
        if (state(session).get() == SessionLocal.State.RUNNING) {
            if (session.getCurrentCommand() != command) {
                CURRENT_COMMAND.set(session, command);
            }
            COMMAND_MOMENT.set(session, now);
            int timeout = session.getQueryTimeout();
            if (timeout > 0) {
                CANCEL_AT.setVolatile(session, Utils.currentNanoTimePlusMillis(timeout));
            }
            return;
        }
        try {
            SET_CURRENT_COMMAND.invokeExact(session, command);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** What the running statement's queries find may be given again within it, if nothing changes after this number. */
    static void reads(SessionLocal session, long dataId) {
        STATEMENT_DATA_ID.set(session, dataId);
    }

    @SuppressWarnings("unchecked")
    private static AtomicReference<SessionLocal.State> state(SessionLocal session) {
        return (AtomicReference<SessionLocal.State>) STATE.get(session);
    }

    /** What one statement must not see of another: the values of sequences, the time, and where its changes begin. */
    static void ended(SessionLocal session) {
        Map<?, ?> values = (Map<?, ?>) SEQUENCE_VALUES.get(session);
        if (values != null) {
            values.clear();
        }
        if (TIMESTAMP.get(session) != null && !session.getMode().dateTimeValueWithinTransaction) {
            TIMESTAMP.set(session, null);
        }
        STATEMENT_SAVEPOINT.set(session, NOT_KNOWN_YET);
    }

    /**
     * The statement that runs has ended: {@link SessionLocal#endStatement} with the time that has been read already.
     *
     * @param now by the computer's clock
     */
    static void endStatement(SessionLocal session, Instant now) {
        if (!state(session).compareAndSet(SessionLocal.State.RUNNING, SessionLocal.State.SLEEP)) {
            session.endStatement(); // It runs inside another, or its session has gone.
            return;
        }
        CURRENT_COMMAND.set(session, null);
        COMMAND_MOMENT.set(session, now);
        ended(session);
        STATEMENT_DATA_ID.set(session, 0L);
        Transaction transaction = H2Reflection.transaction(session);
        if (transaction != null) {
            transaction.markStatementEnd();
        }
    }

    /** What a query asks of each row that it has found; null for nothing. */
    static void setCondition(Select query, @Nullable Expression condition) {
        SELECT_CONDITION.set(query, condition);
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
