package io.mortise.postgres.connection;

import io.mortise.postgres.command.CommandStatement;
import io.mortise.postgres.command.Room;
import io.mortise.postgres.table.ListedTables;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Shows pgjdbc's connection to the driver, and tells the session of what ends a transaction or the connection.
 * Stateless.
 */
public final class Connections {
    private Connections() {}

    /** A call of pgjdbc's. */
    public interface Call {
        void run() throws SQLException;
    }

    /** What is told of calls that end something. */
    public interface Ends {
        void commit(Call call) throws SQLException;

        void rollback(Call call) throws SQLException;

        void close(Call call) throws SQLException;
    }

    /** The connection as the driver sees it; {@code room} carries out the commands of the driver. */
    public static Connection watched(Connection below, Ends ends, Room room) {
        return (Connection) Proxy.newProxyInstance(
                Connections.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, given) -> {
                    Object[] arguments = given == null ? new Object[0] : given;
                    if (arguments.length == 0) {
                        switch (method.getName()) {
                            case "commit" -> {
                                ends.commit(below::commit);
                                return null;
                            }
                            case "rollback" -> {
                                ends.rollback(below::rollback);
                                return null;
                            }
                            case "close" -> {
                                ends.close(below::close);
                                return null;
                            }
                            default -> {}
                        }
                    }
                    try {
                        return shown(method.invoke(below, arguments), arguments, room);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    private static @Nullable Object shown(@Nullable Object made, Object[] arguments, Room room) {
        if (made instanceof PreparedStatement prepared) {
            return CommandStatement.of(prepared, String.valueOf(arguments[0]), room);
        }
        if (made instanceof DatabaseMetaData metaData) {
            return ListedTables.over(
                    metaData, room.connection(), room.tables(), room.caveat().orElse(""));
        }
        return made instanceof Statement statement ? CommandStatement.of(statement, room) : made;
    }
}
