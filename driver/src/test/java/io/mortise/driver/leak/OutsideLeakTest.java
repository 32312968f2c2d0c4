package io.mortise.driver.leak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.driver.MortiseDataSource;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.PooledConnection;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pools, transaction managers, functions, consoles and other databases use a database in ways of their own. Again and
 * again: afterwards the process has no more than it had before.
 */
@Timeout(600)
public final class OutsideLeakTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Connection keeper;

    private String open = "";

    private record Way(String name, Round round) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Round {
        void run(OutsideLeakTest test) throws Exception;
    }

    private record Id(byte[] getGlobalTransactionId, byte[] getBranchQualifier) implements Xid {
        static Id next() {
            return new Id(
                    new byte[] {1}, Integer.toString(NUMBERS.incrementAndGet()).getBytes(UTF_8));
        }

        @Override
        public int getFormatId() {
            return 1;
        }
    }

    /** For H2: a function that works on the connection of its caller. */
    public static final class Function {
        private Function() {}

        public static int twice(Connection connection, int number) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement("SELECT V * ? FROM T WHERE ID = 1")) {
                statement.setInt(1, number);
                ResultSet left = statement.executeQuery();
                left.next();
                return left.getInt(1);
            }
        }
    }

    @BeforeEach
    void openOne() throws SQLException {
        open = "mem:outside" + NUMBERS.incrementAndGet();
        keeper = connect(open);
        execute(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT, C CLOB)");
        execute(keeper, "INSERT INTO T VALUES(1, 1, REPEAT('x', 10000))");
        execute(keeper, "CREATE ALIAS TWICE FOR '" + Function.class.getName() + ".twice'");
        try (Connection file = connect("file:" + folder.resolve("db"))) {
            execute(file, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        }
    }

    @AfterEach
    void closeIt() throws SQLException {
        keeper.close();
    }

    private static Stream<Way> ways() {
        return Stream.of(
                new Way("pooled, given back", test -> pooled(test, true)),
                new Way("pooled, lent, and the pool ends", test -> pooled(test, false)),
                new Way("Hikari", OutsideLeakTest::hikari),
                new Way("XA, committed", test -> branch(test, Fate.COMMITTED)),
                new Way("XA, rolled back", test -> branch(test, Fate.ROLLED_BACK)),
                new Way("XA, left unprepared", test -> branch(test, Fate.LEFT)),
                new Way("XA, left prepared, ended by another", test -> branch(test, Fate.ENDED_BY_ANOTHER)),
                new Way("XA, and the database ends", OutsideLeakTest::branchOfADatabaseThatEnds),
                new Way("AUTO_SERVER", OutsideLeakTest::autoServer),
                new Way("JMX, on and off", OutsideLeakTest::management),
                new Way(
                        "JMX, and the database ends",
                        test -> connect("mem:;JMX=TRUE").close()),
                new Way("a log that has to go elsewhere", OutsideLeakTest::otherLog),
                new Way("nothing is closed but the connection", OutsideLeakTest::nothingElseClosed),
                new Way("nothing is closed in an open connection", OutsideLeakTest::nothingClosedInIt),
                new Way("a function's connection", test -> execute(test.keeper, "CALL TWICE(2)")),
                new Way("a linked table", OutsideLeakTest::linked),
                new Way("names are locked", OutsideLeakTest::names),
                new Way("a wait in vain", OutsideLeakTest::waitInVain),
                new Way("a statement that its timeout ends", OutsideLeakTest::queryTimeout),
                new Way("tables of the session, and its variables", OutsideLeakTest::sessionsOwn),
                new Way("KILL SESSION", OutsideLeakTest::killed));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void aWayInAndOutGivesBackWhatItTakes(Way way) throws Exception {
        repeat(way, 10);
    }

    @Tag("nightly")
    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void aThousandTimesToo(Way way) throws Exception {
        repeat(way, 1000);
    }

    private void repeat(Way way, int rounds) throws Exception {
        for (int i = 0; i < 3; i++) {
            way.round.run(this);
        }
        Balance before = Balance.now();

        for (int i = 0; i < rounds; i++) {
            way.round.run(this);
        }

        connect(open).close(); // What has gone is let go of when the next one comes.
        Balance.assertNothingTakenSince(before);
        Balance.awaitCollected(
                () -> text(keeper, "SELECT COUNT(*) FROM SYS.SESSIONS").equals("1"));
        Balance.awaitCollected(
                () -> text(keeper, "SELECT COUNT(*) FROM SYS.LOCKS").equals("0"));
    }

    private static void pooled(OutsideLeakTest test, boolean isGivenBack) throws SQLException {
        PooledConnection pool = test.source().getPooledConnection();
        try (Connection handle = pool.getConnection()) {
            execute(handle, "UPDATE T SET V = V + 1");
        }
        Connection handle = pool.getConnection();
        handle.setAutoCommit(false);
        execute(handle, "UPDATE T SET V = V + 1");
        if (isGivenBack) {
            handle.close();
        }
        pool.close();
    }

    private static void hikari(OutsideLeakTest test) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:mortise:" + test.open);
        config.setUsername("sa");
        config.setMaximumPoolSize(2);
        config.setMinimumIdle(0);
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection one = pool.getConnection();
                Connection other = pool.getConnection()) {
            one.setAutoCommit(false);
            execute(one, "UPDATE T SET V = V + 1");
            assertThat(text(other, "SELECT COUNT(*) FROM T")).isEqualTo("1");
        }
    }

    private enum Fate {
        COMMITTED,
        ROLLED_BACK,
        LEFT,
        ENDED_BY_ANOTHER
    }

    private static void branch(OutsideLeakTest test, Fate fate) throws Exception {
        XAConnection xa = test.source().getXAConnection();
        XAResource resource = xa.getXAResource();
        Xid id = Id.next();
        resource.start(id, XAResource.TMNOFLAGS);
        execute(xa.getConnection(), "UPDATE T SET V = V + 1");
        resource.end(id, fate == Fate.LEFT ? XAResource.TMFAIL : XAResource.TMSUCCESS);
        if (fate == Fate.LEFT) {
            xa.close();
            return;
        }
        resource.prepare(id);
        switch (fate) {
            case COMMITTED -> resource.commit(id, false);
            case ROLLED_BACK -> resource.rollback(id);
            default -> endByAnother(test, xa, id);
        }
        xa.close();
    }

    private static void endByAnother(OutsideLeakTest test, XAConnection first, Xid id)
            throws SQLException, XAException {
        first.close();
        XAConnection other = test.source().getXAConnection();
        assertThat(other.getXAResource().recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .hasSize(1);
        other.getXAResource().rollback(id);
        other.close();
    }

    private static void branchOfADatabaseThatEnds(OutsideLeakTest test) throws Exception {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl("jdbc:mortise:file:" + test.folder.resolve("db"));
        source.setUser("sa");
        XAConnection xa = source.getXAConnection();
        Xid id = Id.next();
        xa.getXAResource().start(id, XAResource.TMNOFLAGS);
        execute(xa.getConnection(), "MERGE INTO T VALUES(1, 1)");
        xa.getXAResource().end(id, XAResource.TMSUCCESS);
        xa.close();
    }

    /** In by the way that a second process goes. */
    private static void autoServer(OutsideLeakTest test) throws Exception {
        Path file = test.folder.resolve("db");
        try (Connection first = connect("file:" + file + ";AUTO_SERVER=TRUE")) {
            execute(first, "MERGE INTO T VALUES(1, 1)");
            Properties lock = new Properties();
            try (Reader reader = Files.newBufferedReader(Path.of(file + ".lock.db"))) {
                lock.load(reader);
            }
            String server = lock.getProperty("server") + "/" + lock.getProperty("id");
            try (Connection second = connect("tcp://" + server)) {
                assertThat(text(second, "SELECT COUNT(*) FROM T")).isEqualTo("1");
            }
        }
    }

    private static void management(OutsideLeakTest test) throws SQLException {
        execute(test.keeper, "SET PARAMETER JMX = 'TRUE'");
        execute(test.keeper, "SET PARAMETER JMX = 'FALSE'");
    }

    private static void otherLog(OutsideLeakTest test) throws SQLException {
        String log = test.folder.resolve("locks.log").toString();
        execute(test.keeper, "SET PARAMETER LOCK_LOG = '" + log + "'");
        assertThatThrownBy(() -> execute(test.keeper, "SET PARAMETER LOCK_LOG = '" + test.folder + "'"))
                .hasMessageContaining("LOCK_LOG");
        execute(test.keeper, "SET PARAMETER LOCK_LOG = '" + log + "2'");
        execute(test.keeper, "SET PARAMETER LOCK_LOG = ''");
    }

    private static void nothingElseClosed(OutsideLeakTest test) throws SQLException {
        try (Connection connection = connect(test.open)) {
            openMuch(connection);
        }
    }

    private static void nothingClosedInIt(OutsideLeakTest test) throws SQLException {
        openMuch(test.keeper);
        test.keeper.setAutoCommit(true);
    }

    @SuppressWarnings("resource") // It is the point.
    private static void openMuch(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        PreparedStatement prepared = connection.prepareStatement("SELECT C FROM T");
        ResultSet rows = prepared.executeQuery();
        rows.next();
        assertThat(rows.getClob(1).length()).isEqualTo(10_000);
        CallableStatement call = connection.prepareCall("{call TWICE(2)}");
        call.execute();
        Statement streams = connection.createStatement();
        streams.setFetchSize(10);
        assertThat(streams.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 10000)").next())
                .isTrue();
        assertThat(connection.getMetaData().getTables(null, null, null, null).next())
                .isTrue();
        connection.setSavepoint();
    }

    private static void linked(OutsideLeakTest test) throws SQLException {
        execute(
                test.keeper,
                "CREATE LINKED TABLE L(NULL, 'jdbc:mortise:file:" + test.folder.resolve("db") + "', 'sa', '', 'T')");
        execute(test.keeper, "MERGE INTO L VALUES(1, 1)");
        execute(test.keeper, "DROP TABLE L");
    }

    private static void names(OutsideLeakTest test) throws SQLException {
        String name = "'n" + NUMBERS.incrementAndGet() + "'";
        try (Connection connection = connect(test.open)) {
            connection.setAutoCommit(false);
            execute(connection, "SELECT SESSION_LOCK(" + name + "), SESSION_LOCK(" + name + ")");
            execute(connection, "SELECT ADVISORY_LOCK(" + name + ")");
            execute(connection, "LOCK TABLE T IN EXCLUSIVE MODE");
        }
    }

    private static void waitInVain(OutsideLeakTest test) throws SQLException {
        try (Connection holder = connect(test.open);
                Connection waiter = connect(test.open + ";LOCK_TIMEOUT=1")) {
            holder.setAutoCommit(false);
            execute(holder, "UPDATE T SET V = V + 1");
            assertThatThrownBy(() -> execute(waiter, "UPDATE T SET V = V + 1")).hasMessageContaining("Timeout");
        }
    }

    private static void queryTimeout(OutsideLeakTest test) throws SQLException {
        try (Connection connection = connect(test.open)) {
            execute(connection, "SET QUERY_TIMEOUT 1");
            assertThatThrownBy(() -> execute(
                            connection,
                            "SELECT SUM(A.X * B.X) FROM SYSTEM_RANGE(1, 100000) A, SYSTEM_RANGE(1, 100000) B"))
                    .isInstanceOf(SQLException.class);
        }
    }

    private static void sessionsOwn(OutsideLeakTest test) throws SQLException {
        try (Connection connection = connect(test.open + ";APPLICATION_NAME=a" + NUMBERS.incrementAndGet())) {
            execute(connection, "CREATE LOCAL TEMPORARY TABLE OWN(ID IDENTITY, C CLOB)");
            execute(connection, "INSERT INTO OWN(C) VALUES(REPEAT('y', 10000))");
            execute(connection, "SET @V = (SELECT C FROM OWN)");
            execute(connection, "EXPLAIN LOCKS UPDATE T SET V = 1");
            execute(connection, "EXECUTE IMMEDIATE 'UPDATE T SET V = V'");
        }
    }

    private static void killed(OutsideLeakTest test) throws SQLException {
        try (Connection connection = connect(test.open)) {
            connection.setAutoCommit(false);
            execute(connection, "UPDATE T SET V = V + 1");
            execute(test.keeper, "KILL SESSION " + text(connection, "CALL SESSION_ID()"));
            assertThatThrownBy(connection::commit)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"));
        }
    }

    private MortiseDataSource source() {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl("jdbc:mortise:" + open);
        source.setUser("sa");
        return source;
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:h2:" + url, "sa", "");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
