package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.h2.engine.Engine;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way into a database and out of it, again and again: afterwards the process has no more than it had before. */
@Timeout(600)
final class LeakTest {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    /** So many may be left behind at once, each in a transaction: H2 has room for 255. */
    private static final int ABANDONED = 200;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Connection keeper;

    private String open = "";
    private String peer = "";

    /** A way in and out. */
    private record Way(String name, Round round) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Round {
        void run(LeakTest test) throws Exception;
    }

    @BeforeEach
    void openOne() throws SQLException {
        open = "mem:leak" + DATABASES.incrementAndGet();
        keeper = connect(open + ";SERVE=tcp:0");
        execute(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        execute(keeper, "INSERT INTO T VALUES(1, 1)");
        execute(keeper, "CREATE USER U PASSWORD 'u'");
        peer = "tcp://localhost:" + port(keeper) + "/" + open;
        try (Connection closed = connect(file())) {
            execute(closed, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            execute(closed, "CREATE USER U PASSWORD 'u'");
        }
        try (Connection closed = connect(encrypted("secret"), "secret sa")) {
            execute(closed, "CREATE TABLE T(ID INT PRIMARY KEY)");
        }
    }

    @AfterEach
    void closeIt() throws SQLException {
        keeper.close();
    }

    private static Stream<Way> ways() {
        return Stream.of(
                new Way("connect and close, in memory", test -> connect("mem:").close()),
                new Way("connect and close, open", test -> connect(test.open).close()),
                new Way("connect and close, file", test -> connect(test.file()).close()),
                new Way(
                        "not an administrator",
                        test -> connect(test.file(), "U", "u").close()),
                new Way("wrong password, open", test -> refused(test.open, "sa", "wrong", "Wrong user name")),
                new Way("wrong password, file", test -> refused(test.file(), "sa", "wrong", "Wrong user name")),
                new Way("unknown user, file", test -> refused(test.file(), "NOBODY", "", "Wrong user name")),
                new Way(
                        "wrong file password",
                        test -> refused(test.encrypted("other"), "sa", "other sa", "Encryption")),
                new Way("file of something else", LeakTest::somethingElse),
                new Way("no such file", test -> refused(test.file() + "2;IFEXISTS=TRUE", "sa", "", "not found")),
                new Way(
                        "INIT fails",
                        test -> refused(test.file() + ";INIT=SELECT * FROM NOWHERE", "sa", "", "NOWHERE")),
                new Way(
                        "no such schema",
                        test -> refused(test.file() + ";CURRENT_SCHEMA=NOWHERE", "sa", "", "NOWHERE")),
                new Way("another policy", test -> refused(test.open + ";LOCK_POLICY=sqream", "sa", "", "LOCK_POLICY")),
                new Way("a log that is none", test -> refused(test.file() + ";LOCK_LOG=a\0b", "sa", "", "")),
                new Way("a port that is taken", LeakTest::takenPort),
                new Way(
                        "a named session that is not there",
                        test -> refused(test.open + ";SESSION_ID=s;SESSION_CHECK=1", "sa", "", "not found")),
                new Way("served, and a log, file", LeakTest::servedAndLogged),
                new Way("served elsewhere, logged elsewhere", LeakTest::changedSettings),
                new Way("connect and close, tcp", test -> connect(test.peer).close()),
                new Way("wrong password, tcp", test -> refused(test.peer, "sa", "wrong", "Wrong user name")),
                new Way("cut, tcp", test -> connect(test.peer).abort(Runnable::run)),
                new Way("cut in a transaction", LeakTest::cutInTransaction),
                new Way("rolled back", LeakTest::rolledBack),
                new Way("abandoned", LeakTest::abandoned),
                new Way("SERIALIZABLE, one of two refused", LeakTest::oneOfTwoRefused),
                new Way("named, dropped", LeakTest::namedAndDropped),
                new Way("named, left, and the database ends", LeakTest::namedAndShutDown),
                new Way("CONNECT and DISCONNECT", LeakTest::connectAndDisconnect),
                new Way("SHUTDOWN", test -> shutDown(test.file(), "SHUTDOWN")),
                new Way("SHUTDOWN IMMEDIATELY", test -> shutDown(test.file(), "SHUTDOWN IMMEDIATELY")),
                new Way("SHUTDOWN COMPACT", test -> shutDown(test.file(), "SHUTDOWN COMPACT")),
                new Way("panic, file", test -> panic(test.file())),
                new Way("panic, in memory", test -> panic("mem:panic")));
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

        for (int i = 1; i <= rounds; i++) {
            way.round.run(this);
            if (i % ABANDONED == 0) {
                awaitAlone();
            }
        }

        // What has gone is let go of when the next one comes.
        awaitAlone();
        connect(open).close();
        Balance.assertNothingTakenSince(before);
        try (Connection after = connect(file())) {
            assertThat(number(after, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo("1");
        }
        Balance.awaitCollected(
                () -> number(keeper, "SELECT COUNT(*) FROM SYS.LOCKS").equals("0"));
    }

    /** Of those who are left behind nobody knows when they go. */
    private void awaitAlone() throws Exception {
        Balance.awaitCollected(
                () -> number(keeper, "SELECT COUNT(*) FROM SYS.SESSIONS").equals("1"));
    }

    private String file() {
        return "file:" + folder.resolve("db");
    }

    private String encrypted(String password) {
        assertThat(password).doesNotContain(" ");
        return "file:" + folder.resolve("encrypted") + ";CIPHER=AES";
    }

    private static void somethingElse(LeakTest test) throws Exception {
        Path file = test.folder.resolve("else.mv.db");
        Files.write(file, new byte[20_000]);
        refused("file:" + test.folder.resolve("else"), "sa", "", "corrupted");
    }

    private static void takenPort(LeakTest test) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            refused(test.file() + ";SERVE=tcp:" + taken.getLocalPort(), "sa", "", "SERVE");
        }
    }

    private static void servedAndLogged(LeakTest test) throws Exception {
        String settings = ";SERVE=tcp:0;LOCK_LOG=" + test.folder.resolve("locks.log");
        try (Connection first = connect(test.file() + settings)) {
            int port = port(first);
            connect("tcp://localhost:" + port + "/" + test.folder.resolve("db")).close();
        }
    }

    private static void changedSettings(LeakTest test) throws Exception {
        execute(test.keeper, "SET PARAMETER LOCK_LOG = '" + test.folder.resolve("other.log") + "'");
        execute(test.keeper, "SET PARAMETER LOCK_LOG = ''");
        String port = "tcp:" + port(test.keeper);
        execute(test.keeper, "SET PARAMETER SERVE = 'tcp:0'");
        execute(test.keeper, "SET PARAMETER SERVE = '" + port + "'");
    }

    private static void cutInTransaction(LeakTest test) throws Exception {
        Connection cut = connect(test.open);
        cut.setAutoCommit(false);
        execute(cut, "UPDATE T SET V = 2 WHERE ID = 1");
        cut.abort(Runnable::run);
    }

    /** Nobody has it any more, and nobody has closed it. */
    private static void abandoned(LeakTest test) throws Exception {
        Connection left = connect(test.open);
        left.setAutoCommit(false);
        execute(left, "INSERT INTO T VALUES(" + DATABASES.incrementAndGet() + ", 2)");
    }

    private static void rolledBack(LeakTest test) throws Exception {
        try (Connection connection = connect(test.open)) {
            connection.setAutoCommit(false);
            execute(connection, "INSERT INTO T VALUES(2, 2)");
            execute(connection, "UPDATE T SET V = V + 1");
            execute(connection, "DELETE FROM T WHERE ID = 1");
        }
    }

    /** Each reads what the other changes: what was read is noted, until nobody can ask for it. */
    private static void oneOfTwoRefused(LeakTest test) throws Exception {
        execute(test.keeper, "MERGE INTO T VALUES(2, 2)");
        try (Connection one = connect(test.open);
                Connection other = connect(test.open)) {
            for (Connection connection : List.of(one, other)) {
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                connection.setAutoCommit(false);
                number(connection, "SELECT SUM(V) FROM T");
            }
            execute(one, "UPDATE T SET V = V + 1 WHERE ID = 1");
            one.commit();
            assertThatThrownBy(() -> {
                        execute(other, "UPDATE T SET V = V + 1 WHERE ID = 2");
                        other.commit();
                    })
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
        }
        execute(test.keeper, "DELETE FROM T WHERE ID = 2");
    }

    private static void namedAndDropped(LeakTest test) throws Exception {
        try (Connection named = connect(test.open + ";SESSION_ID=named")) {
            execute(named, "CALL CLOSE_SESSION()");
        }
    }

    private static void namedAndShutDown(LeakTest test) throws Exception {
        connect(test.file() + ";SESSION_ID=named;SESSION_TIMEOUT=3600").close();
        try (Connection last = connect(test.file())) {
            execute(last, "SHUTDOWN");
        }
    }

    private static void connectAndDisconnect(LeakTest test) throws Exception {
        try (Connection again = connect(test.open)) {
            execute(again, "CONNECT U 'u'");
            execute(again, "DISCONNECT");
        }
    }

    private static void shutDown(String database, String statement) throws Exception {
        List<Connection> all = List.of(connect(database + ";SERVE=tcp:0"), connect(database));
        int port = port(all.get(0));
        number(all.get(1), "CALL 1"); // For a session that has never run anything H2 waits four seconds.
        execute(all.get(0), statement);
        assertNobodyListensAt(port);
        closeAll(all);
    }

    /** H2's store ends by itself when it finds that it cannot go on: a full disk, a file that has been cut. */
    private static void panic(String database) throws Exception {
        List<Connection> all = List.of(connect(database + ";SERVE=tcp:0"), connect(database));
        all.get(0).setAutoCommit(false);
        execute(all.get(0), "CREATE LOCAL TEMPORARY TABLE P(ID IDENTITY)");
        int port = port(all.get(0));
        SessionLocal session =
                (SessionLocal) all.get(0).unwrap(JdbcConnection.class).getSession();
        MVStoreException panic = new MVStoreException(2, "the test's own");

        assertThatThrownBy(() -> session.getDatabase().getStore().getMvStore().panic(panic))
                .hasStackTraceContaining("the test's own");

        assertNobodyListensAt(port);
        if (database.startsWith("file:")) {
            assertThat(Path.of(database.substring(5) + ".mortise.who")).doesNotExist();
        }
        try (Connection anew = connect(database)) {
            assertThat(number(anew, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo("1");
        }
        closeAll(all);
    }

    private static void assertNobodyListensAt(int port) {
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    /** Of a database that has ended; whether that fails is another test's business. */
    private static void closeAll(List<Connection> all) {
        List<SQLException> failures = new ArrayList<>();
        for (Connection connection : all) {
            try {
                connection.close();
            } catch (SQLException e) {
                failures.add(e);
            }
        }
        assertThat(failures.size()).isLessThanOrEqualTo(all.size());
    }

    private static void refused(String url, String user, String password, String because) {
        forgiveWrongPasswords();
        assertThatThrownBy(() -> connect(url, user, password).close())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(because);
    }

    /** H2 waits longer after each wrong password, up to four seconds. The time is its business, not this test's. */
    private static void forgiveWrongPasswords() {
        try {
            MethodHandles.privateLookupIn(Engine.class, MethodHandles.lookup())
                    .findStaticVarHandle(Engine.class, "WRONG_PASSWORD_DELAY", long.class)
                    .setVolatile(0L);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("H2 has it under another name", e);
        }
    }

    private static int port(Connection connection) throws SQLException {
        String address = number(connection, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static Connection connect(String url) throws SQLException {
        return connect(url, "");
    }

    private static Connection connect(String url, String password) throws SQLException {
        return connect(url, "sa", password);
    }

    private static Connection connect(String url, String user, String password) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:h2:" + url, user, password);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
