package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingResultSet;
import io.mortise.driver.forwarding.Unwrapping;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.gate.Stream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A result. Reading one that is there is not a statement; reading one that H2 still produces is, and so is changing a
 * row. One thread at a time but for {@link #close}.
 */
public final class MortiseResultSet extends ForwardingResultSet implements ResultSet {
    private final @Nullable InFlightCalls calls;
    private final Attachment attachment;
    /** The statement or connection it came from: kept, lest that is taken for abandoned while somebody reads this. */
    @SuppressWarnings("UnusedVariable")
    private final Object origin;

    /** Does a result of the catalogue ask another process for its rows while it is read? */
    private final boolean fetches;

    private volatile @Nullable Stream stream;
    private volatile boolean closed;

    MortiseResultSet(ResultSet delegate, InFlightCalls calls, @Nullable Stream stream) {
        super(delegate);
        this.calls = calls;
        this.attachment = calls.attachment();
        this.origin = calls;
        if (stream != null) { // Most are none, and a volatile write is a fence.
            this.stream = stream;
        }
        this.fetches = false;
    }

    /** A result that no statement of the client's has: one of the catalogue's. */
    MortiseResultSet(ResultSet delegate, Connection connection, Attachment attachment) {
        super(delegate);
        this.calls = null;
        this.attachment = attachment;
        this.origin = connection;
        this.fetches = attachment.isStreaming(delegate);
    }

    boolean isOf(ResultSet fromBelow) {
        return delegate == fromBelow;
    }

    boolean isStreaming() {
        return stream != null;
    }

    /** H2 has closed this result, for its statement was executed again or closed. The calling thread is inside. */
    void replaced() {
        Stream open = stream;
        if (open != null) {
            stream = null;
            attachment.close(open);
        }
    }

    @Override
    protected SQLException failed(SQLException e) {
        return SqlExceptions.translate(e, attachment);
    }

    @Override
    public boolean next() throws SQLException {
        Stream open = stream;
        if (open != null) {
            return next(open);
        }
        return fetches ? nextOfCatalogue() : super.next();
    }

    private boolean nextOfCatalogue() throws SQLException {
        attachment.enterBriefly("ResultSet.next");
        try {
            return super.next();
        } finally {
            attachment.exit();
        }
    }

    private boolean next(Stream open) throws SQLException {
        attachment.enter(open);
        try {
            boolean more = super.next();
            if (!more) {
                replaced();
            }
            return more;
        } finally {
            attachment.exit();
        }
    }

    /** Never waits: from another thread it ends the call that reads, which closes the result then. */
    @Override
    public void close() throws SQLException {
        if (stream == null && !closesBusyStatement()) {
            super.close();
            return;
        }
        closed = true;
        if (stream != null && attachment.isBusyElsewhere() && calls != null) {
            calls.cancel();
        }
        attachment.whenFree(() -> {
            StatementBelow.closeBehind(delegate);
            replaced();
        });
    }

    private boolean closesBusyStatement() throws SQLException {
        Statement owner = calls == null ? null : calls.owner();
        return owner != null && attachment.isBusyElsewhere() && !owner.isClosed() && owner.isCloseOnCompletion();
    }

    @Override
    public boolean isClosed() throws SQLException {
        return closed || super.isClosed();
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        Statement fromBelow = super.getStatement();
        return calls == null ? fromBelow : calls.owner();
    }

    @Override
    public void insertRow() throws SQLException {
        enter("ResultSet.insertRow");
        try {
            super.insertRow();
        } finally {
            attachment.exit();
        }
    }

    @Override
    public void updateRow() throws SQLException {
        enter("ResultSet.updateRow");
        try {
            super.updateRow();
        } finally {
            attachment.exit();
        }
    }

    @Override
    public void deleteRow() throws SQLException {
        enter("ResultSet.deleteRow");
        try {
            super.deleteRow();
        } finally {
            attachment.exit();
        }
    }

    @Override
    public void refreshRow() throws SQLException {
        enter("ResultSet.refreshRow");
        try {
            super.refreshRow();
        } finally {
            attachment.exit();
        }
    }

    private void enter(String call) throws SQLException {
        if (calls == null) {
            attachment.enterBriefly(call);
        } else if (!attachment.enter(call, calls.number())) {
            throw SqlExceptions.closed();
        }
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return Unwrapping.unwrap(this, delegate, type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return Unwrapping.isWrapperFor(this, delegate, type);
    }
}
