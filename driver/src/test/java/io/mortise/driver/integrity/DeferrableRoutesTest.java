package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mortise.driver.MortiseDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.XAConnection;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A READ ONLY, DEFERRABLE transaction by each way to a database. It may not wait here, so it says that it would. */
@Timeout(60)
final class DeferrableRoutesTest {
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final String DEFERRABLE = ";READ_ONLY=TRUE;DEFERRABLE=TRUE";

    private final String name = "deferrable" + LAST.incrementAndGet();
    private final String url = "jdbc:mortise:mem:" + name + ";LOCK_TIMEOUT=0";
    private Connection writer;

    @BeforeEach
    void somebodyHasWritten() throws SQLException {
        writer = DriverManager.getConnection(url, "sa", "");
        execute(writer, "CREATE TABLE T(ID INT PRIMARY KEY)");
        writer.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        writer.setAutoCommit(false);
        execute(writer, "INSERT INTO T VALUES (1)");
    }

    @AfterEach
    void close() throws SQLException {
        writer.close();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void wouldWait(Connection report) {
        SQLException error = catchThrowableOfType(SQLException.class, () -> count(report));
        assertThat(error.getSQLState()).isEqualTo("HYT00");
        assertThat(error.getMessage()).contains(" is still open in session ");
    }

    private void waitsAndReads(Connection report) throws SQLException {
        report.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        report.setAutoCommit(false);
        wouldWait(report);
        writer.commit();
        assertThat(count(report)).isEqualTo(1);
        report.commit();
    }

    @Test
    void byTheUrl() throws SQLException {
        try (Connection report = DriverManager.getConnection(url + DEFERRABLE, "sa", "")) {
            waitsAndReads(report);
        }
    }

    @Test
    void byWhatAConnectionIsTold() throws SQLException {
        try (Connection report = DriverManager.getConnection(url, "sa", "")) {
            report.setReadOnly(true);
            execute(report, "SET DEFERRABLE TRUE");
            waitsAndReads(report);
        }
    }

    @Test
    void byADataSource() throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl(url);
        source.setUser("sa");
        source.setReadOnly(true);
        source.setDeferrable(true);
        try (Connection report = source.getConnection()) {
            waitsAndReads(report);
        }
    }

    @Test
    void overTcp() throws SQLException {
        try (Connection server = DriverManager.getConnection(url, "sa", "")) {
            execute(server, "SET PARAMETER SERVE = 'tcp:0'");
            String served;
            try (Statement statement = server.createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")) {
                rows.next();
                served = rows.getString(1);
            }
            String port = served.substring("tcp:".length());
            try (Connection report = DriverManager.getConnection(
                    "jdbc:mortise:h2:tcp://localhost:" + port + "/mem:" + name + ";LOCK_TIMEOUT=0" + DEFERRABLE,
                    "sa",
                    "")) {
                waitsAndReads(report);
            }
            execute(server, "SET PARAMETER SERVE = ''");
        }
    }

    @Test
    void asABranch() throws Exception {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl(url + DEFERRABLE);
        source.setUser("sa");
        XAConnection xa = source.getXAConnection();
        try (Connection handle = xa.getConnection()) {
            handle.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            Xid xid = new Branch(new byte[] {1}, new byte[] {2});
            xa.getXAResource().start(xid, XAResource.TMNOFLAGS);
            wouldWait(handle);
            writer.commit();
            assertThat(count(handle)).isEqualTo(1);
            xa.getXAResource().end(xid, XAResource.TMSUCCESS);
            assertThat(xa.getXAResource().prepare(xid)).isEqualTo(XAResource.XA_OK);
            xa.getXAResource().commit(xid, false);
        } finally {
            xa.close();
        }
    }

    private record Branch(byte[] getGlobalTransactionId, byte[] getBranchQualifier) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }
    }

    /** Where readers lock what they read there is nothing to wait for. */
    @Test
    void whereReadersLockItHasNoEffect() throws SQLException {
        String locks = "jdbc:mortise:mem:" + name + "locks;LOCK_TIMEOUT=0;SERIALIZABLE_BY=LOCKS";
        try (Connection first = DriverManager.getConnection(locks, "sa", "");
                Connection report = DriverManager.getConnection(locks + DEFERRABLE, "sa", "")) {
            execute(first, "CREATE TABLE T(ID INT PRIMARY KEY)");
            execute(first, "CREATE TABLE U(ID INT PRIMARY KEY)");
            first.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            first.setAutoCommit(false);
            execute(first, "INSERT INTO U VALUES (1)");
            report.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            assertThat(count(report)).isZero();
        }
    }
}
