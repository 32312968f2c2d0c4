package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingPreparedStatement;
import io.mortise.driver.forwarding.Unwrapping;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A prepared statement. One thread at a time, but for cancel and close. */
public final class MortisePreparedStatement extends ForwardingPreparedStatement implements PreparedStatement {
    private final PreparedStatement below;

    MortisePreparedStatement(SessionLink link, PreparedStatement below, String sql) {
        this(new InFlightCalls(link, below), below, sql);
    }

    private MortisePreparedStatement(InFlightCalls calls, PreparedStatement below, String sql) {
        super(below, calls, sql);
        this.below = below;
        calls.setOwner(this);
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return Unwrapping.unwrap(this, below, type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return Unwrapping.isWrapperFor(this, below, type);
    }
}
