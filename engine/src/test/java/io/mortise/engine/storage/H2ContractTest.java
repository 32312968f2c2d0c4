package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.remote.DatabaseServer;
import io.mortise.engine.storage.table.LockingTable;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.h2.api.DatabaseEventListener;
import org.h2.api.Trigger;
import org.h2.command.Command;
import org.h2.engine.Constants;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.engine.SessionRemote;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.result.SearchRow;
import org.h2.server.TcpServer;
import org.h2.value.VersionedValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the engine takes for granted about H2, one fact a test: another H2 has to pass these first. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class H2ContractTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor actor;
    private Connection connection;
    private SessionLocal h2;

    @BeforeEach
    void aTable() throws Exception {
        actor = scene.actor();
        connection = actor.connection;
        h2 = actor.session.h2();
        actor.runsHere("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        connection.setAutoCommit(false);
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private Transaction transaction() {
        return Objects.requireNonNull(H2Reflection.transaction(h2), "a transaction that is open");
    }

    @Test
    void theVersionIsTheOneThatTheseTestsHavePassedOn() throws SQLException {
        StorageConnection.checkVersion(Constants.VERSION);

        assertThatThrownBy(() -> StorageConnection.checkVersion("2.4.240"))
                .hasMessageContaining("H2 2.4.240 is on the class path")
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(90048));
    }

    @Test
    void aSessionHasATransactionFromItsFirstStatementToTheEnd() throws SQLException {
        connection.commit();
        assertThat(H2Reflection.transaction(h2)).isNull();

        actor.runsHere("INSERT INTO T VALUES (1, 1)");
        assertThat(transaction().getStatus()).isEqualTo(Transaction.STATUS_OPEN);

        connection.rollback();
        assertThat(H2Reflection.transaction(h2)).isNull();
    }

    @Test
    void aRollBackToASavepointMarksATransactionUntilItIsSettled() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 1)");
        transaction().rollbackToSavepoint(transaction().setSavepoint());
        assertThat(transaction().toString()).contains("<");

        StoreReflection.settle(transaction());

        assertThat(transaction().toString()).doesNotContain("<");
        assertThatCode(() -> actor.runsHere("INSERT INTO T VALUES (2, 2)")).doesNotThrowAnyException();
    }

    @Test
    void anUncommittedVersionNamesItsPlaceInTheLogAndTheLogWhatWasThereBefore() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 1), (2, 2)");
        connection.commit();
        actor.runsHere("UPDATE T SET V = 3 WHERE ID = 1");
        long place = transaction().setSavepoint();
        actor.runsHere("UPDATE T SET V = 4 WHERE ID = 2");
        actor.runsHere("UPDATE T SET V = 5 WHERE ID = 2");

        TransactionStore store = h2.getDatabase().getStore().getTransactionStore();
        VersionedValue<?> version = version(2);
        long first = 0;
        while (version.getOperationId() != 0) {
            first = version.getOperationId();
            version = Objects.requireNonNull(StoreReflection.replaced(store, first), "what was there before");
        }

        assertThat(first).isEqualTo((long) transaction().getId() << 40 | place);
    }

    /**
     * Its holder has closed since the version was read: whoever looks is told that nothing is known, and looks at the
     * row again.
     */
    @Test
    void aVersionOfASessionThatHasClosedIsNobodys() throws Exception {
        Scene.Actor other = scene.actor();
        actor.runsHere("INSERT INTO T VALUES (1, 1)");
        connection.commit();
        actor.runsHere("UPDATE T SET V = 2");
        VersionedValue<?> version = version(1);
        OpenTransactions transactions = scene.storage().transactions();
        assertThat(transactions.takenBy(version).sql()).isEqualTo("UPDATE T SET V = 2");

        connection.close();

        assertThat(transactions.takenBy(version)).isEqualTo(StatementRecord.NONE);
        assertThat(other.reads("SELECT V FROM T")).isEqualTo(1);
    }

    @Test
    void aRollBackToASavepointTakesTheLogBackToItsPlace() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 1)");
        long place = transaction().setSavepoint();
        Savepoint savepoint = connection.setSavepoint();
        actor.runsHere("INSERT INTO T VALUES (2, 2)");
        connection.rollback(savepoint);
        assertThat(transaction().setSavepoint()).isEqualTo(place);

        actor.runsHere("INSERT INTO T VALUES (3, 3)");

        assertThat(version(3).getOperationId()).isEqualTo((long) transaction().getId() << 40 | place);
    }

    private VersionedValue<SearchRow> version(long key) {
        MVTable table = (MVTable)
                Objects.requireNonNull(h2.getDatabase().getMainSchema().findTableOrView(h2, "T"));
        VersionedValue<SearchRow> version =
                ((MVPrimaryIndex) table.getScanIndex(h2)).getMVMap().get(key);
        return Objects.requireNonNull(version);
    }

    @Test
    void aTransactionCanBeMovedToReadCommitted() throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        actor.runsHere("SELECT * FROM T");

        assertThat(transaction().getIsolationLevel()).isEqualTo(IsolationLevel.READ_COMMITTED);
        assertThat(h2.getIsolationLevel()).isEqualTo(IsolationLevel.SERIALIZABLE);
    }

    @Test
    void theThreadKnowsItsSessionWhileAStatementRunsOnly() throws SQLException {
        actor.runsHere("SELECT 1");

        assertThat(H2Reflection.threadSession()).isNull();
        assertThat(H2Reflection.depth(h2)).isZero();
    }

    @Test
    void aCancelledCommandIsMarked() {
        Command command = h2.prepareLocal("SELECT 1");
        assertThat(H2Reflection.isCancelled(command)).isFalse();

        command.cancel();

        assertThat(H2Reflection.isCancelled(command)).isTrue();
    }

    @Test
    void tablesStandInTheStoresOwnMap() {
        LockingTable table = (LockingTable) h2.getDatabase().getMainSchema().findTableOrView(h2, "T");

        assertThat(h2.getDatabase().getStore().getTable(table.getMapName())).isSameAs(table);
    }

    @Test
    void ourExceptionsComeThroughUnchanged() throws Exception {
        actor.runsHere("INSERT INTO T VALUES (1, 1)");
        try (Connection plain = DriverManager.getConnection(scene.url(), "SA", "");
                Statement statement = plain.createStatement()) {
            statement.execute("SET LOCK_TIMEOUT 0");

            assertThatThrownBy(() -> statement.execute("INSERT INTO T VALUES (1, 2)"))
                    .isInstanceOf(LockTimeoutException.class)
                    .hasMessageStartingWith("Not waited: ")
                    .hasMessageNotContaining("SQL statement:");
        }
        connection.rollback();
    }

    /** A listener of the user's, which H2 makes by its name. */
    public static final class Listener implements DatabaseEventListener {
        static final List<String> STATEMENTS = new CopyOnWriteArrayList<>();

        @Override
        public void setProgress(int state, String text, long done, long all) {
            if (state == STATE_STATEMENT_START) {
                STATEMENTS.add(text);
            }
        }
    }

    @Test
    void aListenerOfTheUsersIsToldAndDoesNotReplaceOurs() throws SQLException {
        actor.runsHere("SET DATABASE_EVENT_LISTENER '" + Listener.class.getName() + "'");

        actor.runsHere("INSERT INTO T VALUES (5, 5)");

        assertThat(Listener.STATEMENTS).contains("INSERT INTO T VALUES (5, 5)");
        assertThat(actor.session.owner().statement().sql()).isEqualTo("INSERT INTO T VALUES (5, 5)");
        connection.rollback();
    }

    @Test
    void implicitRowLocksAreListedOnceEach() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 1), (2, 2)");
        actor.runsHere("UPDATE T SET V = V + 1");
        actor.runsHere("UPDATE T SET V = V + 1 WHERE ID = 1");

        assertThat(scene.storage()
                        .rowLocks()
                        .map(row ->
                                scene.storage().targetNames().of(row.target()).text()))
                .containsExactlyInAnyOrder("PUBLIC.T(ID=1)", "PUBLIC.T(ID=2)");
        connection.rollback();
        assertThat(scene.storage().rowLocks()).isEmpty();
    }

    @Test
    void sequencesAreWrittenForWhoeverNeedsThem() throws SQLException {
        actor.runsHere("CREATE SEQUENCE Q CACHE 1");
        try (Statement statement = connection.createStatement();
                ResultSet next = statement.executeQuery("VALUES NEXT VALUE FOR Q")) {
            assertThat(next.next()).isTrue();
        }
        connection.commit();
        scene.endsEmpty();
    }

    @Test
    void aServerListensOnTheSocketThatItIsGiven() throws Exception {
        TcpServer server = new TcpServer();
        server.init("-tcpDaemon");
        try (ServerSocket socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            H2Reflection.listenOn(server, socket);

            assertThat(server.getPort()).isEqualTo(socket.getLocalPort());
            server.stop();
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void aSessionOfAnotherProcessCanBeCutOff() throws Exception {
        DatabaseServer server = Storage.of(actor.session).serve(new ServeAddress("", 0));
        String name = actor.session.storage().name();
        try (Connection remote = DriverManager.getConnection(
                "jdbc:h2:tcp://localhost:" + server.address().port() + "/" + name,
                connection.getMetaData().getUserName(),
                "")) {
            SessionRemote session =
                    (SessionRemote) remote.unwrap(JdbcConnection.class).getSession();

            H2Reflection.cutOff(session);

            assertThatThrownBy(() -> remote.createStatement().execute("SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(90067));
            assertThat(session.isClosed()).isTrue();
        }
        server.stop();
    }

    /** Notes what is rolled back; H2 makes it by its name. */
    public static final class RollBackTrigger implements Trigger {
        static final List<String> FIRED = new CopyOnWriteArrayList<>();

        @Override
        public void fire(Connection inner, Object[] before, Object[] after) {
            FIRED.add((before == null ? "none" : before[0]) + " to " + (after == null ? "none" : after[0]));
        }
    }

    /** H2 looks for the table of a changed row in the store's own map. */
    @Test
    void rollBackTriggersFireForTablesOfOurs() throws SQLException {
        actor.runsHere("CREATE TRIGGER UNDONE AFTER DELETE, ROLLBACK ON T FOR EACH ROW CALL '"
                + RollBackTrigger.class.getName() + "'");
        RollBackTrigger.FIRED.clear();
        actor.runsHere("INSERT INTO T VALUES (7, 7)");
        connection.rollback();

        assertThat(RollBackTrigger.FIRED).containsExactly("7 to none");
    }

    @Test
    void largeObjectsAreRemovedWhenTheirRowsGoAsInPlainH2() throws Exception {
        try (Connection plain = DriverManager.getConnection("jdbc:h2:mem:lobs", "SA", "")) {
            assertThat(largeObjects(connection, h2)).isEqualTo(largeObjects(plain, (SessionLocal)
                    plain.unwrap(JdbcConnection.class).getSession()));
        }
    }

    /** How many are left of those that have been inserted, changed, rolled back and deleted. */
    private static long largeObjects(Connection connection, SessionLocal session) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE LETTERS(ID INT PRIMARY KEY, TEXT CLOB)");
            statement.execute("INSERT INTO LETTERS SELECT X, SPACE(5000) FROM SYSTEM_RANGE(1, 9)");
            connection.commit();
            statement.execute("UPDATE LETTERS SET TEXT = REPEAT('x', 6000) WHERE ID < 4");
            connection.commit();
            statement.execute("UPDATE LETTERS SET TEXT = REPEAT('y', 7000)");
            connection.rollback();
            statement.execute("DELETE FROM LETTERS WHERE ID > 5");
            connection.commit();
        }
        return session.getDatabase().getStore().getMvStore().openMap("lobMap").sizeAsLong();
    }
}
