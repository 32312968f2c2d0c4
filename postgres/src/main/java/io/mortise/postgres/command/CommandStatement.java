package io.mortise.postgres.command;

import io.mortise.engine.error.EngineError;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A statement of pgjdbc's as the driver sees it: carries out the commands among the texts that it executes, and hands
 * everything else on. One thread at a time, but for cancel and close.
 */
public final class CommandStatement implements InvocationHandler {
    private final Statement below;
    private final String prepared;
    private final Room room;
    private @Nullable Outcome outcome; // of the last execution, if that was a command

    private CommandStatement(Statement below, String prepared, Room room) {
        this.below = below;
        this.prepared = prepared;
        this.room = room;
    }

    /** A statement that is given its texts as it executes them. */
    public static Statement of(Statement below, Room room) {
        return (Statement) shown(below, "", room, Statement.class);
    }

    /** A prepared one: the same object, unless its text is a command. */
    public static PreparedStatement of(PreparedStatement below, String text, Room room) {
        if (below instanceof CallableStatement || Marked.in(text).isEmpty()) {
            return below;
        }
        return (PreparedStatement) shown(below, text, room, PreparedStatement.class);
    }

    private static Object shown(Statement below, String text, Room room, Class<?> type) {
        return Proxy.newProxyInstance(
                CommandStatement.class.getClassLoader(),
                new Class<?>[] {type},
                new CommandStatement(below, text, room));
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] given) throws Throwable {
        Object[] arguments = given == null ? new Object[0] : given;
        String name = method.getName();
        if (name.startsWith("execute") && !name.endsWith("Batch")) {
            String text = arguments.length > 0 && arguments[0] instanceof String first ? first : prepared;
            Optional<Marked> command = Marked.in(text);
            outcome = null;
            return command.isPresent() ? carriedOut(name, command.get(), text) : call(method, arguments);
        }
        if (name.equals("addBatch")) {
            refuseBatch(arguments.length > 0 ? String.valueOf(arguments[0]) : prepared);
        }
        Outcome last = outcome;
        if (last != null) {
            switch (name) {
                case "getUpdateCount" -> {
                    return (int) last.count();
                }
                case "getLargeUpdateCount" -> {
                    return last.count();
                }
                case "getResultSet" -> {
                    return last.result().orElse(null);
                }
                case "getMoreResults" -> {
                    outcome = Outcome.of(Outcome.NO_COUNT);
                    return false;
                }
                default -> {}
            }
        }
        return call(method, arguments);
    }

    private static void refuseBatch(String text) throws SQLException {
        if (Marked.in(text).isPresent()) {
            throw EngineError.NOT_SUPPORTED.exception(
                    "A command of the driver cannot be one of a batch. Nothing was done. Execute it by itself.");
        }
    }

    private Object carriedOut(String call, Marked command, String text) throws SQLException {
        int mostRows = below.getMaxRows();
        below.setMaxRows(0); // They are the command's, and not the client's.
        Outcome done;
        try {
            done = new Performance(room).of(command, () -> run(text));
        } finally {
            below.setMaxRows(mostRows);
        }
        outcome = done;
        return switch (call) {
            case "execute" -> done.result().isPresent();
            case "executeQuery" -> queried(done);
            case "executeLargeUpdate" -> updated(done);
            default -> (int) updated(done);
        };
    }

    private Optional<ResultSet> run(String text) throws SQLException {
        boolean hasRows = below instanceof PreparedStatement ready ? ready.execute() : below.execute(text);
        return hasRows ? Optional.of(below.getResultSet()) : Optional.empty();
    }

    private static ResultSet queried(Outcome done) throws SQLException {
        return done.result()
                .orElseThrow(() -> EngineError.INVALID_VALUE.exception(
                        "The command returns no rows. It was carried out. Use execute() or executeUpdate()."));
    }

    private static long updated(Outcome done) throws SQLException {
        if (done.result().isPresent()) {
            throw EngineError.INVALID_VALUE.exception(
                    "The command returns rows. It was carried out. Use execute() or executeQuery().");
        }
        return done.count();
    }

    private @Nullable Object call(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(below, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
