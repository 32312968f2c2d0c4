package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingStatement;
import io.mortise.driver.forwarding.Unwrapping;
import java.sql.SQLException;
import java.sql.Statement;

/** A statement. One thread at a time, but for cancel and close. */
public final class MortiseStatement extends ForwardingStatement implements Statement {
    private final SessionLink link;
    private final SessionLink.Maker maker;
    /** As JDBC has it, where there is none. */
    private static final int NO_UPDATE_COUNT = -1;

    private final InFlightCalls calls;
    private volatile Statement below;
    private String firstOfBatch = "";
    private int batchSize;
    // What has been asked for since, to be asked for again if the statement goes on in another session.
    private int maxRows;
    private int fetchSize;
    private boolean closesOnCompletion;

    MortiseStatement(SessionLink link, Statement below, SessionLink.Maker maker) {
        this(link, new InFlightCalls(link, below), below, maker);
    }

    private MortiseStatement(SessionLink link, InFlightCalls calls, Statement below, SessionLink.Maker maker) {
        super(below, calls);
        this.link = link;
        this.below = below;
        this.calls = calls;
        this.maker = maker;
        calls.setOwner(this);
    }

    // Tools ask for what is next after every execution, of CONNECT and DISCONNECT too.

    @Override
    public int getUpdateCount() throws SQLException {
        return calls.hasLeft() ? NO_UPDATE_COUNT : super.getUpdateCount();
    }

    @Override
    public long getLargeUpdateCount() throws SQLException {
        return calls.hasLeft() ? NO_UPDATE_COUNT : super.getLargeUpdateCount();
    }

    @Override
    public boolean getMoreResults() throws SQLException {
        return !calls.hasLeft() && super.getMoreResults();
    }

    /** Goes on with another statement below, in the present session of its connection; returns that. */
    Statement move() throws SQLException {
        Statement next = link.make(maker);
        next.setMaxRows(maxRows);
        next.setFetchSize(fetchSize);
        if (closesOnCompletion) {
            next.closeOnCompletion();
        }
        below = next;
        forwardTo(next);
        return next;
    }

    @Override
    public void setMaxRows(int rows) throws SQLException {
        super.setMaxRows(rows);
        maxRows = rows;
    }

    @Override
    public void setFetchSize(int rows) throws SQLException {
        super.setFetchSize(rows);
        fetchSize = rows;
    }

    @Override
    public void closeOnCompletion() throws SQLException {
        super.closeOnCompletion();
        closesOnCompletion = true;
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
