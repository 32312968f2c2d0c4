package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.h2.api.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A row that waits for its table while a definition alters it is checked, filled in and given to triggers by what the
 * definition says. (Plain H2 looks at all that before it waits, and the row gets past the new constraint.)
 */
@Timeout(value = 120)
final class LateDefinitionTest {
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final String CHECK = "ALTER TABLE T ADD CONSTRAINT C CHECK (V >= 0)";

    private final String url = "jdbc:mortise:mem:late" + LAST.incrementAndGet() + ";LOCK_TIMEOUT=60000";
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Connection keeper;
    private Connection definer;
    private Connection writer;

    /** Makes V 99. H2 makes it by its name. */
    public static final class Sets99 implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) {
            after[1] = 99;
        }
    }

    /** Writes down each row. H2 makes it by its name. */
    public static final class Logs implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO LOG VALUES (" + after[0] + ")");
            }
        }
    }

    @BeforeEach
    void tables() throws SQLException {
        keeper = DriverManager.getConnection(url);
        definer = DriverManager.getConnection(url);
        writer = DriverManager.getConnection(url);
        run(keeper, "CREATE DOMAIN D AS INT");
        run(keeper, "CREATE DOMAIN D2 AS D");
        run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT, W D, X D2)");
        run(keeper, "CREATE TABLE LOG(ID INT)");
        run(keeper, "INSERT INTO T VALUES (1, 1, 1, 1)");
        keeper.setAutoCommit(false);
    }

    @AfterEach
    void close() throws SQLException {
        keeper.close();
        definer.close();
        writer.close();
        threads.shutdown();
    }

    static Stream<Arguments> theRowIsCheckedByWhatTheDefinitionSays() {
        String trigger = "CREATE TRIGGER G BEFORE INSERT ON T FOR EACH ROW CALL '" + Sets99.class.getName() + "'";
        return Stream.of(
                        List.of(CHECK, "INSERT INTO T(ID, V) VALUES (7, -1)", "error 23513"),
                        List.of(CHECK, "INSERT INTO T(ID, V) VALUES (7, 1), (8, -1)", "error 23513"),
                        List.of(CHECK, "INSERT INTO T(ID, V) SELECT 7, -1", "error 23513"),
                        List.of(CHECK, "UPDATE T SET V = -1 WHERE ID = 1", "error 23513"),
                        List.of(CHECK, "MERGE INTO T(ID, V) KEY(ID) VALUES (7, -1)", "error 23513"),
                        List.of(
                                CHECK,
                                "MERGE INTO T USING (VALUES (7, -1)) S(A, B) ON ID = A"
                                        + " WHEN NOT MATCHED THEN INSERT(ID, V) VALUES (A, B)",
                                "error 23513"),
                        List.of(
                                "ALTER TABLE T ALTER COLUMN V SET NOT NULL",
                                "INSERT INTO T(ID, V) VALUES (7, NULL)",
                                "error 23502"),
                        List.of("ALTER TABLE T ALTER COLUMN V SET DEFAULT 3", "INSERT INTO T(ID) VALUES (7)", "V is 3"),
                        List.of(
                                "ALTER TABLE T ADD CONSTRAINT C UNIQUE (V)",
                                "INSERT INTO T(ID, V) VALUES (7, 1)",
                                "error 23505"),
                        List.of(
                                "ALTER TABLE T ALTER COLUMN V RENAME TO V2",
                                "INSERT INTO T(ID, V) VALUES (7, 1)",
                                "error 42122"),
                        List.of(
                                "ALTER DOMAIN D ADD CONSTRAINT C CHECK (VALUE > 0)",
                                "INSERT INTO T(ID, W) VALUES (7, -1)",
                                "error 23513"),
                        List.of(
                                "ALTER DOMAIN D ADD CONSTRAINT C CHECK (VALUE > 0)",
                                "INSERT INTO T(ID, X) VALUES (7, -1)",
                                "error 23513"),
                        List.of(trigger, "INSERT INTO T(ID, V) VALUES (7, 5)", "V is 99"))
                .flatMap(texts -> Stream.of(true, false)
                        .map(isPrepared -> Arguments.of(texts.get(0), texts.get(1), texts.get(2), isPrepared)));
    }

    @ParameterizedTest
    @MethodSource
    void theRowIsCheckedByWhatTheDefinitionSays(String definition, String insert, String what, boolean isPrepared)
            throws Exception {
        run(keeper, "UPDATE T SET ID = ID");
        Future<Integer> altering = waiting(1, () -> run(definer, definition));
        Future<Integer> inserting = waiting(2, () -> isPrepared ? prepared(insert) : run(writer, insert));
        keeper.commit();

        altering.get();
        assertThat(answer(inserting)).isEqualTo(what);
        assertThat(number("SELECT COUNT(*) FROM T")).isEqualTo(what.startsWith("error") ? 1 : 2);
    }

    private String answer(Future<Integer> inserting) throws Exception {
        try {
            assertThat(inserting.get()).isEqualTo(1);
            return "V is " + number("SELECT V FROM T WHERE ID = 7");
        } catch (ExecutionException e) {
            return "error " + ((SQLException) Objects.requireNonNull(e.getCause())).getErrorCode();
        }
    }

    @Test
    void aDomainIsNotAlteredBeneathARowThatIsNotCommitted() throws Exception {
        run(keeper, "INSERT INTO T(ID, X) VALUES (7, -1)");
        Future<Integer> altering = waiting(1, () -> run(definer, "ALTER DOMAIN D ADD CONSTRAINT C CHECK (VALUE > 0)"));
        keeper.commit();

        assertThat(answer(altering)).isEqualTo("error 23513");
    }

    @Test
    void whatATriggerDidBeforeTheStatementWasRepeatedIsUndone() throws Exception {
        run(definer, "CREATE TRIGGER G BEFORE INSERT ON T FOR EACH ROW CALL '" + Logs.class.getName() + "'");
        writer.setAutoCommit(false);
        run(keeper, "UPDATE T SET ID = ID");
        Future<Integer> altering = waiting(1, () -> run(definer, CHECK));
        Future<Integer> inserting = waiting(2, () -> run(writer, "INSERT INTO T(ID, V) VALUES (7, 1), (8, 1)"));
        keeper.commit();

        altering.get();
        assertThat(inserting.get()).isEqualTo(2);
        writer.commit();
        assertThat(number("SELECT COUNT(*) FROM LOG")).isEqualTo(2);
    }

    /** Waits in the middle of a row that nobody has locked its table for. H2 makes it by its name. */
    public static final class Waits implements Trigger {
        static final Semaphore FIRED = new Semaphore(0);
        static final Semaphore GO_ON = new Semaphore(0);

        @Override
        public void fire(Connection connection, Object[] before, Object[] after) {
            FIRED.release();
            GO_ON.acquireUninterruptibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP TRIGGER G2", "ALTER TABLE T DROP CONSTRAINT C"})
    void whatIsDroppedBeneathARowDoesNotMakeItFail(String definition) throws Exception {
        run(definer, "CREATE TRIGGER G1 BEFORE INSERT ON T FOR EACH ROW CALL '" + Waits.class.getName() + "'");
        run(definer, "CREATE TRIGGER G2 BEFORE INSERT ON T FOR EACH ROW CALL '" + Logs.class.getName() + "'");
        run(definer, "ALTER TABLE T ADD CONSTRAINT C CHECK (V < 100)");
        Future<Integer> inserting = threads.submit(() -> run(writer, "INSERT INTO T(ID, V) VALUES (7, 1)"));
        Waits.FIRED.acquire();
        run(definer, definition);
        Waits.GO_ON.release(2); // It is repeated.

        assertThat(answer(inserting)).isEqualTo("V is 1");
        assertThat(number("SELECT COUNT(*) FROM LOG")).isEqualTo(definition.startsWith("DROP") ? 0 : 1);
        Waits.FIRED.acquire();
    }

    /** Waits in the middle of row 7, and then inserts another one into the same table. H2 makes it by its name. */
    public static final class InsertsBeside implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            if (after[0].equals(7)) {
                Waits.FIRED.release();
                Waits.GO_ON.acquireUninterruptibly();
                run(connection, "INSERT INTO T(ID, V) VALUES (8, 1)");
            }
        }
    }

    /** What is in the trigger locks the table for both. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ALTER TABLE T ADD CONSTRAINT C CHECK (V >= 0)                | INSERT INTO T(ID, V) VALUES (7, -1)   | error 23513
            ALTER TABLE T ALTER COLUMN V SET NOT NULL                    | INSERT INTO T(ID, V) VALUES (7, NULL) | error 23502
            ALTER TABLE T ALTER COLUMN V SET DEFAULT 3                   | INSERT INTO T(ID) VALUES (7)          | V is 3
            ALTER DOMAIN D ADD CONSTRAINT C CHECK (VALUE > 0)            | INSERT INTO T(ID, W) VALUES (7, -1)   | error 23513
            """)
    void aStatementInATriggerHidesNoDefinitionFromTheOneAround(String definition, String insert, String what)
            throws Exception {
        Waits.GO_ON.drainPermits();
        run(definer, "CREATE TRIGGER G BEFORE INSERT ON T FOR EACH ROW CALL '" + InsertsBeside.class.getName() + "'");
        Future<Integer> inserting = threads.submit(() -> run(writer, insert));
        Waits.FIRED.acquire();
        run(definer, definition);
        Waits.GO_ON.release(2); // It is repeated, and may come here again.

        assertThat(answer(inserting)).isEqualTo(what);
        assertThat(number("SELECT COUNT(*) FROM T")).isEqualTo(what.startsWith("error") ? 1 : 3);
        Waits.FIRED.drainPermits();
    }

    @Test
    void anInsertThatFailedBeforeItLockedLeavesNothingToRepeat() throws Exception {
        writer.setAutoCommit(false);
        assertThatThrownBy(() -> run(writer, "INSERT INTO T(ID, V) VALUES (CAST('x' AS INT), 1)"))
                .isInstanceOf(SQLException.class);
        run(definer, CHECK);

        assertThat(run(writer, "UPDATE T SET V = 2 WHERE ID = 1")).isEqualTo(1);
        try (Statement statement = writer.createStatement();
                ResultSet row = statement.executeQuery("SELECT V FROM T WHERE ID = 1 FOR UPDATE")) {
            assertThat(row.next()).isTrue();
        }
        writer.rollback();
    }

    private int prepared(String sql) throws SQLException {
        try (PreparedStatement statement = writer.prepareStatement(sql)) {
            return statement.executeUpdate();
        }
    }

    private static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private int number(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Begins, and is seen to be the nth that waits for a lock. */
    private Future<Integer> waiting(int nth, Callable<Integer> call) throws SQLException {
        Future<Integer> result = threads.submit(call);
        while (number("SELECT COUNT(DISTINCT SESSION) FROM SYS.LOCK_WAITS") < nth) {
            Thread.onSpinWait();
        }
        return result;
    }
}
