package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.api.DatabaseEventListener;
import org.h2.api.ErrorCode;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore.Change;
import org.h2.result.Row;
import org.h2.value.VersionedValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What H2 asks of a table, when, and what it makes of the answers: tried on a table that only listens, with nothing of
 * this engine's in between.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class H2TableContractTest {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String url = "jdbc:h2:mem:contract" + LAST.incrementAndGet() + ";DEFAULT_TABLE_ENGINE="
            + ProbeTable.Engine.class.getName();
    private Connection connection;
    private Connection other;

    @BeforeEach
    void aTableWithTwoRows() throws SQLException {
        ProbeTable.forget();
        connection = DriverManager.getConnection(url, "SA", "");
        other = DriverManager.getConnection(url, "SA", "");
        run(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        run(connection, "INSERT INTO T VALUES (1, 1), (2, 2)");
        connection.setAutoCommit(false);
        other.setAutoCommit(false);
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

    private static Object read(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getObject(1);
        }
    }

    private static List<String> asks(Connection session, String sql) throws SQLException {
        ProbeTable.ASKED.clear();
        run(session, sql);
        return List.copyOf(ProbeTable.ASKED);
    }

    private static SessionLocal h2(Connection session) throws SQLException {
        return (SessionLocal) session.unwrap(JdbcConnection.class).getSession();
    }

    private ProbeTable table() throws SQLException {
        return (ProbeTable) Objects.requireNonNull(
                h2(connection).getDatabase().getMainSchema().findTableOrView(h2(connection), "T"));
    }

    @Test
    void everyTableComesFromTheDefaultEngineAndH2sOwnCatalogueFirst() throws SQLException {
        String fresh = "jdbc:h2:mem:contract" + LAST.incrementAndGet() + ";DEFAULT_TABLE_ENGINE="
                + ProbeTable.Engine.class.getName();
        ProbeTable.ASKED.clear();
        try (Connection first = DriverManager.getConnection(fresh, "SA", "")) {
            run(first, "CREATE TABLE A(ID INT)");
            run(first, "CREATE LOCAL TEMPORARY TABLE B(ID INT)");
        }

        assertThat(ProbeTable.ASKED.stream().filter(asked -> asked.startsWith("create")))
                .hasSize(3)
                .first()
                .isEqualTo("create SYS of id 0");
    }

    @Test
    void theStoredTextDoesNotNameTheDefaultEngine() throws SQLException {
        List<String> script = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SCRIPT NODATA")) {
            while (result.next()) {
                script.add(result.getString(1));
            }
        }

        assertThat(script).anyMatch(line -> line.startsWith("CREATE MEMORY TABLE \"PUBLIC\".\"T\""));
        assertThat(script.stream().filter(line -> line.contains("TABLE"))).noneMatch(line -> line.contains("ENGINE"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM T                                  | read      | " + CommandInterface.SELECT,
                "INSERT INTO T VALUES (3, 3)                      | write     | " + CommandInterface.INSERT,
                "UPDATE T SET V = 0                               | write     | " + CommandInterface.UPDATE,
                "DELETE FROM T                                    | write     | " + CommandInterface.DELETE,
                "MERGE INTO T VALUES (1, 5)                       | write     | " + CommandInterface.MERGE,
                "TRUNCATE TABLE T                                 | exclusive | " + CommandInterface.TRUNCATE_TABLE,
                "CREATE INDEX I ON T(V)                           | exclusive | " + CommandInterface.CREATE_INDEX,
                "DROP TABLE T                                     | exclusive | " + CommandInterface.DROP_TABLE
            })
    void aStatementLocksItsTableByWhatItDoesAndSaysWhatItIs(String sql, String mode, int type) throws SQLException {
        assertThat(asks(connection, sql))
                .anySatisfy(asked -> assertThat(asked).startsWith("lock T " + mode + " for " + type));
    }

    @Test
    void aQueryDependsOnItsTablesAndAnUpdateNotOnTheOneItChanges() throws SQLException {
        assertThat(asks(connection, "SELECT * FROM T")).first().asString().endsWith("that depends on it");
        assertThat(asks(connection, "UPDATE T SET V = 0")).first().asString().doesNotEndWith("that depends on it");
    }

    @Test
    void onlyForeignKeysAreCheckedAfterTheRowIsWritten() throws SQLException {
        run(connection, "ALTER TABLE T ADD UNIQUE(V)");
        run(connection, "ALTER TABLE T ADD CHECK(V > 0)");
        run(connection, "ALTER TABLE T ADD FOREIGN KEY(V) REFERENCES T(V)");

        assertThat(table().getConstraints())
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(constraint ->
                        assertThat(constraint.isBefore()).isEqualTo(!(constraint instanceof ConstraintReferential)));
    }

    @Test
    void aTableIsRegisteredOnceForATransaction() throws SQLException {
        run(connection, "UPDATE T SET V = 0");

        assertThatThrownBy(() -> h2(connection).registerTableAsLocked(table())).isInstanceOf(RuntimeException.class);
    }

    @Test
    void theTableIsToldWhicheverWayTheTransactionEndsAndAfterIt() throws SQLException {
        run(connection, "UPDATE T SET V = 0");
        ProbeTable.ASKED.clear();
        connection.commit();
        assertThat(ProbeTable.ASKED).containsExactly("unlock T after the end");

        run(connection, "UPDATE T SET V = 0");
        ProbeTable.ASKED.clear();
        connection.rollback();
        assertThat(ProbeTable.ASKED).containsExactly("unlock T after the end");

        run(connection, "UPDATE T SET V = 0");
        assertThat(asks(connection, "CREATE TABLE U(ID INT)")).first().isEqualTo("unlock T after the end");

        run(connection, "UPDATE T SET V = 0");
        ProbeTable.ASKED.clear();
        connection.close();
        assertThat(ProbeTable.ASKED).contains("unlock T after the end");
    }

    @Test
    void aRollBackToASavepointTellsNobody() throws SQLException {
        run(connection, "SAVEPOINT S");
        run(connection, "UPDATE T SET V = 0 WHERE ID = 1");

        assertThat(asks(connection, "ROLLBACK TO SAVEPOINT S")).isEmpty();
        run(other, "UPDATE T SET V = 5 WHERE ID = 1");
        other.rollback();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE T SET V = 9 WHERE ID = 1                       | -1",
                "DELETE FROM T WHERE ID = 1                            | -1",
                "MERGE INTO T VALUES (1, 5)                            | -1",
                "MERGE INTO T USING (VALUES (1)) N(X) ON ID = X WHEN MATCHED THEN UPDATE SET V = 3 | -1",
                "SELECT * FROM T WHERE ID = 1 FOR UPDATE               | -1",
                "SELECT * FROM T WHERE ID = 1 FOR UPDATE NOWAIT        | 0",
                "SELECT * FROM T WHERE ID = 1 FOR UPDATE WAIT 1.5      | 1500",
                "SELECT * FROM T WHERE ID = 1 FOR UPDATE SKIP LOCKED   | -2"
            })
    void everyRowThatIsChangedOrLockedIsAskedForWithItsTimeout(String sql, int timeout) throws SQLException {
        assertThat(asks(connection, sql)).contains("row 1 within " + timeout);
    }

    @Test
    void aRowThatAnotherHasIsNotWaitedForAndNothingIsThrownIfItIsToBeSkipped() throws SQLException {
        run(other, "UPDATE T SET V = 0 WHERE ID = 1");
        Row row = table().getRow(h2(connection), 1);

        assertThat(table().tryRow(h2(connection), row)).isNull();

        other.rollback();
        assertThat(table().tryRow(h2(connection), row)).isNotNull();
    }

    @Test
    void anUncommittedRowNamesTheTransactionThatWroteIt() throws SQLException {
        run(connection, "UPDATE T SET V = 0 WHERE ID = 1");
        Transaction transaction = Objects.requireNonNull(H2Reflection.transaction(h2(connection)));

        assertThat(OpenTransactions.slotOf(version(1))).isEqualTo(transaction.getId());
        assertThat(OpenTransactions.slotOf(version(2))).isZero();
        assertThat(h2(other).getDatabase().getStore().getTransactionStore().getOpenTransactions())
                .contains(transaction);
        connection.commit();
        assertThat(OpenTransactions.slotOf(version(1))).isZero();
    }

    private VersionedValue<?> version(long key) throws SQLException {
        return Objects.requireNonNull(((MVPrimaryIndex) table().getScanIndex(h2(connection)))
                .getMVMap()
                .get(key));
    }

    @Test
    void theChangesOfATransactionAreThereNewestFirstWithTableAndKey() throws SQLException {
        run(connection, "UPDATE T SET V = 0 WHERE ID = 1");
        run(connection, "DELETE FROM T WHERE ID = 2");
        List<String> changes = new ArrayList<>();
        for (var all = Objects.requireNonNull(H2Reflection.transaction(h2(connection)))
                        .getChanges(0);
                all.hasNext(); ) {
            Change change = all.next();
            changes.add(change.mapName.replaceAll("\\d+$", "") + change.key);
        }

        assertThat(changes).containsSubsequence("table.2", "table.1").doesNotContain("table.3");
    }

    @Test
    void aDuplicateOfAnUncommittedKeyIsRefusedAtOnceOnceTheTransactionMayNotWait() throws SQLException {
        run(other, "INSERT INTO T VALUES (3, 3)");
        run(connection, "SELECT 1");
        run(connection, "UPDATE T SET V = 7 WHERE ID = 2");
        StoreReflection.neverWait(Objects.requireNonNull(H2Reflection.transaction(h2(connection))));
        Row row = table().getTemplateRow();
        row.setKey(3);
        row.setValue(0, org.h2.value.ValueInteger.get(3));
        row.setValue(1, org.h2.value.ValueInteger.get(3));

        assertThatThrownBy(() -> table().addRow(h2(connection), row))
                .isInstanceOfSatisfying(
                        DbException.class, e -> assertThat(e.getErrorCode()).isEqualTo(ErrorCode.CONCURRENT_UPDATE_1));
    }

    @Test
    void aStatementThatIsToldOfAConcurrentUpdateRunsAgain() throws SQLException {
        ProbeTable.failOnce(() -> DbException.get(ErrorCode.CONCURRENT_UPDATE_1, "T"));

        assertThat(asks(connection, "UPDATE T SET V = 0 WHERE ID = 1").stream()
                        .filter(asked -> asked.startsWith("lock T write")))
                .hasSizeGreaterThan(1);
        assertThat(read(connection, "SELECT V FROM T WHERE ID = 1")).isEqualTo(0);
    }

    @Test
    void aDeadlockRollsTheTransactionBackAndAnyOtherErrorTheStatementOnly() throws SQLException {
        run(connection, "UPDATE T SET V = 10 WHERE ID = 1");
        ProbeTable.failOnce(() -> DbException.get(ErrorCode.LOCK_TIMEOUT_1, "T"));
        assertThatThrownBy(() -> run(connection, "UPDATE T SET V = 20")).isInstanceOf(SQLException.class);
        assertThat(read(connection, "SELECT V FROM T WHERE ID = 1")).isEqualTo(10);

        ProbeTable.failOnce(() -> DbException.get(ErrorCode.DEADLOCK_1, "T"));
        assertThatThrownBy(() -> run(connection, "UPDATE T SET V = 20")).isInstanceOf(SQLException.class);
        assertThat(read(connection, "SELECT V FROM T WHERE ID = 1")).isEqualTo(1);
    }

    @Test
    void aSnapshotTakenAnewShowsWhatWasCommittedSinceTheStatementBegan() throws SQLException {
        read(connection, "SELECT SUM(V) FROM T");
        SessionLocal session = h2(connection);
        Command command = session.prepareLocal("SELECT V FROM T WHERE ID = 1");
        session.startStatementWithinTransaction(command);
        run(other, "UPDATE T SET V = 50 WHERE ID = 1");
        other.commit();

        session.startStatementWithinTransaction(command);

        assertThat(table().getRow(session, 1).getValue(1).getInt()).isEqualTo(50);
    }

    @Test
    void whatADropLeavesBehindHasNoName() throws SQLException {
        ProbeTable dropped = table();
        run(connection, "DROP TABLE T");

        assertThat((Object) dropped.getName()).isNull();
    }

    /** Notes what H2 tells of statements; H2 makes it by its name. */
    public static final class Listener implements DatabaseEventListener {
        static final List<String> HEARD = new ArrayList<>();

        @Override
        public void setProgress(int state, String text, long done, long all) {
            if (state == STATE_STATEMENT_START || state == STATE_STATEMENT_END) {
                HEARD.add((state == STATE_STATEMENT_START ? "start " : "end ") + text);
            }
        }

        @Override
        public void exceptionThrown(SQLException error, String sql) {
            HEARD.add("error " + error.getErrorCode() + " " + sql);
            throw new IllegalStateException("nobody hears this");
        }
    }

    @Test
    void everyStatementBeginsAndEndsOrFailsBeforeTheListenerAndParseErrorsDoNotReachIt() throws SQLException {
        run(connection, "SET DATABASE_EVENT_LISTENER '" + Listener.class.getName() + "'");
        Listener.HEARD.clear();

        run(connection, "UPDATE T SET V = 4 WHERE ID = 1");
        assertThatThrownBy(() -> run(connection, "INSERT INTO T VALUES (1, 1)")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> run(connection, "SELEKT")).isInstanceOf(SQLException.class);

        assertThat(Listener.HEARD)
                .containsExactly(
                        "start UPDATE T SET V = 4 WHERE ID = 1",
                        "end UPDATE T SET V = 4 WHERE ID = 1",
                        "start INSERT INTO T VALUES (1, 1)",
                        "error 23505 INSERT INTO T VALUES (1, 1)");
    }
}
