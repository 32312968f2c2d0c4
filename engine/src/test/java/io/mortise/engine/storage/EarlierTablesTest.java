package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a transaction has locked stays noted in its session for the next one, and counts for nothing there. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class EarlierTablesTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor a;
    private Scene.Actor b;

    @BeforeEach
    void twoSessionsAndTwoTables() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE ONE(V INT)");
        a.runs("CREATE TABLE OTHER(V INT)");
        a.inTransaction();
        a.runs("INSERT INTO ONE VALUES (1)");
        a.runs("INSERT INTO OTHER VALUES (1)");
        a.commits();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        a.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    @Test
    void aTableOfTheTransactionBeforeIsNotLockedInTheNext() throws Exception {
        a.runs("INSERT INTO OTHER VALUES (2)");

        b.runs("DROP TABLE ONE");
    }

    @Test
    void aTableOfTheTransactionBeforeIsLockedAnew() throws Exception {
        a.runs("INSERT INTO OTHER VALUES (2)");
        a.runs("INSERT INTO ONE VALUES (2)");

        var waiting = b.waitsFor("ALTER TABLE ONE ADD W INT");
        a.commits();

        Scene.finish(waiting);
        assertThat(b.reads("SELECT COUNT(*) FROM ONE WHERE W IS NULL")).isEqualTo(2L);
    }
}
