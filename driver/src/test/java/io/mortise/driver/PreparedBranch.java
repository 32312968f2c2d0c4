package io.mortise.driver;

import java.sql.Connection;
import java.sql.Statement;
import javax.sql.XAConnection;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** A process that prepares a branch of a distributed transaction and then waits to be killed. */
final class PreparedBranch {
    static final Xid XID = new Id(new byte[] {1, -2}, new byte[] {3});

    private PreparedBranch() {}

    /** A branch's id. */
    record Id(byte[] getGlobalTransactionId, byte[] getBranchQualifier) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }
    }

    /** @param arguments the URL */
    public static void main(String[] arguments) throws Exception {
        MortiseDataSource dataSource = new MortiseDataSource();
        dataSource.setUrl(arguments[0]);
        XAConnection connection = dataSource.getXAConnection();
        prepare(connection);
        System.out.println("prepared");
        System.out.flush();
        System.in.read();
    }

    static void prepare(XAConnection connection) throws Exception {
        prepare(connection, "UPDATE T SET V = 7 WHERE ID = 1");
    }

    static void prepare(XAConnection connection, String... changes) throws Exception {
        XAResource resource = connection.getXAResource();
        resource.start(XID, XAResource.TMNOFLAGS);
        try (Connection handle = connection.getConnection();
                Statement statement = handle.createStatement()) {
            for (String change : changes) {
                statement.executeUpdate(change);
            }
        }
        resource.end(XID, XAResource.TMSUCCESS);
        if (resource.prepare(XID) != XAResource.XA_OK) {
            throw new AssertionError("it was read only");
        }
    }
}
