package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * At READ UNCOMMITTED a row that another transaction is inserting is found by an index too, and waited for like any
 * other.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ReadUncommittedTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor writer;
    private Scene.Actor reader;

    @BeforeEach
    void aRowThatIsBeingInserted() throws Exception {
        writer = scene.actor();
        reader = scene.actor();
        writer.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        writer.runs("CREATE INDEX BY_V ON T(V)");
        reader.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ UNCOMMITTED");
        writer.inTransaction();
        reader.inTransaction();
        writer.runs("INSERT INTO T VALUES (5, 15)");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        writer.rollsBack();
        reader.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    @Test
    void aReaderSeesItAndDoesNotWait() throws Exception {
        assertThat(reader.reads("SELECT ID FROM T WHERE V = 15")).isEqualTo(5);
    }

    @Test
    void whoWantsToChangeItWaitsUntilItIsCommitted() throws Exception {
        Future<Integer> update = reader.waitsFor("UPDATE T SET V = 16 WHERE V = 15");
        writer.commits();

        assertThat(finish(update)).isEqualTo(1);
    }

    @Test
    void orUntilItIsRolledBack() throws Exception {
        Future<Integer> delete = reader.waitsFor("DELETE FROM T WHERE V = 15");
        writer.rollsBack();

        assertThat(finish(delete)).isEqualTo(0);
    }
}
