package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transaction manager tells one connection of branches of others, and what it is told when that fails. */
@Timeout(60)
final class XaBranchesTest {
    private static final Xid OWN = new PreparedBranch.Id(new byte[] {9}, new byte[] {9});
    private static final Xid THIRD = new PreparedBranch.Id(new byte[] {8}, new byte[] {8});

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private String url;

    @BeforeEach
    void make() throws SQLException {
        url = "jdbc:mortise:file:" + folder.resolve("xa");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
        }
    }

    private XAConnection xa() throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl(url);
        return source.getXAConnection();
    }

    private void prepareAnother() throws Exception {
        XAConnection another = xa();
        PreparedBranch.prepare(another, "INSERT INTO T VALUES (1)");
        another.close();
    }

    private static void insert(XAConnection connection, int id) throws SQLException {
        Connection handle = connection.getConnection();
        try (Statement statement = handle.createStatement()) {
            statement.executeUpdate("INSERT INTO T VALUES (" + id + ")");
        }
    }

    private String rows() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                var rows =
                        statement.executeQuery("SELECT COALESCE(LISTAGG(ID) WITHIN GROUP (ORDER BY ID), '') FROM T")) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Plain H2 commits what the connection itself is in the middle of. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void toEndTheBranchOfAnotherLeavesTheOwnOneOpen(boolean commits) throws Exception {
        try (Connection keeper = DriverManager.getConnection(url)) {
            prepareAnother();
            XAConnection connection = xa();
            XAResource resource = connection.getXAResource();
            resource.start(OWN, XAResource.TMNOFLAGS);
            insert(connection, 2);

            end(resource, commits);

            assertThat(rows()).isEqualTo(commits ? "1" : "");
            insert(connection, 3);
            resource.end(OWN, XAResource.TMFAIL);
            resource.rollback(OWN);
            assertThat(rows()).isEqualTo(commits ? "1" : "");
            connection.close();
            assertThat(keeper.isValid(1)).isTrue();
        }
    }

    private static void end(XAResource resource, boolean commits) throws XAException {
        if (commits) {
            resource.commit(PreparedBranch.XID, false);
        } else {
            resource.rollback(PreparedBranch.XID);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void toEndTheBranchOfAnotherLeavesALocalTransactionOpen(boolean commits) throws Exception {
        try (Connection keeper = DriverManager.getConnection(url)) {
            prepareAnother();
            XAConnection connection = xa();
            Connection handle = connection.getConnection();
            handle.setAutoCommit(false);
            try (Statement statement = handle.createStatement()) {
                statement.executeUpdate("INSERT INTO T VALUES (2)");
            }

            end(connection.getXAResource(), commits);

            assertThat(handle.getAutoCommit()).isFalse();
            handle.rollback();
            assertThat(rows()).isEqualTo(commits ? "1" : "");
            connection.close();
            assertThat(keeper.isValid(1)).isTrue();
        }
    }

    @Test
    void aBranchThatNobodyKnowsIsNotKnown() throws Exception {
        XAConnection connection = xa();
        XAResource resource = connection.getXAResource();

        fails(XAException.XAER_NOTA, () -> resource.commit(OWN, false));
        fails(XAException.XAER_NOTA, () -> resource.commit(OWN, true));
        fails(XAException.XAER_NOTA, () -> resource.rollback(OWN));
        fails(XAException.XAER_NOTA, () -> resource.end(OWN, XAResource.TMSUCCESS));
        fails(XAException.XAER_NOTA, () -> resource.start(OWN, XAResource.TMJOIN));
        connection.close();
    }

    @Test
    void aConnectionIsInOneBranchAtATime() throws Exception {
        XAConnection connection = xa();
        XAResource resource = connection.getXAResource();
        resource.start(OWN, XAResource.TMNOFLAGS);
        insert(connection, 2);

        fails(XAException.XAER_DUPID, () -> resource.start(OWN, XAResource.TMNOFLAGS));
        fails(XAException.XAER_PROTO, () -> resource.start(THIRD, XAResource.TMNOFLAGS));
        resource.end(OWN, XAResource.TMSUCCESS);
        resource.commit(OWN, true);

        assertThat(rows()).isEqualTo("2");
        connection.close();
    }

    /** Any other code would tell the transaction manager that the branch has ended. */
    @Test
    void aPreparedBranchThatCannotBeToldIsInDoubtStill() throws Exception {
        XAConnection connection = xa();
        PreparedBranch.prepare(connection, "INSERT INTO T VALUES (1)");
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            statement.execute("SHUTDOWN");
        }
        XAResource resource = connection.getXAResource();
        fails(XAException.XAER_RMFAIL, () -> resource.commit(PreparedBranch.XID, false));
        fails(XAException.XAER_RMFAIL, () -> resource.rollback(PreparedBranch.XID));
        fails(XAException.XAER_RMFAIL, () -> resource.recover(XAResource.TMSTARTRSCAN));

        XAConnection next = xa();
        assertThat(next.getXAResource().recover(XAResource.TMSTARTRSCAN)).hasSize(1);
        next.getXAResource().commit(PreparedBranch.XID, false);
        assertThat(rows()).isEqualTo("1");
        next.close();
    }

    private static void fails(int code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        XAException.class, e -> assertThat(e.errorCode).isEqualTo(code));
    }
}
