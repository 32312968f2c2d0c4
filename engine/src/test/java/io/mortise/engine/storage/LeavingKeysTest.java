package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A unique value whose row an open transaction has deleted or given another value: whoever wants it waits for the end.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LeavingKeysTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor a;
    private Scene.Actor b;

    @BeforeEach
    void aRow() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE R(ID INT PRIMARY KEY, V VARCHAR(9) UNIQUE)");
        a.runs("INSERT INTO R VALUES (1, 'u')");
        a.connection.setAutoCommit(false);
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    @Test
    void theValueOfADeletedRowIsFreeOnceThatIsCommitted() throws Exception {
        a.runs("DELETE FROM R WHERE ID = 1");
        Future<Integer> insert = b.waitsFor("INSERT INTO R VALUES (2, 'u')");
        a.commits();

        assertThat(insert.get()).isOne();
    }

    @Test
    void theValueOfADeletedRowIsTakenIfThatIsRolledBack() throws Exception {
        a.runs("DELETE FROM R WHERE ID = 1");
        Future<Integer> insert = b.waitsFor("INSERT INTO R VALUES (2, 'u')");
        a.connection.rollback();

        assertThatThrownBy(insert::get)
                .hasRootCauseInstanceOf(SQLException.class)
                .hasMessageContaining("23505");
    }

    @Test
    void aValueThatWasGivenAwayIsFreeOnceThatIsCommitted() throws Exception {
        a.runs("UPDATE R SET V = 'w' WHERE ID = 1");
        Future<Integer> insert = b.waitsFor("INSERT INTO R VALUES (2, 'u')");
        a.commits();

        assertThat(insert.get()).isOne();
    }
}
