package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.storage.session.StorageSession;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.engine.SessionLocal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A session that is closed by another one in the middle of its statement: its thread goes on for a while, and asks for
 * what belongs to it.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class LateSessionTest {
    private static final AtomicReference<Scene> SCENE = new AtomicReference<>();

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
