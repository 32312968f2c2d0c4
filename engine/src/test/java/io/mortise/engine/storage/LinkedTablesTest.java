package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.storage.definition.Definitions;
import io.mortise.engine.storage.definition.LinkedTables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.h2.api.Trigger;
import org.h2.command.Parser;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.table.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A statement that changes rows goes through lists of its table's: triggers, and foreign keys of both sides. No
 * definition changes them beneath it.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LinkedTablesTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor writer;
    private Scene.Actor definer;

    @BeforeEach
    void tables() throws Exception {
        writer = scene.actor().inTransaction();
        definer = scene.actor();
        for (String sql : List.of(
                "CREATE TABLE P(ID INT PRIMARY KEY, U INT UNIQUE, V INT)",
                "CREATE TABLE C(ID INT PRIMARY KEY, P INT CONSTRAINT F REFERENCES P(ID), V INT)",
                "CREATE TABLE D(ID INT PRIMARY KEY, P INT)",
                "CREATE TABLE OTHER(ID INT PRIMARY KEY, V INT)",
                "CREATE TRIGGER OLD AFTER UPDATE ON P FOR EACH ROW CALL '" + Idle.class.getName() + "'",
                "INSERT INTO P VALUES (1, 1, 0)",
                "INSERT INTO C VALUES (1, 1, 0)")) {
            definer.runs(sql);
        }
    }

    /** Does nothing. H2 makes it by its name. */
    public static final class Idle implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) {}
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private List<String> linkedTo(String sql) {
        SessionLocal h2 = definer.session.h2();
        Prepared prepared = new Parser(h2).prepare(sql);
        return LinkedTables.of(h2, prepared, Definitions.tables(h2, prepared)).stream()
                .map(Table::getName)
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void aDefinitionIsLinkedByTheForeignKeysThatItTouches() {
        assertThat(linkedTo("ALTER TABLE D ADD FOREIGN KEY(P) REFERENCES P(ID)"))
                .containsExactly("P");
        assertThat(linkedTo("CREATE TABLE E(ID INT REFERENCES P(ID), O INT REFERENCES OTHER, E INT REFERENCES E)"))
                .containsExactly("OTHER", "P");
        assertThat(linkedTo("ALTER TABLE C DROP CONSTRAINT F")).containsExactly("P");
        assertThat(linkedTo("ALTER TABLE P DROP PRIMARY KEY")).isEmpty();
        assertThat(linkedTo("DROP TABLE C")).containsExactly("C", "P");
        assertThat(linkedTo("DROP TABLE P CASCADE")).containsExactly("C", "P");
        assertThat(linkedTo("ALTER TABLE C ADD COLUMN W INT")).containsExactly("C", "P");
        assertThat(linkedTo("ALTER TABLE C ADD COLUMN O INT REFERENCES OTHER")).containsExactly("C", "OTHER", "P");
        assertThat(linkedTo("ALTER TABLE C ALTER COLUMN V SET DEFAULT 1")).isEmpty();
        assertThat(linkedTo("DROP TABLE OTHER")).isEmpty();
        assertThat(linkedTo("CREATE INDEX I ON C(V)")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TRIGGER NEW AFTER UPDATE ON P FOR EACH ROW CALL 'io.mortise.engine.storage.LinkedTablesTest$Idle'",
                "DROP TRIGGER OLD",
                "CREATE TABLE E(ID INT REFERENCES P(ID))",
                "ALTER TABLE D ADD FOREIGN KEY(P) REFERENCES P(ID)",
                "ALTER TABLE C DROP CONSTRAINT F",
                "ALTER TABLE C ADD COLUMN W INT",
                "ALTER TABLE D ADD COLUMN W INT REFERENCES P(ID)",
                "DROP TABLE C",
            })
    void whoChangesTheListsOfATableWaitsForWhoChangesItsRows(String definition) throws Exception {
        writer.runs("UPDATE P SET V = 1 WHERE ID = 1");
        Future<Integer> waits = definer.waitsFor(definition);
        writer.runs("UPDATE P SET V = 2 WHERE ID = 1");
        writer.commits();
        Scene.finish(waits);
        scene.endsEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE C ALTER COLUMN V SET DEFAULT 1",
                "CREATE INDEX I ON C(V)",
                "CREATE TABLE E(ID INT PRIMARY KEY)",
                "DROP TABLE D",
            })
    void otherDefinitionsDoNot(String definition) throws Exception {
        writer.runs("UPDATE P SET V = 1 WHERE ID = 1");
        definer.runs(definition);
        writer.commits();
        scene.endsEmpty();
    }

    @Test
    void whoMayNotReferToATableDoesNotWaitForIt() throws Exception {
        definer.runs("CREATE USER STRANGER PASSWORD 'x'");
        definer.runs("CREATE SCHEMA S AUTHORIZATION STRANGER");
        Scene.Actor stranger = scene.actor("STRANGER", "x");
        stranger.runs("CREATE TABLE S.E(ID INT)");
        writer.runs("UPDATE P SET V = 1 WHERE ID = 1");

        assertThatThrownBy(() -> stranger.runs("ALTER TABLE S.E ADD FOREIGN KEY(ID) REFERENCES PUBLIC.P(ID)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(90096));
        writer.commits();
    }

    @Test
    void aTriggerIsMadeWhileAStatementGoesThroughThoseBeforeIt() throws Exception {
        definer.runs("CREATE TRIGGER FIRST BEFORE UPDATE ON P CALL '" + Waiting.class.getName() + "'");
        Future<Integer> update = writer.begin("UPDATE P SET V = V + 1 WHERE ID = 1");
        Waiting.FIRED.acquire();
        definer.runs("CREATE TRIGGER ANOTHER AFTER UPDATE ON P CALL '" + Idle.class.getName() + "'");
        definer.runs("DROP TRIGGER OLD");
        Waiting.GO_ON.release();

        assertThat(Scene.finish(update)).isEqualTo(1);
        writer.commits();
    }

    /** Stands still in the middle. H2 makes it by its name. */
    public static final class Waiting implements Trigger {
        private static final Semaphore FIRED = new Semaphore(0);
        private static final Semaphore GO_ON = new Semaphore(0);

        @Override
        public void fire(Connection connection, Object[] before, Object[] after) {
            FIRED.release();
            GO_ON.acquireUninterruptibly();
        }
    }
}
