package io.mortise.driver.xa;

import io.mortise.engine.error.EngineException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The branches of distributed transactions on one connection. A branch is a transaction of the session, prepared with
 * {@code PREPARE COMMIT}; H2 keeps it over a crash under a name made of the branch's id. One thread at a time.
 *
 * <p>What a prepared branch is told may come from any connection, also from one that is in a branch of its own, or in a
 * transaction: that goes on. A transaction manager acts on the codes of the errors, so they follow X/Open's XA. A
 * branch that nobody knows is {@code XAER_NOTA}. Anything else that fails while a prepared branch is told is
 * {@code XAER_RMFAIL}, because the branch is still in doubt.
 */
public final class XaBranches implements XAResource {
    private static final String NAME_PREFIX = "XID_";
    private static final int TRANSACTION_NOT_FOUND = 90129; // H2's

    private final Connection connection;
    private final Step aliveCheck;
    private final Consumer<SQLException> broken;
    private @Nullable Xid branch;
    private boolean prepared;

    /**
     * @param aliveCheck throws the reason if the connection's transaction was rolled back from outside
     * @param broken hears of an error after which the connection is not to be lent again
     */
    public XaBranches(Connection connection, Step aliveCheck, Consumer<SQLException> broken) {
        this.connection = connection;
        this.aliveCheck = aliveCheck;
        this.broken = broken;
    }

    /** Is the connection in a branch, that has begun and not ended? */
    public boolean hasOne() {
        return branch != null;
    }

    private boolean isOwn(Xid xid) {
        return branch != null && nameOf(branch).equals(nameOf(xid));
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        if (flags == TMJOIN || flags == TMRESUME) {
            if (!isOwn(xid)) {
                throw new XAException(XAException.XAER_NOTA);
            }
            return;
        }
        if (branch != null) {
            throw new XAException(isOwn(xid) ? XAException.XAER_DUPID : XAException.XAER_PROTO);
        }
        run(() -> connection.setAutoCommit(false));
        branch = xid;
        prepared = false;
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        if (!isOwn(xid)) {
            throw new XAException(XAException.XAER_NOTA);
        }
        run(aliveCheck);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        if (!isOwn(xid)) {
            throw new XAException(XAException.XAER_INVAL); // As H2 has it.
        }
        run(() -> execute("PREPARE COMMIT " + nameOf(xid)));
        prepared = true;
        return XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        if (isOwn(xid) && !prepared) {
            run(connection::commit);
            over();
        } else {
            tell("COMMIT TRANSACTION ", xid);
        }
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        if (isOwn(xid) && !prepared) {
            run(connection::rollback);
            over();
        } else {
            tell("ROLLBACK TRANSACTION ", xid);
        }
    }

    /** Tells a prepared branch, on whatever connection it was prepared. */
    private void tell(String what, Xid xid) throws XAException {
        try {
            execute(what + nameOf(xid));
        } catch (SQLException e) {
            throw failure(
                    e, e.getErrorCode() == TRANSACTION_NOT_FOUND ? XAException.XAER_NOTA : XAException.XAER_RMFAIL);
        }
        if (isOwn(xid)) {
            over();
        }
    }

    /** The branch has ended well, whatever becomes of the connection. */
    private void over() {
        branch = null;
        prepared = false;
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            broken.accept(e);
        }
    }

    /** Does nothing: H2 forgets a branch when it ends. */
    @Override
    public void forget(Xid xid) {}

    @Override
    public Xid[] recover(int flags) throws XAException {
        List<Xid> found = new ArrayList<>();
        run(() -> {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT TRANSACTION_NAME FROM INFORMATION_SCHEMA.IN_DOUBT ORDER BY TRANSACTION_NAME")) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    if (name.startsWith(NAME_PREFIX)) {
                        found.add(Branch.named(name.substring(NAME_PREFIX.length())));
                    }
                }
            }
        });
        return found.toArray(Xid[]::new);
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }

    private static String nameOf(Xid xid) {
        HexFormat hex = HexFormat.of();
        return '"'
                + NAME_PREFIX
                + Integer.toHexString(xid.getFormatId())
                + '_'
                + hex.formatHex(xid.getBranchQualifier())
                + '_'
                + hex.formatHex(xid.getGlobalTransactionId())
                + '"';
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Something that may fail. */
    public interface Step {
        void run() throws SQLException;
    }

    private static void run(Step step) throws XAException {
        try {
            step.run();
        } catch (SQLException e) {
            throw failure(e, code(e));
        }
    }

    private static XAException failure(SQLException e, int code) {
        XAException failure = new XAException(e.getMessage());
        failure.errorCode = code;
        failure.initCause(e);
        return failure;
    }

    /**
     * What a transaction manager goes by: it rolls back a branch that is gone, and does not blame one for a lost
     * connection.
     */
    private static int code(SQLException e) {
        if (String.valueOf(e.getSQLState()).startsWith("08")) {
            return XAException.XAER_RMFAIL;
        }
        if (!(e instanceof EngineException known) || known.isTransactionAlive()) {
            return XAException.XAER_RMERR;
        }
        return switch (known.error()) {
            case CANCELLED -> XAException.XA_RBROLLBACK;
            default -> XAException.XA_RBDEADLOCK;
        };
    }

    /** A branch as it was found in the database after a crash. */
    private record Branch(int getFormatId, String qualifier, String global) implements Xid {
        static Branch named(String name) {
            int qualifier = name.indexOf('_') + 1;
            int global = name.lastIndexOf('_') + 1;
            return new Branch(
                    Integer.parseUnsignedInt(name.substring(0, qualifier - 1), 16),
                    name.substring(qualifier, global - 1),
                    name.substring(global));
        }

        @Override
        public byte[] getBranchQualifier() {
            return HexFormat.of().parseHex(qualifier);
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return HexFormat.of().parseHex(global);
        }
    }
}
