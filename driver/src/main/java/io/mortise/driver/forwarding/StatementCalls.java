package io.mortise.driver.forwarding;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * What the driver does around, and instead of, the calls of a statement: the same for the three kinds of statements.
 */
public interface StatementCalls {
    /** The text to execute for a text of the client's. Before {@link #begin}. */
    String read(String sql) throws SQLException;

    /** The same for a text that is executed later, with others, and so cannot end the connection. */
    String readOne(String sql) throws SQLException;

    /** Before an execution; {@link #end} follows on the same thread. If this throws, neither follows. */
    void begin(String sql) throws SQLException;

    /** The same before the execution of a batch, which is below already. */
    void beginBatch(String sql) throws SQLException;

    void end() throws SQLException;

    /** What the caller gets for this exception from below. */
    SQLException failed(SQLException e);

    /** The result that the caller gets for this one. */
    @Nullable
    ResultSet result(@Nullable ResultSet fromBelow) throws SQLException;

    /** {@code execute} has returned this, and is still between {@link #begin} and {@link #end}. */
    boolean executed(boolean hasResult) throws SQLException;

    Connection connection() throws SQLException;

    void cancel() throws SQLException;

    void close() throws SQLException;

    boolean isClosed() throws SQLException;

    @Nullable
    SQLWarning warnings() throws SQLException;

    void clearWarnings() throws SQLException;

    int queryTimeout() throws SQLException;

    void setQueryTimeout(int seconds) throws SQLException;
}
