package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** A transaction that somebody else has rolled back: half of it never commits, whatever its client calls next. */
@Timeout(120)
class LostTransactionTest extends SingleFlight {
    /** What a client may hold when its transaction is lost. */
    private record Hands(
            Connection connection,
            PreparedStatement prepared,
            ResultSet updatable,
            Savepoint savepoint,
            Statement plain) {}

    private interface Call {
        void make(Hands hands) throws Exception;
    }

    private static Map<String, Call> refused() {
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("execute", hands -> hands.plain.execute("UPDATE T SET V = 10 WHERE ID = 2"));
        calls.put("executeQuery", hands -> hands.plain.executeQuery("SELECT 1"));
        calls.put("executeUpdate", hands -> hands.plain.executeUpdate("UPDATE T SET V = 10 WHERE ID = 2"));
        calls.put("DDL", hands -> hands.plain.execute("CREATE TABLE X(ID INT)"));
        calls.put("SET", hands -> hands.plain.execute("SET LOCK_TIMEOUT 7"));
        calls.put("SQL COMMIT", hands -> hands.plain.execute("COMMIT"));
        calls.put("SQL SAVEPOINT", hands -> hands.plain.execute("SAVEPOINT B"));
        calls.put("SQL SET AUTOCOMMIT", hands -> hands.plain.execute("SET AUTOCOMMIT TRUE"));
        calls.put("SQL PREPARE COMMIT", hands -> hands.plain.execute("PREPARE COMMIT B"));
        calls.put("statement batch", hands -> {
            hands.plain.addBatch("UPDATE T SET V = 10 WHERE ID = 2");
            hands.plain.executeBatch();
        });
        calls.put("prepared execute", hands -> hands.prepared.executeUpdate());
        calls.put("prepared batch", hands -> {
            hands.prepared.addBatch();
            hands.prepared.addBatch();
            hands.prepared.executeBatch();
        });
        calls.put("prepareStatement", hands -> hands.connection.prepareStatement("SELECT 1"));
        calls.put("prepareCall", hands -> hands.connection.prepareCall("CALL 1"));
        calls.put("commit", hands -> hands.connection.commit());
        calls.put("setSavepoint", hands -> hands.connection.setSavepoint());
        calls.put("rollback(Savepoint)", hands -> hands.connection.rollback(hands.savepoint));
        calls.put("releaseSavepoint", hands -> hands.connection.releaseSavepoint(hands.savepoint));
        calls.put("setAutoCommit(true)", hands -> hands.connection.setAutoCommit(true));
        calls.put("setAutoCommit(false)", hands -> hands.connection.setAutoCommit(false));
        calls.put("setTransactionIsolation", hands -> hands.connection.setTransactionIsolation(8));
        calls.put("setSchema", hands -> hands.connection.setSchema("PUBLIC"));
        calls.put("setReadOnly", hands -> hands.connection.setReadOnly(true));
        calls.put("getTables", hands -> hands.connection.getMetaData().getTables(null, null, "T", null));
        calls.put("updateRow", hands -> {
            hands.updatable.next();
            hands.updatable.updateInt(2, 77);
            hands.updatable.updateRow();
        });
        calls.put(
                "H2's own commit",
                hands -> hands.connection.unwrap(JdbcConnection.class).commit());
        calls.put(
                "H2's own statement",
                hands -> hands.connection
                        .unwrap(JdbcConnection.class)
                        .createStatement()
                        .execute("UPDATE T SET V = 10 WHERE ID = 2"));
        return calls;
    }

    private static Map<String, Call> goesOn() {
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("isValid", hands -> assertThat(hands.connection.isValid(1)).isTrue());
        calls.put("isClosed", hands -> assertThat(hands.connection.isClosed()).isFalse());
        calls.put(
                "getAutoCommit",
                hands -> assertThat(hands.connection.getAutoCommit()).isFalse());
        calls.put("getTransactionIsolation", hands -> hands.connection.getTransactionIsolation());
        calls.put("getSchema", hands -> assertThat(hands.connection.getSchema()).isEqualTo("PUBLIC"));
        calls.put("getWarnings", hands -> hands.connection.getWarnings());
        calls.put("createStatement", hands -> hands.connection.createStatement().close());
        calls.put("cancel", hands -> hands.plain.cancel());
        calls.put("close of a statement", hands -> hands.prepared.close());
        return calls;
    }

    /** A connection whose transaction will be lost. */
    Connection client() throws SQLException {
        return connect("");
    }

    @TestFactory
    Stream<DynamicTest> everyCallFailsUntilTheClientRollsBack() {
        return refused().entrySet().stream()
                .map(call -> dynamicTest(
                        call.getKey(),
                        () -> loseAnd(hands -> {
                            Throwable error =
                                    catchThrowable(() -> call.getValue().make(hands));
                            assertThat(error).as(call.getKey()).isInstanceOfSatisfying(SQLException.class, e -> {
                                assertThat(e.getSQLState()).isEqualTo("57014");
                                assertThat(e.getMessage())
                                        .contains("aborted by session ")
                                        .contains("rolled back");
                            });
                        })));
    }

    @TestFactory
    Stream<DynamicTest> whatOnlyAsksGoesOn() {
        return goesOn().entrySet().stream().map(call -> dynamicTest(call.getKey(), () -> loseAnd(call.getValue())));
    }

    /** The first half of a transfer is lost; then the call; then the second half must not be there alone. */
    private void loseAnd(Call call) throws Exception {
        try (Connection connection = client()) {
            PreparedStatement prepared = connection.prepareStatement("UPDATE T SET V = 10 WHERE ID = 2");
            connection.setAutoCommit(false);
            Statement plain = connection.createStatement();
            ResultSet updatable = connection
                    .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)
                    .executeQuery("SELECT ID, V FROM T WHERE ID = 3");
            Savepoint savepoint = connection.setSavepoint();
            execute(connection, "UPDATE T SET V = -10 WHERE ID = 1");
            abort(connection, 1);

            call.make(new Hands(connection, prepared, updatable, savepoint, plain));

            assertThat(catchThrowable(connection::commit)).isInstanceOf(SQLException.class);
            connection.rollback();
            assertThat(connection.getAutoCommit()).isFalse();
            assertThat(sum()).isZero();
            execute(connection, "UPDATE T SET V = 0 WHERE ID = 2");
            connection.commit();
        }
    }

    private void abort(Connection connection, int how) throws SQLException {
        execute(
                keeper,
                "UPDATE IPE_CURSESSIONS SET ABORT = " + how + " WHERE SESSION = "
                        + connection.unwrap(Session.class).id());
    }

    @Test
    void aTransactionOfSqlsBeginIsLostToo() throws Exception {
        try (Connection connection = client()) {
            execute(connection, "BEGIN");
            execute(connection, "UPDATE T SET V = -10 WHERE ID = 1");
            abort(connection, 1);

            assertThat(catchThrowable(() -> execute(connection, "UPDATE T SET V = 10 WHERE ID = 2")))
                    .hasMessageContaining("aborted by session");
            execute(connection, "ROLLBACK");
            assertThat(sum()).isZero();
        }
    }

    @Test
    void everyConnectionOfANamedSessionIsTold() throws Exception {
        try (Connection one = connect(";SESSION_ID=s");
                Connection other = connect(";SESSION_ID=s")) {
            one.setAutoCommit(false);
            execute(one, "UPDATE T SET V = -10 WHERE ID = 1");
            abort(one, 1);

            for (Connection each : List.of(one, other)) {
                assertThat(catchThrowable(each::commit)).hasMessageContaining("aborted by session");
            }
            other.rollback();
            execute(one, "UPDATE T SET V = 1 WHERE ID = 1");
            one.commit();
            assertThat(sum()).isEqualTo(1);
        }
    }

    @Test
    void inAutocommitOnlyTheStatementThatRanFails() throws Exception {
        try (Connection connection = client()) {
            abort(connection, 1);

            assertThat(execute(connection, "UPDATE T SET V = 1 WHERE ID = 1")).isTrue();
            assertThat(sum()).isEqualTo(1);
        }
    }

    @Test
    void whatWasPreparedIsPromisedAndNoAbortTakesItBack() throws Exception {
        try (Connection connection = client()) {
            connection.setAutoCommit(false);
            execute(connection, "UPDATE T SET V = 5 WHERE ID = 1");
            execute(connection, "PREPARE COMMIT B");
            abort(connection, 1);

            execute(connection, "COMMIT TRANSACTION B");
            assertThat(sum()).isEqualTo(5);
        }
    }

    @Test
    void aWaiterAndItsHolderAreMarkedBeforeTheFirstIsEnded() throws Exception {
        try (Connection holder = connect(";LOCK_TIMEOUT=60000");
                Connection waiter = connect(";LOCK_TIMEOUT=60000");
                Background waits = new Background("waits")) {
            holder.setAutoCommit(false);
            execute(holder, "UPDATE T SET V = 7 WHERE ID = 1");
            var waiting = waits.starts(() -> execute(waiter, "UPDATE T SET V = 8 WHERE ID = 1"));
            awaitLockWait(waiter.unwrap(Session.class));

            execute(keeper, "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION <> CURRENT_SESSION");

            assertThat(Background.failure(waiting).getSQLState()).isEqualTo("08006");
            assertThat(holder.isClosed()).isTrue();
            assertThat(sum()).isZero();
        }
    }
}
