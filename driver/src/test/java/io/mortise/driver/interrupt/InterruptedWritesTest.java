package io.mortise.driver.interrupt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writers are interrupted in the middle of what they do, again and again, and write on. What was acknowledged is known,
 * and all of it has to be there, and nothing else. The moments are those of the machine; {@code -Dseed=} repeats the
 * work.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
final class InterruptedWritesTest {
    private static final int WRITERS = 3;

    @TempDir
    Path folder;

    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private final long seed = Long.getLong("seed", 1);

    @ParameterizedTest
    @ValueSource(strings = {"file:", "split:"})
    void allThatWasAcknowledgedIsThereAndNothingElse(String prefix) throws Exception {
        interrupt(prefix, ";WRITE_DELAY=0", 100);
    }

    @Test
    void alsoWhereH2WritesBehindTheCommit() throws Exception {
        interrupt("file:", "", 100);
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(strings = {"file:", "nio:", "split:", "retry:", "async:"})
    void allNight(String prefix) throws Exception {
        interrupt(prefix, ";WRITE_DELAY=0", Integer.getInteger("interrupts", 3_000));
    }

    private void interrupt(String prefix, String settings, int each) throws Exception {
        String url = "jdbc:mortise:h2:" + prefix + folder.resolve("db") + settings;
        try (Connection witness = DriverManager.getConnection(url, "sa", "");
                Statement statement = witness.createStatement()) {
            statement.execute("CREATE TABLE R(ID BIGINT PRIMARY KEY, PAIR BIGINT, P VARCHAR)");
            statement.execute("CREATE INDEX PAIRS ON R(PAIR)");
            write(url, each);
            assertThat(ids(witness, "PAIR >= 0")).as("-Dseed=" + seed).isEqualTo(acknowledged);
        }
        String plain = "jdbc:h2:" + prefix + folder.resolve("db");
        try (Connection witness = DriverManager.getConnection(plain, "sa", "")) {
            assertThat(ids(witness, "ID >= 0")).as("plain H2, -Dseed=" + seed).isEqualTo(acknowledged);
        }
    }

    private void write(String url, int each) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Void>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                Callable<Void> work = () -> beInterrupted(url, writer, each);
                writers.add(threads.submit(work));
            }
            for (Future<Void> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    /** One interrupt for each transaction, sent by another thread while it runs. */
    private Void beInterrupted(String url, int writer, int transactions) throws Exception {
        Semaphore turns = new Semaphore(0);
        Thread target = Thread.currentThread();
        Thread interrupter = new Thread(() -> {
            for (int i = 0; i < transactions; i++) {
                turns.acquireUninterruptibly();
                target.interrupt();
            }
        });
        interrupter.start();
        Random random = new Random(seed + writer);
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                PreparedStatement insert = connection.prepareStatement("INSERT INTO R VALUES(?, ?, ?)")) {
            for (int n = 0; n < transactions; n++) {
                boolean isPair = random.nextBoolean();
                connection.setAutoCommit(!isPair);
                turns.release();
                pair(insert, writer * 1_000_000L + 2L * n, isPair, random.nextInt(20_000));
                if (random.nextInt(4) == 0) {
                    Thread.interrupted(); // Else the flag stays up for the next.
                }
            }
        } finally {
            turns.release(transactions);
            while (interrupter.isAlive()) {
                join(interrupter);
            }
            Thread.interrupted();
        }
        return null;
    }

    private void pair(PreparedStatement insert, long id, boolean isPair, int length) throws SQLException {
        for (long row = id; row <= (isPair ? id + 1 : id); row++) {
            insert.setLong(1, row);
            insert.setLong(2, id);
            insert.setString(3, "x".repeat(length));
            insert.executeUpdate();
        }
        if (isPair) {
            insert.getConnection().commit();
            acknowledged.add(id + 1);
        }
        acknowledged.add(id);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            assertThat(e).as("one of those that were sent").isNotNull();
        }
    }

    private static Set<Long> ids(Connection connection, String condition) throws SQLException {
        Set<Long> ids = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID FROM R WHERE " + condition)) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }
}
