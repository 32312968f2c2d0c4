package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An Error at a named place while a statement runs: its session's roll-back leaves nothing, others go on, the rows are
 * right.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class StorageFaultsTest {
    /** As they come: one that H2 makes an SQLException of, and one that flies through it. */
    private static final List<Runnable> FAILURES = List.of(
            () -> {
                throw new StackOverflowError("injected");
            },
            () -> {
                throw new AssertionError("injected");
            });

    private static final String UPDATE = "UPDATE T SET V = V + 1 WHERE ID = 1";
    private static final String SHARE = "SELECT V FROM T WHERE ID = 1 FOR UPDATE " + StatementMarks.SHARE;

    @AfterEach
    void lift() {
        Ambush.lift();
    }

    private static Stream<Arguments> places() {
        return Stream.of(
                        Arguments.of(Spot.TABLE_LOCKED, UPDATE),
                        Arguments.of(Spot.SLOT_WRITTEN, UPDATE),
                        Arguments.of(Spot.ROW_TAKEN, UPDATE),
                        Arguments.of(Spot.ROW_SHARED, SHARE),
                        Arguments.of(Spot.GRANT_ENTERED, SHARE))
                .flatMap(place -> Stream.of(0, 1).map(which -> Arguments.of(place.get()[0], place.get()[1], which)));
    }

    @ParameterizedTest
    @MethodSource("places")
    void aStatementThatFailsInTheMiddleLeavesNothingAfterTheRollBack(Spot spot, String sql, int which)
            throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = table(scene);
            Scene.Actor b = scene.actor().inTransaction();
            assertThat(fails(b, spot, FAILURES.get(which), sql)).isNotNull();
            assertThat(Ambush.lift()).as("nobody came to " + spot).isFalse();

            b.rollsBack();

            scene.endsEmpty();
            assertThat(a.runs(UPDATE)).isEqualTo(1);
            assertThat(a.reads("SELECT V FROM T WHERE ID = 1")).isEqualTo(1);
            a.commits();
            scene.endsEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("waits")
    void aWaitThatFailsInTheMiddleLeavesNothingAfterTheRollBack(Spot spot, int which) throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = table(scene);
            Scene.Actor b = scene.actor().inTransaction();
            Scene.Actor c = scene.actor().inTransaction();
            a.runs(UPDATE);
            Future<Throwable> failure = b.does(() -> thrown(b.connection, spot, FAILURES.get(which), UPDATE));
            if (spot == Spot.WAIT_ENDED || spot == Spot.ROW_HANDED) {
                b.isSeenToWait(UPDATE);
                a.commits();
            }
            assertThat(finish(failure)).isNotNull();
            assertThat(Ambush.lift()).as("nobody came to " + spot).isFalse();
            b.rollsBack();
            a.rollsBack();

            scene.endsEmpty();
            c.runs(UPDATE);
            c.commits();
            scene.endsEmpty();
        }
    }

    /** Out of memory, H2 would close the database; out of threads, nothing is lost. */
    @Test
    void aWaitGoesOnThoughTheProcessMayHaveNoMoreThreads() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = table(scene);
            Scene.Actor b = scene.actor().inTransaction();
            a.runs(UPDATE);
            CountDownLatch refused = new CountDownLatch(1);
            Runnable noThread = () -> {
                refused.countDown();
                Ambush.fail();
            };
            Future<Throwable> failure = b.does(() -> thrown(b.connection, Spot.THREAD_WANTED, noThread, UPDATE));
            assertThat(refused.await(60, TimeUnit.SECONDS)).isTrue();
            a.commits();

            assertThat(finish(failure)).isNull();
            assertThat(b.reads("SELECT V FROM T WHERE ID = 1")).isEqualTo(2);
            b.commits();
            scene.endsEmpty();
        }
    }

    private static Stream<Arguments> waits() {
        return Stream.of(Spot.QUEUE_JOINED, Spot.WAIT_BEGINS, Spot.WAIT_ENDED, Spot.ROW_HANDED)
                .flatMap(spot -> Stream.of(0, 1).map(which -> Arguments.of(spot, which)));
    }

    @Test
    void aTransactionWhoseEndFailsHoldsNothingOnceItsSessionHasGone() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = table(scene);
            Scene.Actor b = scene.actor().inTransaction();
            b.reads(SHARE);
            Throwable failure = finish(b.does(() -> {
                Throwable thrown = committing(b.connection, Spot.TRANSACTION_ENDED);
                b.connection.close();
                return thrown;
            }));
            assertThat(failure).isNotNull();

            scene.endsEmpty();
            assertThat(a.runs(UPDATE)).isEqualTo(1);
            a.commits();
        }
    }

    /** H2 still has the tables in its list then, and nobody else may wait for them. */
    @ParameterizedTest
    @EnumSource(
            value = Spot.class,
            names = {"TRANSACTION_ENDED", "GRANT_REMOVED", "OWNER_ENDED"})
    void aSessionGoesOnWhenTheEndOfItsTransactionHasFailed(Spot spot) throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = table(scene);
            Scene.Actor b = scene.actor().inTransaction();
            b.reads(SHARE);
            b.runs(UPDATE);
            assertThat(finish(b.does(() -> committing(b.connection, spot)))).isNotNull();

            a.runs("CREATE INDEX I ON T(V)");
            assertThat(a.runs(UPDATE)).isEqualTo(1);
            a.commits();
            assertThat(b.runs(UPDATE)).isEqualTo(1);
            b.commits();
            assertThat(b.runs(UPDATE)).isEqualTo(1);
            b.commits();
            scene.endsEmpty();
        }
    }

    private static @Nullable Throwable committing(Connection connection, Spot spot) {
        Ambush.lay(spot, FAILURES.get(0));
        try {
            connection.commit();
            return null;
        } catch (SQLException | Error thrown) {
            return thrown;
        }
    }

    private static Scene.Actor table(Scene scene) throws Exception {
        Scene.Actor a = scene.actor();
        a.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        a.runs("INSERT INTO T VALUES (1, 0), (2, 0)");
        return a.inTransaction();
    }

    private static @Nullable Throwable fails(Scene.Actor actor, Spot spot, Runnable failure, String sql)
            throws Exception {
        return finish(actor.does(() -> thrown(actor.connection, spot, failure, sql)));
    }

    private static @Nullable Throwable thrown(Connection connection, Spot spot, Runnable failure, String sql) {
        Ambush.lay(spot, failure);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return null;
        } catch (SQLException | Error thrown) {
            return thrown;
        }
    }
}
