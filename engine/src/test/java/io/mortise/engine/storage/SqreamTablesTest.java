package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.policy.SqreamPolicy;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SQream's wait matrix on tables of H2's: rows wait for columns. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SqreamTablesTest {
    private final Scene scene = Scene.with(new SqreamPolicy(30_000));
    private Scene.Actor first;
    private Scene.Actor second;

    @BeforeEach
    void aTable() throws Exception {
        first = scene.actor();
        second = scene.actor();
        first.runs("CREATE TABLE T(ID INT PRIMARY KEY)");
        first.runs("INSERT INTO T VALUES (1), (2)");
        first.inTransaction();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        first.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INSERT INTO T VALUES (3) | INSERT INTO T VALUES (4)",
                "INSERT INTO T VALUES (3) | DELETE FROM T WHERE ID = 1",
                "INSERT INTO T VALUES (3) | TRUNCATE TABLE T",
                "DELETE FROM T WHERE ID = 1 | INSERT INTO T VALUES (4)",
                "DELETE FROM T WHERE ID = 1 | SELECT * FROM T"
            })
    void theseRunSideBySide(String held, String other) throws Exception {
        first.runs(held);

        second.runs(other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DELETE FROM T WHERE ID = 1 | DELETE FROM T WHERE ID = 2",
                "DELETE FROM T WHERE ID = 1 | UPDATE T SET ID = 9 WHERE ID = 2",
                "UPDATE T SET ID = 9 WHERE ID = 1 | TRUNCATE TABLE T",
                "INSERT INTO T VALUES (3) | DROP TABLE T",
                "DELETE FROM T WHERE ID = 1 | ALTER TABLE T ADD COLUMN C INT"
            })
    void theseWait(String held, String other) throws Exception {
        first.runs(held);

        Future<Integer> waiting = second.waitsFor(other);
        first.commits();

        finish(waiting);
    }

    @Test
    void truncateLeavesWhatOthersHaveNotCommitted() throws Exception {
        first.runs("INSERT INTO T VALUES (3)");
        second.runs("TRUNCATE TABLE T");
        first.commits();

        assertThat(second.reads("SELECT MAX(ID) FROM T")).isEqualTo(3);
        assertThat(second.reads("SELECT COUNT(*) FROM T")).isEqualTo(1L);
    }
}
