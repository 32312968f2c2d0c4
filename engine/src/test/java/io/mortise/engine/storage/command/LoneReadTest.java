package io.mortise.engine.storage.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.storage.Scene;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.slot.LookingMutex;
import io.mortise.engine.storage.slot.SlotlessReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.h2.api.Trigger;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which queries read without a slot of the store, and what becomes of those that turn out to need one. */
@Timeout(60)
final class LoneReadTest {
    private static final String BY_KEY = "SELECT V FROM T WHERE ID = ?";

    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor actor;
    private Connection connection;
    private SessionLocal h2;

    /** Writes a row each time when a query reads the table. */
    public static final class Counting implements Trigger {
        @Override
        public void fire(Connection inside, Object[] before, Object[] after) throws SQLException {
            try (Statement statement = inside.createStatement()) {
                statement.execute("INSERT INTO SEEN VALUES(1)");
            }
        }
    }

    @BeforeEach
    void aTable() throws SQLException {
        actor = scene.actor();
        connection = actor.connection;
        h2 = actor.session.h2();
        actor.runsHere("CREATE TABLE T(ID INT PRIMARY KEY, V INT, TEXT VARCHAR)");
        actor.runsHere("CREATE TABLE L(ID INT PRIMARY KEY, V CLOB)");
        actor.runsHere("CREATE TABLE SEEN(N INT)");
        actor.runsHere("CREATE SEQUENCE NUMBERS");
        actor.runsHere("CREATE LOCAL TEMPORARY TABLE P(ID INT PRIMARY KEY, V INT)");
        actor.runsHere("INSERT INTO T VALUES(1, 10, 'ten')");
        actor.runsHere("INSERT INTO L VALUES(1, 'ten')");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private int number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    /** How often the store's list of open transactions is changed while this is run ten times. */
    private long changes(String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setInt(1, 1);
            statement.executeQuery().close();
            long before = changes();
            for (int i = 0; i < 10; i++) {
                statement.executeQuery().close();
            }
            return changes() - before - 2;
        }
    }

    private long changes() {
        TransactionStore store = h2.getDatabase().getStore().getTransactionStore();
        Transaction now = store.begin();
        now.commit();
        return now.getSequenceNum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                BY_KEY,
                "SELECT * FROM T WHERE ID = ?",
                "SELECT TEXT AS NAME, 7, V FROM T WHERE ? = ID",
                "SELECT ID, V FROM T X WHERE X.ID = ? ORDER BY V"
            })
    void aRowReadByItsKeyInAutocommitTakesNoSlot(String query) throws SQLException {
        assertThat(changes(query)).isZero();
        assertThat(H2Reflection.transaction(h2)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT V + 1 FROM T WHERE ID = ?",
                "SELECT NEXT VALUE FOR NUMBERS FROM T WHERE ID = ?",
                "SELECT SUM(V) FROM T WHERE ID = ?",
                "SELECT V FROM T WHERE ID = ? FOR UPDATE",
                "SELECT V FROM T WHERE ID = ? AND V > 1",
                "SELECT V FROM T WHERE V = ?",
                "SELECT V FROM T WHERE ID = ? LIMIT 1",
                "SELECT V FROM L WHERE ID = ?",
                "SELECT V FROM P WHERE ID = ?",
                "SELECT (SELECT MAX(V) FROM T) FROM T WHERE ID = ?"
            })
    void aQueryThatDoesMoreTakesOneAndGivesItBack(String query) throws SQLException {
        assertThat(changes(query)).isGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ UNCOMMITTED", "REPEATABLE READ", "SERIALIZABLE"})
    void soDoesAnotherLevel(String level) throws SQLException {
        actor.runsHere("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);

        assertThat(changes(BY_KEY)).isGreaterThanOrEqualTo(20);
    }

    @Test
    void soDoesOneThatReadsOnWhenItHasEnded() throws SQLException {
        actor.runsHere("SET LAZY_QUERY_EXECUTION 1");

        assertThat(changes(BY_KEY)).isGreaterThanOrEqualTo(20);
    }

    @Test
    void aTransactionThatGoesOnHasASlotFromItsFirstQueryOn() throws SQLException {
        connection.setAutoCommit(false);
        assertThat(changes(BY_KEY)).isZero();

        Transaction now = H2Reflection.transaction(h2);
        assertThat(now).isNotNull();
        assertThat(h2.getDatabase().getStore().getTransactionStore().getOpenTransactions())
                .contains(now);
        connection.rollback();
    }

    @Test
    void aTriggerOfQueriesWritesAsEver() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BY_KEY)) {
            statement.setInt(1, 1);
            statement.executeQuery().close();
            actor.runsHere("CREATE TRIGGER COUNTING BEFORE SELECT ON T CALL '" + Counting.class.getName() + "'");
            statement.executeQuery().close();
            statement.executeQuery().close();
        }

        assertThat(number("SELECT COUNT(*) FROM SEEN")).isEqualTo(2);
        assertThat(H2Reflection.transaction(h2)).isNull();
    }

    @Test
    void whatRunsInsideAQueryGetsATransactionOfItsOwn() {
        h2.lock();
        try {
            SlotlessReader reader = Objects.requireNonNull(LookingMutex.reader(h2));
            reader.begin();
            h2.lock();
            try {
                assertThat(reader.isIn()).isFalse();
                assertThat(h2.getTransaction().getId()).isPositive();
            } finally {
                h2.unlock();
            }
            reader.ends();
            assertThat(H2Reflection.transaction(h2)).isNotNull();
        } finally {
            h2.rollback();
            h2.unlock();
        }
    }

    @Test
    void aQueryThatFailsLeavesNothingBehind() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BY_KEY)) {
            statement.setString(1, "no number");
            assertThatThrownBy(statement::executeQuery).hasMessageContaining("no number");
            assertThat(H2Reflection.transaction(h2)).isNull();
            actor.runsHere("UPDATE T SET V = 11 WHERE ID = 1");

            statement.setInt(1, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(11);
            }
        }
    }

    @Test
    void aQueryOfAnAlteredTableReadsItAnew() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM T WHERE ID = ?")) {
            statement.setInt(1, 1);
            statement.executeQuery().close();
            actor.runsHere("ALTER TABLE T ADD COLUMN MORE INT DEFAULT NEXT VALUE FOR NUMBERS");
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                assertThat(row.getInt("MORE")).isEqualTo(1);
            }
        }
    }

    @Test
    void othersChangeTheRowBetweenTwoQueries() throws Exception {
        Connection other = scene.actor().connection;
        try (PreparedStatement statement = connection.prepareStatement(BY_KEY);
                Statement writer = other.createStatement()) {
            statement.setInt(1, 1);
            other.setAutoCommit(false);
            for (int i = 0; i < 300; i++) {
                writer.executeUpdate("UPDATE T SET V = " + i + " WHERE ID = 1");
                assertThat(CompletableFuture.supplyAsync(
                                        () -> value(statement), step -> new Thread(step, "reads").start())
                                .join())
                        .isEqualTo(i == 0 ? 10 : i - 1);
                other.commit();
                assertThat(value(statement)).isEqualTo(i);
            }
        }
    }

    private static int value(PreparedStatement statement) {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
