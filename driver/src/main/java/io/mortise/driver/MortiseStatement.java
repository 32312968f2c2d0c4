package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** A statement. One thread at a time, but for cancel and close. */
public final class MortiseStatement extends ForwardingStatement {
    private final Statement below;
    private final InFlightCalls calls;
    private String firstOfBatch = "";
    private int batchSize;

    MortiseStatement(MortiseConnection connection, Statement below) {
        this(new InFlightCalls(connection, below), below);
    }

    private MortiseStatement(InFlightCalls calls, Statement below) {
        super(below, calls);
        this.below = below;
        this.calls = calls;
        calls.setOwner(this);
    }

    // Tools ask for what is next after every execution, of CONNECT and DISCONNECT too.

    @Override
    public int getUpdateCount() throws SQLException {
        return calls.hasLeft() ? -1 : super.getUpdateCount();
    }

    @Override
    public long getLargeUpdateCount() throws SQLException {
        return calls.hasLeft() ? -1 : super.getLargeUpdateCount();
    }

    @Override
    public boolean getMoreResults() throws SQLException {
        return !calls.hasLeft() && super.getMoreResults();
    }

    @Override
    public void addBatch(String sql) throws SQLException {
        super.addBatch(sql);
        if (batchSize++ == 0) {
            firstOfBatch = sql;
        }
    }

    @Override
    public void clearBatch() throws SQLException {
        super.clearBatch();
        batchSize = 0;
    }

    @Override
    protected String batchText() {
        int others = batchSize - 1;
        batchSize = 0;
        return others > 0 ? firstOfBatch + " -- and " + others + " more in the batch" : firstOfBatch;
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
