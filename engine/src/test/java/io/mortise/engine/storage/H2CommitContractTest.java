package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That a commit can be refused, whichever way it comes: H2 has no veto, but it tells each table that was changed just
 * before it commits, and what is thrown there goes to the client. Tried on a table that only listens.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class H2CommitContractTest {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String name = "mem:commits" + LAST.incrementAndGet();
    private final String url = "jdbc:h2:" + name + ";DEFAULT_TABLE_ENGINE=" + ProbeTable.Engine.class.getName();
    private Connection connection;
    private Connection other;

    /** A way to commit what a session has changed. */
    private interface Commit {
        void by(Connection session) throws SQLException;
    }

    private enum Route {
        CALL(Connection::commit),
        SQL(session -> run(session, "COMMIT")),
        AUTOCOMMIT_ON(session -> session.setAutoCommit(true)),
        AUTOCOMMIT_ON_BY_SQL(session -> run(session, "SET AUTOCOMMIT TRUE")),
        LEVEL(session -> session.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED)),
        LEVEL_BY_SQL(
                session -> run(session, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")),
        DEFINITION(session -> run(session, "CREATE TABLE U(ID INT)")),
        TRUNCATION(session -> run(session, "TRUNCATE TABLE V")),
        RIGHT(session -> run(session, "CREATE ROLE R")),
        SETTING(session -> run(session, "SET DEFAULT_LOCK_TIMEOUT 2000")),
        PREPARED(session -> {
            try (var commit = session.prepareStatement("COMMIT")) {
                commit.execute();
            }
        });

        private final Commit commit;

        Route(Commit commit) {
            this.commit = commit;
        }
    }

    @BeforeEach
    void aTableWithOneRow() throws SQLException {
        ProbeTable.forget();
        connection = DriverManager.getConnection(url, "SA", "");
        other = DriverManager.getConnection(url, "SA", "");
        run(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        run(connection, "CREATE TABLE V(ID INT PRIMARY KEY)");
        run(connection, "INSERT INTO T VALUES (1, 1)");
        ProbeTable.forget();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        other.close();
        ProbeTable.forget();
    }

    private static void run(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int value(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT V FROM T WHERE ID = 1")) {
            assertThat(result.next()).isTrue();
            return result.getInt(1);
        }
    }

    private static void refuse() {
        ProbeTable.refuseCommit(() -> DbException.get(ErrorCode.DEADLOCK_1, "refused"));
    }

    @ParameterizedTest
    @EnumSource
    void aCommitIsRefusedOnEveryRouteAndNothingIsCommitted(Route route) throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET V = 2");
        refuse();

        assertThatThrownBy(() -> route.commit.by(connection))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("40001"));

        assertThat(value(connection)).isEqualTo(1);
        assertThat(value(other)).isEqualTo(1);
        run(other, "UPDATE T SET V = 3");
        connection.setAutoCommit(true);
        run(connection, "UPDATE T SET V = V + 1");
        assertThat(value(other)).isEqualTo(4);
    }

    @Test
    void soIsTheEndOfAStatementInAutocommit() throws SQLException {
        refuse();

        assertThatThrownBy(() -> run(connection, "UPDATE T SET V = 2"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("40001"));

        assertThat(value(other)).isEqualTo(1);
        run(connection, "UPDATE T SET V = 5");
        assertThat(value(other)).isEqualTo(5);
    }

    @Test
    void soIsOnePhaseOfADistributedTransaction() throws Exception {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        source.setUser("SA");
        XAConnection distributed = source.getXAConnection();
        XAResource resource = distributed.getXAResource();
        Xid xid = new Id();
        resource.start(xid, XAResource.TMNOFLAGS);
        run(distributed.getConnection(), "UPDATE T SET V = 2");
        resource.end(xid, XAResource.TMSUCCESS);
        refuse();

        assertThatThrownBy(() -> resource.commit(xid, true)).isInstanceOf(XAException.class);

        assertThat(value(other)).isEqualTo(1);
        distributed.close();
    }

    /** A branch's id. */
    private record Id() implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {1};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {2};
        }
    }

    @Test
    void soIsTheCommitOfAClientOverTcp() throws SQLException {
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifExists").start();
        try (Connection client =
                DriverManager.getConnection("jdbc:h2:tcp://localhost:" + server.getPort() + "/" + name, "SA", "")) {
            client.setAutoCommit(false);
            run(client, "UPDATE T SET V = 2");
            refuse();

            assertThatThrownBy(client::commit)
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            error -> assertThat(error.getSQLState()).isEqualTo("40001"));

            assertThat(value(other)).isEqualTo(1);
            run(client, "UPDATE T SET V = 2");
            client.commit();
            assertThat(value(other)).isEqualTo(2);
        } finally {
            server.stop();
        }
    }

    @Test
    void aTableHearsOfTheCommitWhileNobodySeesItAndAgainWhenAllDo() throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET V = 2");

        connection.commit();

        assertThat(ProbeTable.COMMITS).containsExactly("commit of T begins", "commit of T is over");
    }

    @Test
    void aCloseCommitsNothing() throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET V = 2");

        connection.close();

        assertThat(value(other)).isEqualTo(1);
        assertThat(ProbeTable.COMMITS).isEmpty();
    }

    /** So a branch that is prepared is refused as its statement begins, and never afterwards. */
    @Test
    void noTableHearsOfAPreparation() throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET V = 2");
        ProbeTable.forget();

        run(connection, "PREPARE COMMIT B");

        assertThat(ProbeTable.COMMITS).isEmpty();
        run(connection, "COMMIT TRANSACTION B");
        assertThat(value(other)).isEqualTo(2);
    }

    /** So it is decided nowhere else that one commits in a trigger. */
    @ParameterizedTest
    @ValueSource(strings = {"COMMIT", "SET AUTOCOMMIT TRUE", "SHUTDOWN", "CREATE TABLE U(ID INT)"})
    void noneIsAskedForInATriggerButAPreparation(String sql) throws SQLException {
        SessionLocal session =
                (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET V = 2");

        assertThat(session.setCommitOrRollbackDisabled(true)).isFalse();
        assertThatThrownBy(() -> run(connection, sql))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getErrorCode()).isEqualTo(ErrorCode.COMMIT_ROLLBACK_NOT_ALLOWED));
        assertThat(value(other)).isEqualTo(1);
        session.setAutoCommit(false); // As H2 does behind a trigger.
        run(connection, "PREPARE COMMIT B");
        session.setCommitOrRollbackDisabled(false);

        assertThat(session.getTransaction().getStatus()).isEqualTo(Transaction.STATUS_PREPARED);
    }

    /** Whose right is missing has committed, or has not. */
    @ParameterizedTest
    @CsvSource({"SHUTDOWN, 2", "SHUTDOWN COMPACT, 2", "SHUTDOWN DEFRAG, 2", "SHUTDOWN IMMEDIATELY, 1"})
    void aShutdownCommitsBeforeItAsksForTheRight(String shutdown, int seen) throws SQLException {
        run(connection, "CREATE USER GUEST PASSWORD ''");
        run(connection, "GRANT ALL ON SCHEMA PUBLIC TO GUEST");
        try (Connection guest = DriverManager.getConnection(url, "GUEST", "")) {
            guest.setAutoCommit(false);
            run(guest, "UPDATE T SET V = 2");

            assertThatThrownBy(() -> run(guest, shutdown))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(ErrorCode.ADMIN_RIGHTS_REQUIRED));

            assertThat(value(other)).isEqualTo(seen);
        }
    }
}
