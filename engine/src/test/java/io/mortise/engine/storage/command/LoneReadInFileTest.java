package io.mortise.engine.storage.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.Scene;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Queries that have no slot read pages of a file, while others write and what is no longer needed is overwritten at
 * once: nothing but their use of a version keeps those pages.
 */
@Timeout(120)
final class LoneReadInFileTest {
    private static final int ROWS = 2_000;
    private static final int THREADS = 3;

    @TempDir
    Path directory;

    /** What was committed last of each row, and acknowledged; written by who has written the row. */
    private final AtomicLongArray committed = new AtomicLongArray(ROWS);

    private volatile boolean isOver;

    @Test
    void eachReadsARowThatWasCommittedWhole() throws Exception {
        String settings = ";RETENTION_TIME=0;CACHE_SIZE=0;WRITE_DELAY=10";
        try (Scene scene = Scene.at("jdbc:h2:" + directory.resolve("d") + settings)) {
            Scene.Actor first = scene.actor();
            try (Statement statement = first.connection.createStatement()) {
                statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, A BIGINT, B BIGINT, FILLING VARCHAR)");
                statement.execute(
                        "INSERT INTO T SELECT X - 1, 0, 0, REPEAT('x', 300) FROM SYSTEM_RANGE(1, " + ROWS + ")");
            }
            MVStore store = first.session.h2().getDatabase().getStore().getMvStore();
            List<Callable<Long>> work = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int part = i;
                Connection writer = scene.actor().connection;
                Connection reader = scene.actor().connection;
                work.add(() -> write(writer, part));
                work.add(() -> read(reader, part));
            }
            work.add(() -> compact(store));
            assertThat(play(work)).allSatisfy(units -> assertThat(units).isPositive());
        }
    }

    private List<Long> play(List<Callable<Long>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        List<Future<Long>> all = work.stream().map(threads::submit).toList();
        List<Long> units = new ArrayList<>();
        for (Future<Long> each : all) {
            units.add(each.get());
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        return units;
    }

    /** Each writer has rows of its own, and writes them in transactions of which it rolls some back. */
    private long write(Connection connection, int part) throws SQLException {
        Random random = new Random(part + Long.getLong("seed", 1));
        connection.setAutoCommit(false);
        try (PreparedStatement update = connection.prepareStatement("UPDATE T SET A = ?, B = ? WHERE ID = ?")) {
            for (long number = 1; !isOver; number++) {
                int row = random.nextInt(ROWS / THREADS) * THREADS + part;
                boolean isUndone = random.nextInt(4) == 0;
                update.setLong(1, isUndone ? -number : number);
                update.setLong(2, isUndone ? -number : number);
                update.setInt(3, row);
                update.executeUpdate();
                if (isUndone) {
                    connection.rollback();
                } else {
                    connection.commit();
                    committed.set(row, number);
                }
            }
        }
        return 1;
    }

    private long read(Connection connection, int part) throws SQLException {
        Random random = new Random(part - Long.getLong("seed", 1));
        long rows = 0;
        try (PreparedStatement select = connection.prepareStatement("SELECT A, B, FILLING FROM T WHERE ID = ?")) {
            while (!isOver) {
                int row = random.nextInt(ROWS / THREADS * THREADS);
                long before = committed.get(row);
                select.setInt(1, row);
                try (ResultSet found = select.executeQuery()) {
                    assertThat(found.next()).isTrue();
                    assertThat(found.getLong(1)).isGreaterThanOrEqualTo(before).isEqualTo(found.getLong(2));
                    assertThat(found.getString(3)).hasSize(300);
                }
                rows++;
            }
        } catch (Throwable e) {
            isOver = true;
            throw e;
        }
        return rows;
    }

    private long compact(MVStore store) {
        long started = System.nanoTime();
        long times = 0;
        try {
            while (!isOver && System.nanoTime() - started < 4_000_000_000L) {
                store.commit();
                store.compactFile(5);
                times++;
            }
        } finally {
            isOver = true;
        }
        return times;
    }
}
