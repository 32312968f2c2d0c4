package io.mortise.engine.storage.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.policy.MvccPolicy;
import io.mortise.engine.storage.Scene;
import io.mortise.engine.storage.command.KeptResults;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.h2.api.DatabaseEventListener;
import org.h2.command.query.Query;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the engine takes for granted about H2 where it keeps the list of all maps, and forgets kept results, one fact a
 * test.
 */
@Timeout(60)
final class CatalogueContractTest {
    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor actor;
    private Connection connection;
    private SessionLocal h2;
    private Database database;

    @BeforeEach
    void aTable() throws SQLException {
        actor = scene.actor();
        connection = actor.connection;
        h2 = actor.session.h2();
        database = h2.getDatabase();
        actor.runsHere("CREATE TABLE T(ID BIGINT PRIMARY KEY, V VARCHAR(9))");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private AllMaps maps() {
        return AllMaps.of(database, database.getModificationMetaId());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE U(ID INT PRIMARY KEY)",
                "CREATE INDEX T_BY_V ON T(V)",
                "ALTER TABLE T ADD COLUMN W INT",
                "ALTER TABLE T ADD UNIQUE(V)",
                "ALTER TABLE T DROP PRIMARY KEY",
                "DROP TABLE T",
                "CREATE GLOBAL TEMPORARY TABLE G(ID INT)"
            })
    void theNumberOfTheCatalogueMovesOnWithTheMaps(String definition) throws SQLException {
        AllMaps before = maps();

        actor.runsHere(definition);

        assertThat(before.isOf(database.getModificationMetaId())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRUNCATE TABLE T", "INSERT INTO T VALUES (2, 'two')", "DELETE FROM T", "ANALYZE"})
    void whereTheNumberStaysTheMapsStay(String statement) throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 'one')");
        AllMaps before = maps();

        actor.runsHere(statement);

        AllMaps after = maps();
        assertThat(after.size()).isEqualTo(before.size());
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i)).isSameAs(before.get(i));
        }
    }

    /** Looks while an index is being built. */
    public static final class Listener implements DatabaseEventListener {
        private static Runnable whileItIsBuilt = () -> {};

        @Override
        public void setProgress(int state, String text, long done, long all) {
            if (state == STATE_CREATE_INDEX) {
                whileItIsBuilt.run();
            }
        }
    }

    @Test
    void theNumberOfTheCatalogueMovesOnOnceAnIndexIsThere() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 'one')");
        actor.runsHere("SET DATABASE_EVENT_LISTENER '" + Listener.class.getName() + "'");
        List<AllMaps> meanwhile = new ArrayList<>();
        int before = maps().size();
        Listener.whileItIsBuilt = () -> meanwhile.add(maps());

        actor.runsHere("CREATE INDEX T_BY_V ON T(V)");

        assertThat(meanwhile).isNotEmpty().allSatisfy(seen -> {
            assertThat(seen.size()).isEqualTo(before);
            assertThat(seen.isOf(database.getModificationMetaId())).isFalse();
        });
        assertThat(maps().size()).isEqualTo(before + 1);
    }

    /** For SQL. */
    public static final class Functions {
        private static int calls;

        private Functions() {}

        /** The number, and one call more. */
        public static long counted(long number) {
            calls++;
            return number;
        }
    }

    @Test
    void aKeptResultIsGivenAgainUntilTheNumberOfItsSessionIsNewer() throws SQLException {
        actor.runsHere("CREATE ALIAS COUNTED DETERMINISTIC FOR '" + Functions.class.getName() + ".counted'");
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        h2.lock();
        try {
            Query query = (Query) h2.prepare("SELECT COUNTED(X) FROM SYSTEM_RANGE(1, 1)");
            Functions.calls = 0;
            query.query(0).close();
            query.query(0).close();
            int kept = Functions.calls;

            KeptResults.forget(h2, new MvccPolicy(0));
            query.query(0).close();

            assertThat(kept).isEqualTo(1);
            assertThat(Functions.calls).isEqualTo(2);
        } finally {
            h2.unlock();
        }
    }
}
