package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.StorageSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.engine.SessionLocal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A session that is closed by another one in the middle of its statement: its thread goes on for a while, and asks for
 * what belongs to it.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class LateSessionTest {
    private static final AtomicReference<Scene> SCENE = new AtomicReference<>();

    private static final AtomicReference<SessionLocal> LATE = new AtomicReference<>();
    private static final AtomicBoolean WAITED = new AtomicBoolean();
    private static final AtomicReference<Future<?>> KILLED = new AtomicReference<>();
    private static final AtomicInteger TOLD = new AtomicInteger();

    private final Scene scene = Scene.inMemory();
    private Scene.Actor keeper;
    private Scene.Actor late;

    @BeforeEach
    void tables() throws Exception {
        SCENE.set(scene);
        keeper = scene.actor();
        late = scene.actor();
        keeper.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        keeper.runs("INSERT INTO T VALUES (1, 0), (2, 0)");
        keeper.runs("CREATE TABLE U(ID INT PRIMARY KEY)");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    /** Ends the session that calls it; another one comes, and may have its place. */
    public static int ends(int session) throws Exception {
        Scene all = Objects.requireNonNull(SCENE.get());
        all.actor().reads("CALL ABORT_SESSION(" + session + ")");
        all.actor();
        return 1;
    }

    /** Has another thread end the session that first calls it; that waits until this one is out. */
    public static int isEnded(int session) throws Exception {
        if (KILLED.get() != null) {
            return 1; // The second row: another ABORT_SESSION would find it closed, and not wait.
        }
        Scene all = Objects.requireNonNull(SCENE.get());
        Scene.Actor killer = all.actor();
        KILLED.set(
                killer.does(() -> killer.connection.createStatement().execute("CALL ABORT_SESSION(" + session + ")")));
        SessionLocal h2 = Objects.requireNonNull(LATE.get());
        while (!h2.isClosed()) {
            Thread.onSpinWait();
        }
        try {
            Objects.requireNonNull(KILLED.get()).get(200, TimeUnit.MILLISECONDS);
        } catch (TimeoutException waits) {
            WAITED.set(true);
        }
        return 1;
    }

    @ParameterizedTest
    @ValueSource(strings = {"UPDATE T SET V = IS_ENDED(%d)", "INSERT INTO U SELECT ID + IS_ENDED(%d) FROM T"})
    void nothingIsWrittenBesideTheEnd(String sql) throws Exception {
        keeper.runs("CREATE ALIAS IS_ENDED FOR '" + LateSessionTest.class.getName() + ".isEnded'");
        LATE.set(late.session.h2());
        WAITED.set(false);
        KILLED.set(null);

        assertThatThrownBy(() -> late.runs(String.format(sql, late.session.id())))
                .isInstanceOf(SQLException.class);
        Scene.finish(Objects.requireNonNull(KILLED.get()));

        assertThat(WAITED).isTrue();
        assertThat(keeper.reads("SELECT SUM(V) + (SELECT COUNT(*) FROM U) FROM T")
                        .toString())
                .isEqualTo("0");
        keeper.runs("DROP TABLE T");
        assertThat(scene.storage().database().getStore().getTransactionStore().getOpenTransactions())
                .isEmpty();
        scene.endsEmpty();
    }

    private static void isEndedHere(int session) {
        try {
            isEnded(session);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Who hears that it was undone does it again. */
    @ParameterizedTest
    @ValueSource(strings = {"COMMIT", "CREATE TABLE LATE(ID INT)", "CALL COMMITS()"})
    void whatHasCommittedIsNotSaidToBeUndone(String sql) throws Exception {
        keeper.runs("CREATE ALIAS COMMITS FOR '" + LateSessionTest.class.getName() + ".commits'");
        late.inTransaction().runs("INSERT INTO U VALUES (1)");
        LATE.set(late.session.h2());
        KILLED.set(null);

        assertThatThrownBy(() -> Scene.finish(late.does(() -> {
                    Ambush.lay(Spot.TRANSACTION_ENDED, () -> isEndedHere(late.session.id()));
                    return late.connection.createStatement().execute(sql);
                })))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("is there, or it was undone")
                .hasFieldOrPropertyWithValue("SQLState", "08007");
        Scene.finish(Objects.requireNonNull(KILLED.get()));

        assertThat(keeper.reads("SELECT COUNT(*) FROM U").toString()).isEqualTo("1");
        scene.endsEmpty();
    }

    /** Ends the transaction of its caller. */
    public static int commits(Connection inside) throws SQLException {
        inside.createStatement().execute("COMMIT");
        return 1;
    }

    /** The first row has another thread end the session. Each is told to end by itself, or has waited too long. */
    public static int isTold(int session, int id) throws Exception {
        SessionLocal h2 = Objects.requireNonNull(LATE.get());
        if (KILLED.get() == null) {
            Scene.Actor killer = Objects.requireNonNull(SCENE.get()).actor();
            KILLED.set(killer.does(
                    () -> killer.connection.createStatement().execute("CALL ABORT_SESSION(" + session + ")")));
            while (!h2.isClosed()) {
                Thread.onSpinWait();
            }
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        boolean isTold = id != 1;
        while (!isTold && System.nanoTime() < end) {
            isTold = H2Reflection.isCancelled(Objects.requireNonNull(h2.getCurrentCommand()));
        }
        TOLD.addAndGet(id == 1 && isTold ? 1 : 0);
        return 1;
    }

    @Test
    void eachRowOfABatchIsToldToEnd() throws Exception {
        keeper.runs("CREATE TABLE MANY(ID INT PRIMARY KEY, V INT) AS SELECT X, 0 FROM SYSTEM_RANGE(1, 200)");
        keeper.runs("CREATE ALIAS IS_TOLD FOR '" + LateSessionTest.class.getName() + ".isTold'");
        LATE.set(late.session.h2());
        KILLED.set(null);
        TOLD.set(0);

        assertThatThrownBy(() -> Scene.finish(late.does(() -> {
                    try (PreparedStatement batch = late.connection.prepareStatement(
                            "UPDATE MANY SET V = IS_TOLD(" + late.session.id() + ", ID) + ?")) {
                        for (int i = 0; i < 3; i++) {
                            batch.setInt(1, i);
                            batch.addBatch();
                        }
                        return batch.executeBatch();
                    }
                })))
                .isInstanceOf(SQLException.class);
        Scene.finish(Objects.requireNonNull(KILLED.get()));

        assertThat(TOLD).hasValue(3);
        assertThat(keeper.reads("SELECT SUM(V) FROM MANY").toString()).isEqualTo("0");
        scene.endsEmpty();
    }

    @Test
    void itIsStillTheSameSession() throws Exception {
        Storage storage = scene.storage();
        SessionLocal h2 = late.session.h2();
        late.connection.close();
        scene.actor();

        StorageSession asked = storage.session(h2);

        assertThat(asked).isSameAs(late.session);
        assertThat(storage.sessions()).doesNotContain(asked);
    }

    @Test
    void itsStatementEndsAndLeavesNothing() throws Exception {
        keeper.runs("CREATE ALIAS ENDS FOR '" + LateSessionTest.class.getName() + ".ends'");

        assertThatThrownBy(() -> late.runs(
                        "UPDATE T SET V = ENDS(" + late.session.id() + ") + (SELECT COUNT(*) FROM U) WHERE ID = 1"))
                .isInstanceOf(SQLException.class);

        keeper.runs("DROP TABLE U");
        keeper.runs("DROP TABLE T");
        scene.endsEmpty();
    }
}
