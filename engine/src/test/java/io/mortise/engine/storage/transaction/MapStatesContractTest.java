package io.mortise.engine.storage.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.Scene;
import java.sql.Connection;
import java.util.UUID;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.result.SearchRow;
import org.h2.table.Table;
import org.h2.value.VersionedValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the engine takes for granted about the numbers that H2 gives the states of a map, one fact a test. */
@Timeout(60)
final class MapStatesContractTest {
    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor writer;
    private Scene.Actor reader;

    @BeforeEach
    void tables() throws Exception {
        writer = scene.actor();
        reader = scene.actor();
        writer.runsHere("CREATE TABLE T(ID BIGINT PRIMARY KEY)");
        writer.runsHere("CREATE TABLE O(ID BIGINT PRIMARY KEY)");
        writer.connection.setAutoCommit(false);
        reader.connection.setAutoCommit(false);
        reader.runsHere("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private MVMap<Long, VersionedValue<SearchRow>> rows() {
        SessionLocal h2 = writer.session.h2();
        Table table = h2.getDatabase().getSchema("PUBLIC").findTableOrView(h2, "T");
        return ((MVPrimaryIndex) table.getScanIndex(h2)).getMVMap();
    }

    private static void reads(Connection connection, String sql) throws Exception {
        connection.createStatement().executeQuery(sql).next();
    }

    private boolean isShownBefore(long state) {
        return MapStates.isShownBefore(state, reader.session.h2().getTransaction(), rows());
    }

    @Test
    void aChangeIsAnotherState() throws Exception {
        long before = MapStates.of(rows());
        writer.runsHere("INSERT INTO T VALUES (1)");

        assertThat(MapStates.of(rows())).isGreaterThan(before);
    }

    @Test
    void aCommitIsAnotherState() throws Exception {
        writer.runsHere("INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, 500)");
        long uncommitted = MapStates.of(rows());
        writer.connection.commit();

        assertThat(MapStates.of(rows())).isGreaterThan(uncommitted);
    }

    @Test
    void aSnapshotThatWasTakenBeforeTheCommitIsOfAnEarlierState() throws Exception {
        writer.runsHere("INSERT INTO T VALUES (1)");
        reads(reader.connection, "SELECT * FROM O");
        writer.connection.commit();

        assertThat(isShownBefore(MapStates.of(rows()))).isTrue();
    }

    @Test
    void aSnapshotThatWasTakenAfterTheCommitIsNot() throws Exception {
        writer.runsHere("INSERT INTO T VALUES (1)");
        writer.connection.commit();
        reads(reader.connection, "SELECT * FROM O");
        long state = MapStates.of(rows());
        writer.runsHere("INSERT INTO T VALUES (2)");
        writer.connection.commit();

        assertThat(isShownBefore(state)).isFalse();
    }

    @Test
    void whoTakesASnapshotForEachStatementHasNone() throws Exception {
        reader.runsHere("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
        reads(reader.connection, "SELECT * FROM T");
        writer.runsHere("INSERT INTO T VALUES (1)");
        writer.connection.commit();

        assertThat(isShownBefore(MapStates.of(rows()))).isFalse();
    }
}
