package io.mortise.engine.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.storage.h2.StatementKinds;
import java.sql.Connection;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.h2.command.Parser;
import org.h2.command.Prepared;
import org.h2.engine.Constants;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A statement that inserts a row unless it is there, while another session inserts the same row. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LostRaceTest {
    private static final String USING = "MERGE INTO N USING (VALUES (1, 10)) S(I, W) ON ID = I"
            + " WHEN MATCHED THEN UPDATE SET V = V + W WHEN NOT MATCHED THEN INSERT VALUES (I, W)";
    private static final String USING_CODE = "MERGE INTO M USING (VALUES ('x', 10)) S(I, W) ON CODE = I"
            + " WHEN MATCHED THEN UPDATE SET V = V + W WHEN NOT MATCHED THEN INSERT VALUES (2, I, W)";

    private static final String DUPLICATE = "INSERT INTO M VALUES (2, 'x', 10) ON DUPLICATE KEY UPDATE V = V + 10";
    private static final String LIST =
            "SELECT LISTAGG(ID || ':' || CODE || ':' || V, ' ') WITHIN GROUP (ORDER BY ID) FROM M";

    @SuppressWarnings("NullAway.Init")
    private Scene scene;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor a;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor b;

    private void opens(String mode) throws Exception {
        scene = Scene.at("jdbc:h2:mem:lostrace" + System.nanoTime() + ";MODE=" + mode);
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE N(ID INT PRIMARY KEY, V INT)");
        a.runs("CREATE TABLE M(ID INT PRIMARY KEY, CODE VARCHAR(9) UNIQUE, V INT)");
        a.inTransaction();
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private void insertsBoth() throws Exception {
        a.runs("INSERT INTO N VALUES (1, 1)");
        a.runs("INSERT INTO M VALUES (1, 'x', 1)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "REGULAR    | N | 11 | " + USING,
                "REGULAR    | M | 11 | " + USING_CODE,
                "REGULAR    | N | 10 | MERGE INTO N KEY(ID) VALUES (1, 10)",
                "REGULAR    | N | 10 | MERGE INTO N KEY(ID) SELECT 1, 10 + COUNT(*) * 0 FROM N",
                "REGULAR    | M | 10 | MERGE INTO M KEY(CODE) VALUES (2, 'x', 10)",
                "REGULAR    | N | 11 | SELECT V FROM FINAL TABLE (" + USING + ")",
                "REGULAR    | N | 11 | EXECUTE IMMEDIATE '" + USING + "'",
                "MySQL      | N | 10 | REPLACE INTO N VALUES (1, 10)",
                "MySQL      | N | 11 | INSERT INTO N VALUES (1, 10) ON DUPLICATE KEY UPDATE V = V + 10",
                "MySQL      | N | 11 | INSERT INTO N SELECT 1, COUNT(*) FROM N ON DUPLICATE KEY UPDATE V = N.V + 10",
                "MySQL      | N | 1  | INSERT IGNORE INTO N VALUES (1, 10)",
                "PostgreSQL | N | 1  | INSERT INTO N VALUES (1, 10) ON CONFLICT DO NOTHING"
            })
    void changesTheRowAfterAll(String mode, String table, int value, String sql) throws Exception {
        opens(mode);
        insertsBoth();
        b.inTransaction();
        Future<Integer> upsert = b.waitsFor(sql);
        a.commits();

        Scene.finish(upsert);
        b.commits();
        assertThat(b.reads("SELECT V FROM " + table)).isEqualTo(value);
        assertThat(b.reads("SELECT COUNT(*) FROM " + table)).isEqualTo(1L);
        b.commits();
        scene.endsEmpty();
    }

    @Test
    void insertsIfTheOtherRollsBack() throws Exception {
        opens("REGULAR");
        insertsBoth();
        Future<Integer> upsert = b.waitsFor(USING);
        a.rollsBack();

        assertThat(Scene.finish(upsert)).isOne();
        assertThat(b.reads("SELECT V FROM N")).isEqualTo(10);
        scene.endsEmpty();
    }

    /** What it did to the rows before that one is done once. */
    @Test
    void whatWasDoneBeforeIsDoneOnce() throws Exception {
        opens("REGULAR");
        b.runs("INSERT INTO N VALUES (0, 5), (3, 5)");
        a.runs("INSERT INTO N VALUES (1, 1)");
        Future<Integer> upsert =
                b.waitsFor("MERGE INTO N USING (VALUES (0, 10), (2, 10), (1, 10), (3, 10)) S(I, W) ON ID = I"
                        + " WHEN MATCHED THEN UPDATE SET V = V + W WHEN NOT MATCHED THEN INSERT VALUES (I, W)");
        a.commits();

        assertThat(Scene.finish(upsert)).isEqualTo(4);
        assertThat(b.reads("SELECT LISTAGG(ID || ':' || V, ' ') WITHIN GROUP (ORDER BY ID) FROM N"))
                .isEqualTo("0:15 1:11 2:10 3:15");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "REGULAR    | " + USING,
                "REGULAR    | " + USING_CODE,
                "REGULAR    | MERGE INTO N KEY(ID) VALUES (1, 10)",
                "REGULAR    | MERGE INTO M KEY(CODE) VALUES (2, 'x', 10)",
                "REGULAR    | SELECT V FROM FINAL TABLE (" + USING + ")",
                "MySQL      | REPLACE INTO N VALUES (1, 10)",
                "MySQL      | INSERT INTO N VALUES (1, 10) ON DUPLICATE KEY UPDATE V = V + 10",
                "MySQL      | INSERT IGNORE INTO N VALUES (1, 10)",
                "PostgreSQL | INSERT INTO N VALUES (1, 10) ON CONFLICT DO NOTHING"
            })
    void onAnOlderSnapshotItIsAConflict(String mode, String sql) throws Exception {
        opens(mode);
        b.inTransaction();
        b.connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
        b.reads("SELECT COUNT(*) FROM N, M");
        insertsBoth();
        Future<Integer> upsert = b.waitsFor(sql);
        a.commits();

        assertThatThrownBy(() -> Scene.finish(upsert)).isInstanceOf(SerializationConflictException.class);
        b.rollsBack();
        scene.endsEmpty();
    }

    /**
     * There it locks its table before it looks, and sees what was committed until then: the other simply came before.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void atSerializableItComesAfterTheOther(boolean hasRead) throws Exception {
        opens("REGULAR");
        b.inTransaction();
        b.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        if (hasRead) {
            b.reads("SELECT COUNT(*) FROM M");
        }
        a.runs("INSERT INTO N VALUES (1, 1)");
        Future<Integer> upsert = b.waitsFor(USING);
        a.commits();

        Scene.finish(upsert);
        assertThat(b.reads("SELECT V FROM N")).isEqualTo(11);
        b.rollsBack();
        scene.endsEmpty();
    }

    /** What the statement sees, or has inserted itself, is a duplicate as ever. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "MERGE INTO N USING (VALUES (7), (7)) S(I) ON ID = I WHEN NOT MATCHED THEN INSERT VALUES (I, 0)",
                "MERGE INTO M USING (VALUES (7), (8)) S(I) ON ID = I WHEN NOT MATCHED THEN INSERT VALUES (I, 'y', 0)",
                "MERGE INTO M USING (VALUES (7)) S(I) ON ID = I WHEN NOT MATCHED THEN INSERT VALUES (I, 'x', 0)",
                "SELECT * FROM FINAL TABLE (INSERT INTO N VALUES (1, 1))",
                "INSERT INTO N VALUES (1, 1)"
            })
    void aDuplicateStaysOne(String sql) throws Exception {
        opens("REGULAR");
        insertsBoth();
        a.commits();

        assertThatThrownBy(() -> b.runs(sql)).isInstanceOf(SQLIntegrityConstraintViolationException.class);
        scene.endsEmpty();
    }

    static Stream<Arguments> upsertsAndWhatMakesARowLeave() {
        return Stream.of(
                        DUPLICATE,
                        USING_CODE,
                        "SELECT V FROM FINAL TABLE (" + DUPLICATE + ")",
                        "EXECUTE IMMEDIATE '" + DUPLICATE.replace("'", "''") + "'")
                .flatMap(sql -> Stream.of(
                        Arguments.of(sql, "DELETE FROM M", "2:x:10"),
                        Arguments.of(sql, "UPDATE M SET CODE = 'z'", "1:z:1 2:x:10"),
                        Arguments.of(sql, "UPDATE M SET ID = 5", "5:x:11")));
    }

    /** The row goes away, or its unique value does: then there is nothing in the way any more. */
    @ParameterizedTest
    @MethodSource("upsertsAndWhatMakesARowLeave")
    void doesOneOrTheOtherToARowThatLeaves(String sql, String change, String rows) throws Exception {
        opens("MySQL");
        a.runs("INSERT INTO M VALUES (1, 'x', 1)");
        a.commits();
        a.runs(change);
        Future<Integer> upsert = b.waitsFor(sql);
        a.commits();

        Scene.finish(upsert);
        assertThat(b.reads(LIST)).isEqualTo(rows);
        scene.endsEmpty();
    }

    static Stream<Arguments> upsertsAndChanges() {
        String byCode = "INSERT INTO M VALUES (2, 'x', MEANWHILE(10)) ON DUPLICATE KEY UPDATE V = V + 10";
        return Stream.of("DELETE FROM M", "UPDATE M SET CODE = 'z'", "UPDATE M SET ID = 5")
                .flatMap(change -> Stream.of(
                        Arguments.of(byCode.replace("(2, 'x'", "(1, 'y'"), 2, change),
                        Arguments.of(byCode, 2, change),
                        // This one is always run again.
                        Arguments.of("SELECT V FROM FINAL TABLE (" + byCode + ")", 3, change)));
    }

    /** Of an INSERT the second look at its values comes after it has met the duplicate, and before its UPDATE. */
    @ParameterizedTest
    @MethodSource("upsertsAndChanges")
    void nobodyTakesTheDuplicateAwayBeforeItIsUpdated(String sql, int call, String change) throws Exception {
        opens("MySQL");
        a.runs("INSERT INTO M VALUES (1, 'x', 1)");
        a.commits();
        a.runs("CREATE ALIAS MEANWHILE FOR '" + Meanwhile.class.getName() + ".value'");
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<@Nullable Future<Integer>> other = new AtomicReference<>();
        Meanwhile.work = () -> {
            if (calls.incrementAndGet() == call) {
                other.set(a.waitsFor(change));
            }
            return null;
        };
        b.runs(sql);

        Scene.finish(requireNonNull(other.get()));
        a.rollsBack();
        assertThat(b.reads(LIST)).isEqualTo("1:x:11");
        scene.endsEmpty();
    }

    /** A function that does something else before it returns its argument. */
    public static final class Meanwhile {
        private static Callable<@Nullable Void> work = () -> null;

        private Meanwhile() {}

        public static int value(int value) throws Exception {
            work.call();
            return value;
        }
    }

    /** A plain INSERT means what it says, also on a snapshot that does not show the row. */
    @Test
    void anInsertThatLosesIsADuplicate() throws Exception {
        opens("REGULAR");
        insertsBoth();
        b.inTransaction();
        b.connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
        Future<Integer> insert = b.waitsFor("INSERT INTO N VALUES (1, 10)");
        a.commits();

        assertThatThrownBy(() -> Scene.finish(insert)).isInstanceOf(SQLIntegrityConstraintViolationException.class);
    }

    /** H2 keeps to itself what an INSERT does with duplicates. */
    @Test
    void anInsertIsKnownByWhatItDoesWithDuplicates() throws Exception {
        opens("MySQL");

        assertThat(StatementKinds.insertsWhatItDoesNotSee(read("INSERT INTO N VALUES (1, 1)")))
                .isFalse();
        Prepared ignoring = read("INSERT IGNORE INTO N VALUES (1, 1)");
        assertThat(StatementKinds.insertsWhatItDoesNotSee(ignoring)).isTrue();
        assertThat(StatementKinds.changesWhatItDoesNotInsert(ignoring)).isFalse();
        assertThat(StatementKinds.changesWhatItDoesNotInsert(
                        read("INSERT INTO N VALUES (1, 1) ON DUPLICATE KEY UPDATE V = 2")))
                .isTrue();
    }

    private Prepared read(String sql) {
        return new Parser(a.session.h2()).prepare(sql);
    }
}
