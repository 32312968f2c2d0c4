package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A reader takes no lock, so what it reads may be altered or dropped meanwhile: it goes on with what it began with. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public final class ReadersAndDefinitionsTest {
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final int ROWS = 1000;
    private static final List<String> DEFINITIONS = List.of(
            "TRUNCATE TABLE T",
            "DROP TABLE T",
            "ALTER TABLE T ADD COLUMN C INT",
            "CREATE INDEX TI ON T(V)",
            "TRUNCATE TABLE U",
            "DROP TABLE U",
            "ALTER TABLE U DROP COLUMN W",
            "DROP INDEX UI",
            "DROP ALL OBJECTS");
    private static final List<String> QUERIES = List.of(
            "SELECT PAUSE(ID), V FROM T",
            "SELECT PAUSE(ID), V FROM T WHERE ID > 0 ORDER BY ID DESC",
            "SELECT PAUSE(T.ID), U.W FROM T JOIN U ON U.T = T.ID",
            "SELECT PAUSE(U.ID), T.V FROM U JOIN T ON T.ID = U.ID",
            "SELECT PAUSE(ID), (SELECT MAX(W) FROM U WHERE U.T = T.ID) FROM T");

    @TempDir
    Path directory;

    private static CountDownLatch reached = new CountDownLatch(0);
    private static CountDownLatch goOn = new CountDownLatch(0);

    /** A function of SQL: stops at the second row until it is told to go on. */
    public static int pause(int row) throws InterruptedException {
        if (row == 2) {
            reached.countDown();
            goOn.await(60, TimeUnit.SECONDS);
        }
        return row;
    }

    static Stream<Arguments> cases() {
        return DEFINITIONS.stream()
                .flatMap(definition -> QUERIES.stream()
                        .flatMap(query ->
                                Stream.of(false, true).map(inFile -> Arguments.of(definition, query, inFile))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aReadEndsWithWhatItBeganWith(String definition, String query, boolean inFile) throws Exception {
        String name = "readers" + LAST.incrementAndGet();
        for (String lazily : new String[] {"FALSE", "TRUE"}) {
            String url = inFile ? "jdbc:h2:file:" + directory.resolve(name + lazily) : "jdbc:h2:mem:" + name + lazily;
            reached = new CountDownLatch(1);
            goOn = new CountDownLatch(1);
            try (Scene scene = Scene.at(url)) {
                Scene.Actor reader = scene.actor();
                Scene.Actor definer = scene.actor();
                setUp(reader);
                reader.runs("SET LAZY_QUERY_EXECUTION " + lazily);

                Future<Long> sum = reader.does(() -> sum(reader.connection, query));
                assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
                definer.runs(definition);
                goOn.countDown();

                assertThat(Scene.finish(sum)).isEqualTo(ROWS * (ROWS + 1L) / 2);
            }
        }
    }

    /** One reads by key and takes neither a slot nor a snapshot; H2 runs the other, and reads it anew very late. */
    @Test
    void noReadMissesARowOfATableThatIsAlteredAgainAndAgain() throws Exception {
        try (Scene scene = Scene.at("jdbc:h2:mem:readers" + LAST.incrementAndGet())) {
            Scene.Actor definer = scene.actor();
            setUp(definer);
            AtomicBoolean isOver = new AtomicBoolean();
            List<Scene.Actor> readers = List.of(scene.actor(), scene.actor(), scene.actor());
            List<Future<Long>> missed = new ArrayList<>();
            for (Scene.Actor reader : readers) {
                missed.add(reader.does(() -> missed(reader.connection, isOver)));
            }
            for (int i = 0; i < 40; i++) {
                definer.runs("ALTER TABLE T ADD COLUMN C INT");
                definer.runs("ALTER TABLE T DROP COLUMN C");
            }
            isOver.set(true);

            for (Future<Long> one : missed) {
                assertThat(Scene.finish(one)).isZero();
            }
        }
    }

    private static long missed(Connection connection, AtomicBoolean isOver) throws SQLException {
        long missed = 0;
        try (PreparedStatement byKey = connection.prepareStatement("SELECT V FROM T WHERE ID = ?");
                PreparedStatement call = connection.prepareStatement("CALL (SELECT COUNT(V) FROM T)")) {
            for (int i = 1; !isOver.get(); i = i % ROWS + 1) {
                byKey.setInt(1, i);
                missed += isFound(byKey, i) ? 0 : 1;
                missed += i % 10 != 0 || isFound(call, ROWS) ? 0 : 1;
            }
        }
        return missed;
    }

    private static boolean isFound(PreparedStatement query, int value) throws SQLException {
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() && rows.getInt(1) == value;
        } catch (SQLException notThere) { // For a moment there is none, as in H2.
            assertThat(notThere.getErrorCode()).isPositive();
            return true;
        }
    }

    /** One in a thousand is left, where H2 reads the text of the view and the table at different moments. */
    @Test
    void hardlyAViewIsEmptyOfATableThatIsAlteredAgainAndAgain() throws Exception {
        try (Scene scene = Scene.at("jdbc:h2:mem:readers" + LAST.incrementAndGet())) {
            Scene.Actor definer = scene.actor();
            setUp(definer);
            definer.runs("CREATE VIEW W AS SELECT COUNT(V) C FROM T");
            AtomicBoolean isOver = new AtomicBoolean();
            List<Future<Long>> missed = new ArrayList<>();
            for (Scene.Actor reader : List.of(scene.actor(), scene.actor(), scene.actor())) {
                missed.add(reader.does(() -> empty(reader.connection, isOver)));
            }
            for (int i = 0; i < 60; i++) {
                definer.runs("ALTER TABLE T ADD COLUMN C INT");
                definer.runs("ALTER TABLE T DROP COLUMN C");
            }
            isOver.set(true);

            long all = 0;
            for (Future<Long> one : missed) {
                all += Scene.finish(one);
            }
            assertThat(all).isLessThan(3);
        }
    }

    private static void write(PreparedStatement change) {
        try {
            change.executeUpdate();
        } catch (SQLException notThere) {
            assertThat(notThere.getErrorCode()).isPositive();
        }
    }

    private static long empty(Connection connection, AtomicBoolean isOver) throws SQLException {
        long empty = 0;
        try (PreparedStatement view = connection.prepareStatement("SELECT C FROM W");
                PreparedStatement table = connection.prepareStatement("SELECT COUNT(V) FROM T WHERE ID > 0");
                PreparedStatement writes = connection.prepareStatement("UPDATE T SET V = V + 1 WHERE ID = 1")) {
            for (int i = 0; !isOver.get(); i++) {
                if (i % 4 == 0) {
                    write(writes);
                }
                empty += isFound(table, ROWS) ? 0 : 1;
                empty += isFound(view, ROWS) ? 0 : 1;
            }
        }
        return empty;
    }

    private static void setUp(Scene.Actor actor) throws Exception {
        actor.runs("CREATE ALIAS PAUSE FOR '" + ReadersAndDefinitionsTest.class.getName() + ".pause'");
        actor.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        actor.runs("CREATE TABLE U(ID INT PRIMARY KEY, T INT, W INT)");
        actor.runs("CREATE INDEX UI ON U(T)");
        actor.runs("INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(1, " + ROWS + ")");
        actor.runs("INSERT INTO U SELECT X, X, X FROM SYSTEM_RANGE(1, " + ROWS + ")");
    }

    private static long sum(Connection connection, String query) throws SQLException {
        long sum = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                sum += rows.getLong(2);
            }
        }
        return sum;
    }
}
