package io.mortise.driver;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;

/**
 * Keeps HikariCP up to 6.1 from dropping a connection because a statement on it ended in time:
 * {@code exceptionOverrideClassName=io.mortise.driver.MortiseExceptionOverride}. After a lock timeout, a cancel or a
 * query timeout the connection is as good as before, and so is its transaction. HikariCP 6.2 and newer know that.
 * Stateless.
 */
public final class MortiseExceptionOverride implements SQLExceptionOverride {
    @java.lang.Override
    public Override adjudicate(SQLException e) {
        boolean isConnectionGone = e.getSQLState() != null && e.getSQLState().startsWith("08");
        return e instanceof SQLTimeoutException && !isConnectionGone ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
    }
}
