package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.error.DeadlockException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that share the key of a row, and threads that delete it, bring it back and change the rest of it, all at
 * once.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class KeySharedRowsRaceTest {
    private static final int TRANSACTIONS = 300;
    private static final String READ = "SELECT CODE FROM T WHERE ID = 1";
    private static final String SHARE = READ + " FOR UPDATE " + StatementMarks.KEY_SHARE;

    private final long seed = Long.getLong("seed", 1);

    @Test
    void aKeyThatIsSharedStays() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor first = scene.actor();
            first.runs("CREATE TABLE T(ID INT PRIMARY KEY, CODE INT UNIQUE, V INT)");
            first.runs("INSERT INTO T VALUES (1, 7, 0)");
            List<Future<Integer>> work = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Scene.Actor actor = scene.actor().inTransaction();
                Random random = new Random(seed + i);
                work.add(actor.does(() -> run(actor.connection, random)));
            }
            int shared = 0;
            for (Future<Integer> done : work) {
                shared += done.get(50, TimeUnit.SECONDS);
            }
            assertThat(shared).isPositive();
            scene.endsEmpty();
        }
    }

    /** Returns how many transactions have shared the row. */
    private int run(Connection connection, Random random) throws SQLException {
        int shared = 0;
        for (int i = 0; i < TRANSACTIONS; i++) {
            try {
                switch (random.nextInt(4)) {
                    case 0 -> runs(connection, "UPDATE T SET V = V + 1");
                    case 1 -> comesAndGoes(connection, random.nextBoolean());
                    default -> shared += shares(connection);
                }
                connection.commit();
            } catch (SQLException e) {
                assertThat((Throwable) e).as("seed " + seed).isInstanceOf(DeadlockException.class);
                connection.rollback();
            }
        }
        return shared;
    }

    /** Its row is gone for others at no time, unless the savepoint is not gone back to. */
    private static void comesAndGoes(Connection connection, boolean changesCode) throws SQLException {
        runs(connection, changesCode ? "UPDATE T SET CODE = CODE + 1" : "DELETE FROM T");
        Savepoint gone = connection.setSavepoint();
        if (changesCode) {
            runs(connection, "UPDATE T SET CODE = CODE - 1");
            connection.rollback(gone);
        } else {
            runs(connection, "INSERT INTO T VALUES (1, 7, 0)");
        }
    }

    private int shares(Connection connection) throws SQLException {
        int code = read(connection, SHARE);
        for (int i = 0; code != 0 && i < 20; i++) {
            assertThat(read(connection, READ)).as("seed " + seed).isEqualTo(code);
        }
        return code == 0 ? 0 : 1;
    }

    private static void runs(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static int read(Connection connection, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql);
                ResultSet result = query.executeQuery()) {
            return result.next() ? result.getInt(1) : 0;
        }
    }
}
