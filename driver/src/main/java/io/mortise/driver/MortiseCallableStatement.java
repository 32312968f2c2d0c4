package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingCallableStatement;
import io.mortise.driver.forwarding.Unwrapping;
import java.sql.CallableStatement;
import java.sql.SQLException;

/** A callable statement. One thread at a time, but for cancel and close. */
public final class MortiseCallableStatement extends ForwardingCallableStatement implements CallableStatement {
    private final CallableStatement below;

    MortiseCallableStatement(SessionLink link, CallableStatement below, String sql) {
        this(new InFlightCalls(link, below), below, sql);
    }

    private MortiseCallableStatement(InFlightCalls calls, CallableStatement below, String sql) {
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
