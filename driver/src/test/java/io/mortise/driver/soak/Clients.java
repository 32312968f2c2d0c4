package io.mortise.driver.soak;

import io.mortise.driver.MortiseDataSource;
import io.mortise.driver.soak.Oracle.Told;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.SplittableRandom;
import javax.sql.PooledConnection;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** What the sessions of a run do, each a unit of work that writes tokens and tells the oracle. For one thread. */
final class Clients {
    /** A unit of work over a connection. */
    interface Work {
        void run(Connection connection) throws SQLException;
    }

    private static final String INSERT = "INSERT INTO LEDGER(TOKEN, WHO) VALUES (?, ?)";
    static final int ACCOUNTS = 20;

    private final Oracle oracle;
    private final SplittableRandom random;

    Clients(Oracle oracle, SplittableRandom random) {
        this.oracle = oracle;
        this.random = random;
    }

    /** Did it fail because the connection was lost, or memory? Then nobody can say what became of it. */
    private static Told toldBy(Throwable thrown) {
        boolean isLost = thrown instanceof SQLException e
                && String.valueOf(e.getSQLState()).startsWith("08");
        return isLost || Misfortune.isBehind(thrown) ? Told.UNKNOWN : Told.UNDONE;
    }

    /** Closes as one does whose first try has failed for want of memory. */
    static void close(Connection connection) throws SQLException {
        for (int i = 0; ; i++) {
            try {
                connection.close();
                return;
            } catch (SQLException | Error e) {
                if (i == 10 || !Misfortune.isBehind(e)) {
                    throw e;
                }
            }
        }
    }

    void autocommit(Connection connection) throws SQLException {
        long token = oracle.tokens(1);
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setLong(1, token);
            insert.setString(2, "autocommit");
            if (random.nextInt(20) == 0) {
                insert.setQueryTimeout(1);
            }
            insert.executeUpdate();
            oracle.tell(token, 1, Told.COMMITTED, "autocommit");
        } catch (SQLException | RuntimeException | Error e) {
            oracle.tell(token, 1, toldBy(e), "autocommit", e);
            throw e;
        }
    }

    /** A function of the statement throws an Error, or an exception. */
    void failing(Connection connection) throws SQLException {
        long token = oracle.tokens(1);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "INSERT INTO LEDGER(TOKEN, WHO) VALUES (" + token + ", BOOM(" + random.nextInt(4) + "))");
            oracle.tell(token, 1, Told.COMMITTED, "failing");
        } catch (SQLException | RuntimeException | Error e) {
            oracle.tell(token, 1, toldBy(e), "failing", e);
            throw e;
        }
    }

    /** In autocommit a failed row leaves the others; the counts say which rows are there. */
    void batch(Connection connection) throws SQLException {
        int size = 1 + random.nextInt(30);
        long first = oracle.tokens(size);
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < size; i++) {
                insert.setLong(1, first + i);
                insert.setString(2, "batch");
                insert.addBatch();
            }
            insert.executeBatch();
            for (int i = 0; i < size; i++) {
                oracle.tell(first + i, 1, Told.COMMITTED, "batch");
            }
        } catch (BatchUpdateException e) {
            int[] counts = e.getUpdateCounts();
            for (int i = 0; i < size; i++) {
                boolean isThere = i < counts.length && counts[i] >= 0;
                oracle.tell(first + i, 1, isThere ? Told.COMMITTED : toldBy(e), "batch", e);
            }
            throw e;
        } catch (SQLException | RuntimeException | Error e) {
            for (int i = 0; i < size; i++) {
                oracle.tell(first + i, 1, toldBy(e), "batch", e);
            }
            throw e;
        }
    }

    /** Moves money between two accounts and writes tokens, with a savepoint now and then. */
    void transaction(Connection connection) throws SQLException {
        int size = 1 + random.nextInt(4);
        long first = oracle.tokens(size);
        boolean isCommitting = false;
        try {
            connection.setAutoCommit(false);
            write(connection, first, size, "transaction");
            isCommitting = true;
            connection.commit();
            oracle.tell(first, size, Told.COMMITTED, "transaction");
        } catch (SQLException | RuntimeException | Error e) {
            oracle.tell(first, size, isCommitting ? toldBy(e) : Told.UNDONE, "transaction", e);
            throw e;
        } finally {
            leave(connection);
        }
    }

    private void write(Connection connection, long first, int size, String who) throws SQLException {
        int from = random.nextInt(ACCOUNTS);
        int to = random.nextInt(ACCOUNTS);
        try (Statement statement = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            statement.executeUpdate("UPDATE ACCOUNT SET V = V - 1 WHERE ID = " + from);
            for (int i = 0; i < size; i++) {
                insert.setLong(1, first + i);
                insert.setString(2, who);
                insert.executeUpdate();
            }
            if (random.nextInt(4) == 0) {
                Savepoint savepoint = connection.setSavepoint();
                statement.executeUpdate("UPDATE ACCOUNT SET V = V + 1000 WHERE ID = " + random.nextInt(ACCOUNTS));
                connection.rollback(savepoint);
            }
            statement.executeUpdate("UPDATE ACCOUNT SET V = V + 1 WHERE ID = " + to);
        }
    }

    /** A doomed transaction is over with a full roll-back, which succeeds unless the connection is gone. */
    private void leave(Connection connection) throws SQLException {
        if (!connection.isClosed()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    void pooled(MortiseDataSource source) throws SQLException {
        PooledConnection pooled = source.getPooledConnection();
        try {
            for (int i = 0; i < 5; i++) {
                Connection handle = pooled.getConnection();
                try {
                    transaction(handle);
                } finally {
                    close(handle);
                }
            }
        } finally {
            close(pooled);
        }
    }

    private static void close(PooledConnection pooled) throws SQLException {
        for (int i = 0; ; i++) {
            try {
                pooled.close();
                return;
            } catch (SQLException | Error e) {
                if (i == 10 || !Misfortune.isBehind(e)) {
                    throw e;
                }
            }
        }
    }

    void distributed(MortiseDataSource source) throws SQLException {
        XAConnection distributed = source.getXAConnection();
        long token = oracle.tokens(2);
        Told told = Told.UNDONE;
        try {
            XAResource resource = distributed.getXAResource();
            Xid branch = new Branch(token);
            resource.start(branch, XAResource.TMNOFLAGS);
            write(distributed.getConnection(), token, 2, "xa");
            resource.end(branch, XAResource.TMSUCCESS);
            if (random.nextBoolean()) {
                told = Told.UNKNOWN;
                resource.prepare(branch);
                resource.commit(branch, false);
            } else {
                told = Told.UNKNOWN;
                resource.commit(branch, true);
            }
            told = Told.COMMITTED;
        } catch (XAException e) {
            oracle.count("xa error " + e.errorCode);
        } finally {
            oracle.tell(token, 2, told, "xa");
            close(distributed);
        }
    }

    private record Branch(long token) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return Long.toString(token).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }
    }
}
