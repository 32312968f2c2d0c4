package io.mortise.driver;

import io.mortise.driver.forwarding.StatementCalls;
import io.mortise.engine.command.Command.ForConnection;
import io.mortise.engine.command.Script;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.gate.Handed;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the driver adds to a statement: it enters and leaves the session, collects warnings, and has a query timeout of
 * its own. It can be cancelled and closed from any thread. One thread at a time but for those.
 */
final class InFlightCalls implements StatementCalls {
    private static final String TRANSACTION_LOST = "40001";
    private static final long BATCH_OF_TEXTS = 0;

    private final SessionLink link;
    private final Connection face; // what the client knows as the connection: a pool's handle, or itself

    /** Written by the thread that runs the statement, read by those that cancel and close. */
    private final Handed<StatementBelow> present;

    /** The number of the statement that runs or ran last, for {@link #cancel}. */
    private final AtomicLong number = new AtomicLong();

    private @Nullable Statement owner;
    /** What happens to the connection after the execution has succeeded. */
    private @Nullable ForConnection afterwards;

    /** Has the execution thrown what the client is to hear? */
    private boolean hasFailed;

    private @Nullable SQLWarning warnings;
    private OptionalInt queryTimeoutMillis = OptionalInt.empty(); // the session's
    private int sessionTimeoutMillis;
    private volatile boolean closed;
    /** Has CONNECT or DISCONNECT taken the session away from under the statement? */
    private volatile boolean left;
    /** What the client wrote, where storage is given something else; empty where it is not. */
    private String clientsText = "";

    InFlightCalls(SessionLink link, Statement below) {
        this.link = link;
        this.present = new Handed<>(new StatementBelow(link.attachment(), below, Optional.empty()));
        this.face = link.face();
    }

    /** The statement these calls belong to: what {@code ResultSet.getStatement} returns. */
    void setOwner(Statement statement) {
        owner = statement;
        if (face instanceof SessionLink.Handle handle) {
            handle.made(statement);
        }
    }

    @Nullable
    Statement owner() {
        return owner;
    }

    @Override
    public String read(String sql) throws SQLException {
        checkText(sql);
        Script script = attachment().read(sql);
        afterwards = script.afterwards().orElse(null);
        clientsText = script.isStoragesOwn() ? "" : sql;
        return script.textFor(sql);
    }

    @Override
    public String readOne(String sql) throws SQLException {
        checkText(sql);
        return link.read(sql);
    }

    /** Null is answered as H2 answers it, which asks other things first. */
    private void checkText(@Nullable String sql) throws SQLException {
        if (sql == null) {
            if (present.get().statement() instanceof PreparedStatement) {
                throw SqlExceptions.prepared();
            }
            throw closed ? SqlExceptions.closed() : SqlExceptions.noText();
        }
    }

    @Override
    public void begin(String sql) throws SQLException {
        begin(sql, owner instanceof MortiseStatement statement ? statement : null);
    }

    @Override
    public void beginBatch(String sql) throws SQLException {
        begin(sql, null);
        boolean isPrepared = present.get().statement() instanceof PreparedStatement;
        attachment().startBatch(isPrepared ? number.get() : BATCH_OF_TEXTS);
    }

    private void begin(String sql, @Nullable MortiseStatement movable) throws SQLException {
        if (closed || link.isGivenBack(face)) {
            throw SqlExceptions.closed();
        }
        while (link.attachment() != attachment() || !attachment().enter(sql, number)) {
            move(movable);
        }
        boolean begun = false;
        try {
            limit();
            attachment().runBy(present.get().statement());
            begun = true;
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            if (!begun) {
                leave();
            }
        }
        forgetResult();
        warnings = null;
        hasFailed = false;
    }

    private void limit() {
        if (queryTimeoutMillis.isPresent()) {
            sessionTimeoutMillis = attachment().limit(queryTimeoutMillis.getAsInt());
        }
    }

    /** The session is free afterwards, whatever happens on the way. */
    private void leave() {
        try {
            if (queryTimeoutMillis.isPresent()) {
                attachment().unlimit(queryTimeoutMillis.getAsInt(), sessionTimeoutMillis);
            }
        } finally {
            attachment().exit();
        }
    }

    /**
     * The session of this statement is not its connection's any more: CLOSE_SESSION or CONNECT came. A plain statement
     * goes on in the new one; what was prepared, or put into a batch, is gone.
     */
    private void move(@Nullable MortiseStatement movable) throws SQLException {
        Attachment next = link.current();
        if (movable == null) {
            throw SqlExceptions.leftBehind(attachment().session());
        }
        StatementBelow before = present.get();
        present.set(new StatementBelow(next, movable.move(), before.result()));
        left = false;
        StatementBelow.closeBehind(before.statement());
    }

    /**
     * H2 closes the result of the execution before. One that was there whole stays until there is another: it is empty.
     */
    private void forgetResult() {
        StatementBelow before = present.get();
        if (before.isStreaming()) {
            before.result().ifPresent(MortiseResultSet::replaced);
            present.set(before.with(Optional.empty()));
        }
    }

    @Override
    public void end() throws SQLException {
        try {
            attachment().takeWarnings().ifPresent(this::warn);
            if (!hasFailed) {
                attachment().checkAcknowledged();
            }
        } finally {
            leave();
        }
        ForConnection command = afterwards;
        if (command != null) {
            afterwards = null;
            link.run(command);
            left = true;
        }
    }

    /** Is the statement of no more use, because it was CONNECT or DISCONNECT? Then it has nothing more to tell. */
    boolean hasLeft() {
        return left;
    }

    private void warn(SQLWarning warning) {
        if (warnings == null) {
            warnings = warning;
        } else {
            warnings.setNextWarning(warning);
        }
    }

    @Override
    public SQLException failed(SQLException e) {
        hasFailed = true;
        afterwards = null;
        boolean isOfTexts =
                e instanceof BatchUpdateException && !(present.get().statement() instanceof PreparedStatement);
        if (isOfTexts && attachment().session().isElsewhere()) {
            endWhatIsLost(e);
        }
        return SqlExceptions.translate(
                clientsText.isEmpty() ? e : attachment().inWordsOf(clientsText, e), attachment());
    }

    /**
     * The engine does not run the rows behind one that has lost the transaction. But texts of a batch go to another
     * process one by one, as statements of their own: those behind it have begun a transaction that nobody has asked
     * for.
     */
    private void endWhatIsLost(SQLException batch) {
        boolean isLost = false;
        for (SQLException row = batch.getNextException(); row != null; row = row.getNextException()) {
            isLost |= TRANSACTION_LOST.equals(row.getSQLState());
        }
        try {
            Connection below = present.get().statement().getConnection();
            if (isLost && !below.getAutoCommit()) {
                below.rollback();
            }
        } catch (SQLException e) {
            batch.addSuppressed(e);
        }
    }

    @Override
    public @Nullable ResultSet result(@Nullable ResultSet fromBelow) {
        if (fromBelow == null) {
            return null;
        }
        StatementBelow before = present.get();
        Optional<MortiseResultSet> same = before.result().filter(last -> last.isOf(fromBelow));
        if (same.isPresent()) {
            return same.get();
        }
        MortiseResultSet next =
                new MortiseResultSet(fromBelow, this, before.streamOf(fromBelow).orElse(null));
        present.set(before.with(Optional.of(next)));
        return next;
    }

    @Override
    public boolean executed(boolean hasResult) throws SQLException {
        if (hasResult) {
            result(present.get().statement().getResultSet());
        }
        return hasResult;
    }

    @Override
    public Connection connection() throws SQLException {
        checkOpen();
        return face;
    }

    Attachment attachment() {
        return present.get().attachment();
    }

    AtomicLong number() {
        return number;
    }

    /** Throws what H2 throws if the statement or its connection is closed. */
    private void checkOpen() throws SQLException {
        if (closed) {
            throw SqlExceptions.closed();
        }
        try {
            present.get().statement().getMaxRows();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void cancel() throws SQLException {
        checkOpen();
        present.get().cancel(number.get());
    }

    /** Of a running statement, from another thread: cancels it, and returns without waiting for it. */
    @Override
    public void close() throws SQLException {
        if (closed) {
            return;
        }
        StatementBelow open = present.get();
        if (!open.isStreaming() && !open.attachment().isBusyElsewhere()) {
            closed = true;
            try {
                open.statement().close();
            } catch (SQLException e) {
                throw failed(e);
            }
            return;
        }
        open.cancel(number.get());
        closed = true;
        open.closeWhenFree();
    }

    @Override
    public boolean isClosed() throws SQLException {
        return closed || left || present.get().statement().isClosed();
    }

    @Override
    public @Nullable SQLWarning warnings() throws SQLException {
        if (!left) {
            checkOpen();
        }
        return warnings;
    }

    @Override
    public void clearWarnings() throws SQLException {
        checkOpen();
        warnings = null;
    }

    @Override
    public int queryTimeout() throws SQLException {
        checkOpen();
        int millis = queryTimeoutMillis.orElseGet(() -> attachment().queryTimeoutMillis());
        return (int) ((millis + 999L) / 1000);
    }

    @Override
    public void setQueryTimeout(int seconds) throws SQLException {
        checkOpen();
        if (seconds < 0) {
            present.get().statement().setQueryTimeout(seconds);
        }
        queryTimeoutMillis = OptionalInt.of((int) Math.min(seconds * 1000L, Integer.MAX_VALUE));
    }
}
