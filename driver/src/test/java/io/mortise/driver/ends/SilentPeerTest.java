package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mortise.driver.MortiseDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that says nothing any more: the network timeout ends every call that waits for its answer. */
@Timeout(120)
final class SilentPeerTest {
    private final String name = "mem:" + UUID.randomUUID();
    private final SilentProxy proxy = new SilentProxy();

    @SuppressWarnings("NullAway.Init")
    private Connection keeper;

    private interface Call {
        void on(Connection connection, Statement statement, ResultSet rows) throws SQLException;
    }

    private record Named(String name, Call call) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeEach
    void serve() throws Exception {
        keeper = DriverManager.getConnection("jdbc:mortise:h2:" + name + ";SERVE=tcp:0", "sa", "");
        try (Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) AS SELECT X, X FROM SYSTEM_RANGE(1, 1000)");
            ResultSet address = statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
            address.next();
            String text = address.getString(1);
            proxy.forward(Integer.parseInt(text.substring(text.lastIndexOf(':') + 1)));
        }
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        keeper.close();
    }

    @SuppressWarnings("NullAway") // not asked
    private static final ResultSet NONE = null;

    private static Stream<Named> calls() {
        return Stream.of(
                new Named("execute", (connection, statement, rows) -> statement.execute("UPDATE T SET V = 0")),
                new Named("commit", (connection, statement, rows) -> connection.commit()),
                new Named("rollback", (connection, statement, rows) -> connection.rollback()),
                new Named(
                        "prepareStatement",
                        (connection, statement, rows) -> connection
                                .prepareStatement("SELECT V FROM T WHERE ID = ?")
                                .getMetaData()),
                new Named(
                        "getMetaData().getTables",
                        (connection, statement, rows) ->
                                connection.getMetaData().getTables(null, null, "%", null)),
                new Named("setSavepoint", (connection, statement, rows) -> connection.setSavepoint()),
                new Named("setAutoCommit", (connection, statement, rows) -> connection.setAutoCommit(true)),
                new Named(
                        "setTransactionIsolation",
                        (connection, statement, rows) ->
                                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE)),
                new Named("setSchema", (connection, statement, rows) -> connection.setSchema("PUBLIC")),
                new Named("ResultSet.next", (connection, statement, rows) -> {
                    while (rows.next()) {
                        assertThat(rows.getInt(1)).isPositive();
                    }
                }),
                new Named("close", (connection, statement, rows) -> connection.close()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("calls")
    void theNetworkTimeoutEndsTheCall(Named call) throws Exception {
        Connection connection =
                DriverManager.getConnection("jdbc:mortise:h2:tcp://localhost:" + proxy.port() + "/" + name, "sa", "");
        connection.setAutoCommit(false);
        Statement statement = connection.createStatement();
        statement.execute("UPDATE T SET V = -1 WHERE ID = 1");
        Statement reading = connection.createStatement();
        reading.setFetchSize(10);
        ResultSet rows = reading.executeQuery("SELECT ID FROM T ORDER BY ID");
        rows.next();
        connection.setNetworkTimeout(Runnable::run, 200);

        proxy.fallSilent();
        Throwable thrown = catchThrowable(() -> call.call.on(connection, statement, rows));

        assertThat(connection.isClosed()).as("%s", thrown).isTrue();
        if (!call.name.equals("close")) {
            assertThat(thrown)
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo(call.name.equals("commit") ? "08007" : "08006"));
        }
        connection.close();
    }

    private static Stream<Named> committing() {
        return Stream.of(
                new Named("commit", (connection, statement, rows) -> connection.commit()),
                new Named("COMMIT", (connection, statement, rows) -> statement.execute("commit")),
                new Named("CREATE", (connection, statement, rows) -> statement.execute("CREATE TABLE U(ID INT)")),
                new Named("batch", (connection, statement, rows) -> {
                    ((PreparedStatement) statement).addBatch();
                    statement.executeBatch();
                }),
                new Named("executeUpdate", (connection, statement, rows) -> ((PreparedStatement) statement).execute()));
    }

    /** The server hears all of it, and the client no answer. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("committing")
    void whatTheServerMayHaveCommittedIsNotSaidToBeRolledBack(Named call) throws Exception {
        boolean isChange = call.name.equals("batch") || call.name.equals("executeUpdate");
        Connection connection =
                DriverManager.getConnection("jdbc:mortise:h2:tcp://localhost:" + proxy.port() + "/" + name, "sa", "");
        PreparedStatement change = connection.prepareStatement("UPDATE T SET V = V - 1 WHERE ID = 1");
        change.execute();
        connection.setAutoCommit(false);
        connection.commit(); // H2 has prepared it from here on.
        change.execute();
        connection.setAutoCommit(isChange);
        connection.setNetworkTimeout(Runnable::run, 300);
        connection.createStatement().execute("VALUES 1"); // The server knows of all that was set.

        proxy.loseAnswers();
        Throwable thrown =
                catchThrowable(() -> call.call.on(connection, isChange ? change : connection.createStatement(), NONE));

        assertThat(thrown)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"))
                .hasMessageContaining("is there, or it was undone");
        connection.close();
        if (call.name.equals("commit") || call.name.equals("executeUpdate")) {
            int there = call.name.equals("commit") ? -1 : -2;
            while (value() != there) {
                Thread.onSpinWait(); // Nobody says when the server has read it.
            }
        }
    }

    private int value() throws SQLException {
        try (Statement reading = keeper.createStatement()) {
            ResultSet row = reading.executeQuery("SELECT V FROM T WHERE ID = 1");
            row.next();
            return row.getInt(1);
        }
    }

    private record Id(byte[] getGlobalTransactionId, byte[] getBranchQualifier) implements Xid {
        @Override
        public int getFormatId() {
            return 1;
        }
    }

    private static final Xid XID = new Id(new byte[] {1}, new byte[] {2});

    /** Of a branch of a distributed transaction that has changed something. */
    private record Branch(Connection connection, XAResource resource, PreparedStatement batch, Savepoint savepoint) {}

    private interface BranchCall {
        void on(Branch branch) throws SQLException, XAException;
    }

    private record NamedBranchCall(String name, BranchCall call) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<NamedBranchCall> branchCalls() {
        return Stream.of(
                new NamedBranchCall("executeBatch", branch -> branch.batch.executeBatch()),
                new NamedBranchCall("executeLargeBatch", branch -> branch.batch.executeLargeBatch()),
                new NamedBranchCall("executeUpdate", branch -> branch.batch.executeUpdate()),
                new NamedBranchCall("releaseSavepoint", branch -> branch.connection.releaseSavepoint(branch.savepoint)),
                new NamedBranchCall("rollback(Savepoint)", branch -> branch.connection.rollback(branch.savepoint)),
                new NamedBranchCall(
                        "createStatement and execute",
                        branch -> branch.connection.createStatement().execute("DELETE FROM T")),
                new NamedBranchCall("XA prepare", branch -> {
                    branch.resource.end(XID, XAResource.TMSUCCESS);
                    branch.resource.prepare(XID);
                }),
                new NamedBranchCall("XA commit", branch -> {
                    branch.resource.end(XID, XAResource.TMSUCCESS);
                    branch.resource.commit(XID, true);
                }),
                new NamedBranchCall("XA rollback", branch -> {
                    branch.resource.end(XID, XAResource.TMFAIL);
                    branch.resource.rollback(XID);
                }),
                new NamedBranchCall("XA recover", branch -> branch.resource.recover(XAResource.TMSTARTRSCAN)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("branchCalls")
    void theNetworkTimeoutEndsTheCallOfABranch(NamedBranchCall call) throws Exception {
        MortiseDataSource dataSource = new MortiseDataSource();
        dataSource.setUrl("jdbc:mortise:h2:tcp://localhost:" + proxy.port() + "/" + name);
        dataSource.setUser("sa");
        XAConnection xa = dataSource.getXAConnection();
        Connection connection = xa.getConnection();
        xa.getXAResource().start(XID, XAResource.TMNOFLAGS);
        PreparedStatement batch = connection.prepareStatement("UPDATE T SET V = ? WHERE ID = ?");
        for (int i = 1; i <= 2; i++) {
            batch.setInt(1, -i);
            batch.setInt(2, i);
            batch.addBatch();
        }
        Branch branch = new Branch(connection, xa.getXAResource(), batch, connection.setSavepoint());
        connection.setNetworkTimeout(Runnable::run, 200);

        proxy.fallSilent();
        Throwable thrown = catchThrowable(() -> call.call.on(branch));

        assertThat(thrown).isInstanceOfAny(SQLException.class, XAException.class);
        assertThat(connection.isClosed()).isTrue();
        xa.close();
    }

    private static Stream<Named> largeValues() {
        return Stream.of(
                new Named("getString", (connection, statement, rows) -> rows.getString("C")),
                new Named("getBytes", (connection, statement, rows) -> rows.getBytes("B")),
                new Named("getObject", (connection, statement, rows) -> rows.getObject("C", String.class)),
                new Named(
                        "getClob",
                        (connection, statement, rows) -> rows.getClob("C").getSubString(1, 100)),
                new Named("getBinaryStream", (connection, statement, rows) -> read(rows.getBinaryStream("B"))));
    }

    private static void read(InputStream stream) throws SQLException {
        try (stream) {
            stream.readAllBytes();
        } catch (IOException e) {
            throw new SQLException("as a stream says it", "08006", e);
        }
    }

    /** Its end is the socket's: reading what was found is no statement. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("largeValues")
    void theNetworkTimeoutEndsTheReadingOfALargeValue(Named call) throws Exception {
        try (Statement statement = keeper.createStatement()) {
            statement.execute("SET MAX_LENGTH_INPLACE_LOB 100"); // Else it comes with its row.
            statement.execute("CREATE TABLE L(C CLOB, B BLOB)");
            statement.execute("INSERT INTO L VALUES(REPEAT('x', 1000000), CAST(REPEAT('00', 1000000) AS BLOB))");
        }
        Connection connection =
                DriverManager.getConnection("jdbc:mortise:h2:tcp://localhost:" + proxy.port() + "/" + name, "sa", "");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT C, B FROM L");
        rows.next();
        connection.setNetworkTimeout(Runnable::run, 200);

        proxy.fallSilent();
        Throwable thrown = catchThrowable(() -> call.call.on(connection, statement, rows));

        assertThat(thrown).isInstanceOf(SQLException.class);
        if (!call.name.equals("getClob")) { // That object is H2's, and says it in H2's words.
            assertThat(((SQLException) thrown).getSQLState()).isEqualTo("08006");
        }
        assertThat(connection.isClosed()).isTrue();
        connection.close();
    }
}
