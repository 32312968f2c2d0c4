package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.error.DeadlockException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that share rows and threads that change them, all at once: what is shared stays as it is. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SharedRowsRaceTest {
    private static final int ROWS = 2;
    private static final int TRANSACTIONS = 400;
    private static final String READ = "SELECT V FROM T WHERE ID = ?";
    private static final String SHARE = READ + " FOR UPDATE " + StatementMarks.SHARE;
    private static final String CHANGE = "UPDATE T SET V = V + 1 WHERE ID = ?";

    private final long seed = Long.getLong("seed", 1);

    @ParameterizedTest
    @ValueSource(longs = {0, 1000})
    void whatIsSharedStaysAndNoChangeIsLost(long bargingMicros) throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor first = scene.actor();
            scene.storage().locks().setBarging(bargingMicros);
            first.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            first.runs("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, " + ROWS + ")");
            List<Future<Integer>> work = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Scene.Actor actor = scene.actor().inTransaction();
                Random random = new Random(seed + i);
                work.add(actor.does(() -> run(actor.connection, random)));
            }
            int changes = 0;
            for (Future<Integer> done : work) {
                changes += done.get(50, TimeUnit.SECONDS);
            }
            assertThat(first.reads("SELECT SUM(V) FROM T")).as("seed " + seed).isEqualTo((long) changes);
            scene.endsEmpty();
        }
    }

    /** Returns how many changes were committed. */
    private int run(Connection connection, Random random) throws SQLException {
        int changes = 0;
        for (int i = 0; i < TRANSACTIONS; i++) {
            int row = 1 + random.nextInt(ROWS);
            int kind = random.nextInt(3);
            try {
                if (kind == 0) {
                    share(connection, row);
                } else {
                    change(connection, row, kind == 1);
                }
                connection.commit();
                changes += kind == 0 ? 0 : 1;
            } catch (SQLException e) {
                assertThat((Throwable) e).isInstanceOf(DeadlockException.class);
                connection.rollback();
            }
        }
        return changes;
    }

    private int share(Connection connection, int row) throws SQLException {
        int shared = read(connection, SHARE, row);
        assertThat(read(connection, READ, row)).as("seed " + seed).isEqualTo(shared);
        return shared;
    }

    private void change(Connection connection, int row, boolean sharesFirst) throws SQLException {
        int before = sharesFirst ? share(connection, row) : 0;
        try (PreparedStatement change = connection.prepareStatement(CHANGE)) {
            change.setInt(1, row);
            change.executeUpdate();
        }
        if (sharesFirst) {
            assertThat(read(connection, READ, row)).as("seed " + seed).isEqualTo(before + 1);
        }
    }

    private static int read(Connection connection, String sql, int row) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setInt(1, row);
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }
}
