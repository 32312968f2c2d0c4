package io.mortise.postgres.connection;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;

/** Shows pgjdbc's connection to the driver, and tells the session of what ends a transaction or the connection. Stateless. */
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

    public static Connection watched(Connection below, Ends ends) {
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
                        return method.invoke(below, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }
}
