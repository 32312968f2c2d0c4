package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.session.Session;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An oracle of what was acknowledged: clients of every kind insert, everything that can end a statement, a transaction
 * or a session is used on them at random, and at the end each row that was acknowledged is there, and none that was
 * refused.
 */
final class AcknowledgedTest {
    private static final int WRITERS = 6;
    private static final int LEVERS = 2;

    private final long seed = Long.getLong("seed", 1);
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();
    private final AtomicInteger nextRow = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    /** Rows by what their client was told: true if they are there, false if not. What is missing is not known. */
    private final Map<Integer, Boolean> told = new ConcurrentHashMap<>();

    private final Map<Integer, Writer> writers = new ConcurrentHashMap<>();
    private final List<Throwable> surprises = new ArrayList<>();

    @Test
    @Timeout(120)
    void whatIsAcknowledgedIsThereAndWhatIsRefusedIsNot() throws Exception {
        run(Integer.getInteger("statements", 12_000));
    }

    @Test
    @Tag("nightly")
    @Timeout(3600)
    void theSameOverAMillionStatements() throws Exception {
        run(Integer.getInteger("statements", 1_000_000));
    }

    private void run(int statements) throws Exception {
        System.out.println("AcknowledgedTest -Dseed=" + seed);
        left.set(statements);
        try (Connection keeper = DriverManager.getConnection(url)) {
            try (Statement statement = keeper.createStatement()) {
                statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            }
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                Writer writer = new Writer(i, new Random(seed + i));
                threads.add(start("writer-" + i, writer::run));
            }
            for (int i = 0; i < LEVERS; i++) {
                Lever lever = new Lever(new Random(seed + 100 + i));
                threads.add(start("lever-" + i, lever::run));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(surprises).isEmpty();
            compare(keeper);
        }
    }

    private Thread start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Throwable e) {
                        synchronized (surprises) {
                            surprises.add(e);
                        }
                        left.set(0);
                    }
                },
                name);
        thread.start();
        return thread;
    }

    private interface Work {
        void run() throws Exception;
    }

    private void compare(Connection keeper) throws SQLException {
        List<String> wrong = new ArrayList<>();
        Set<Integer> there = new HashSet<>();
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID FROM T")) {
            while (rows.next()) {
                there.add(rows.getInt(1));
            }
        }
        told.forEach((row, isThere) -> {
            if (isThere != there.contains(row)) {
                wrong.add("row " + row + (isThere ? " was acknowledged and is gone" : " was refused and is there"));
            }
        });
        assertThat(wrong).as("-Dseed=%d", seed).isEmpty();
        assertThat(told.values().stream().filter(isThere -> isThere).count()).isPositive();
    }

    /** One client, in a connection of its own that it replaces when it is lost. */
    private final class Writer {
        private final int number;
        private final Random random;
        private volatile Connection connection;
        private volatile int session;
        private volatile Statement running;

        Writer(int number, Random random) throws SQLException {
            this.number = number;
            this.random = random;
            connect();
        }

        private void connect() throws SQLException {
            connection = DriverManager.getConnection(url);
            session = connection.unwrap(Session.class).id();
            running = connection.createStatement();
            writers.put(number, this);
        }

        void run() throws Exception {
            while (left.getAndDecrement() > 0) {
                Thread.interrupted();
                try {
                    if (connection.isClosed()) {
                        connect();
                    }
                    switch (random.nextInt(4)) {
                        case 0 -> single();
                        case 1 -> prepared();
                        case 2 -> batch();
                        default -> transaction();
                    }
                } catch (SQLException lost) {
                    giveUp();
                }
            }
            giveUp();
        }

        private void giveUp() {
            try {
                connection.close();
            } catch (SQLException alreadyGone) {
                assertThat(alreadyGone.getSQLState()).startsWith("08");
            }
        }

        private void single() throws SQLException {
            connection.setAutoCommit(true);
            int row = nextRow.incrementAndGet();
            try (Statement statement = connection.createStatement()) {
                running = statement;
                note(row, () -> statement.executeUpdate("INSERT INTO T VALUES(" + row + ")"));
            }
        }

        private void prepared() throws SQLException {
            connection.setAutoCommit(true);
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO T VALUES(?)")) {
                running = statement;
                for (int i = 0; i < 5; i++) {
                    int row = nextRow.incrementAndGet();
                    statement.setInt(1, row);
                    note(row, statement::executeUpdate);
                }
            }
        }

        private void note(int row, Count insert) throws SQLException {
            try {
                told.put(row, insert.get() == 1);
            } catch (SQLException refused) {
                told.put(row, false);
                if (connection.isClosed()) {
                    throw refused;
                }
            }
        }

        /** In autocommit the counts say which rows are there. */
        private void batch() throws SQLException {
            connection.setAutoCommit(true);
            List<Integer> rows = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO T VALUES(?)")) {
                running = statement;
                for (int i = 0; i < 10; i++) {
                    rows.add(nextRow.incrementAndGet());
                    statement.setInt(1, rows.get(i));
                    statement.addBatch();
                }
                note(rows, statement.executeBatch());
            } catch (BatchUpdateException some) {
                note(rows, some.getUpdateCounts());
            }
        }

        private void note(List<Integer> rows, int[] counts) {
            for (int i = 0; i < counts.length; i++) {
                told.put(rows.get(i), counts[i] == 1);
            }
        }

        private void transaction() throws SQLException {
            List<Integer> rows = new ArrayList<>();
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO T VALUES(?)")) {
                running = statement;
                for (int i = 0; i < 4; i++) {
                    int row = nextRow.incrementAndGet();
                    rows.add(row);
                    statement.setInt(1, row);
                    insertIfAllowed(statement, rows);
                }
            } catch (SQLException lost) {
                rows.forEach(row -> told.put(row, false));
                connection.rollback();
                return;
            }
            try {
                connection.commit();
                rows.forEach(row -> told.put(row, true));
            } catch (SQLException refused) {
                // A connection that is lost while it commits does not say what became of it.
                if (!String.valueOf(refused.getSQLState()).startsWith("08")) {
                    rows.forEach(row -> told.put(row, false));
                    connection.rollback();
                }
            }
        }

        /**
         * A client that takes an error of one statement lightly: the others are the transaction then, if there is one.
         */
        private void insertIfAllowed(PreparedStatement statement, List<Integer> rows) throws SQLException {
            try {
                statement.executeUpdate();
            } catch (SQLException refused) {
                told.put(rows.remove(rows.size() - 1), false);
                if (connection.isClosed()) {
                    throw refused;
                }
            }
        }
    }

    private interface Count {
        int get() throws SQLException;
    }

    /** Ends whatever it finds, until the writers have written enough. */
    private final class Lever {
        private final Random random;

        Lever(Random random) {
            this.random = random;
        }

        void run() throws Exception {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                while (left.get() > 0) {
                    Writer victim = writers.get(random.nextInt(WRITERS));
                    if (victim != null) {
                        pull(victim, statement);
                    }
                }
            }
        }

        private void pull(Writer victim, Statement statement) throws SQLException {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> abort(victim, 1, statement);
                case 3 -> abort(victim, 2, statement);
                case 4, 5, 6 -> cancel(victim);
                case 7, 8 ->
                    statement.execute("SELECT SYS.STOP_STATEMENT(STATEMENT_ID) FROM SYS.SESSIONS WHERE SESSION = "
                            + victim.session + " AND STATEMENT_ID IS NOT NULL");
                case 9, 10 ->
                    statement.execute(
                            "SELECT SYS.REMOVE_STATEMENT_LOCKS(STATEMENT_ID) FROM SYS.SESSIONS WHERE SESSION = "
                                    + victim.session + " AND STATEMENT_ID IS NOT NULL");
                default -> victim.connection.abort(Runnable::run);
            }
        }

        private void abort(Writer victim, int how, Statement statement) throws SQLException {
            statement.execute("UPDATE IPE_CURSESSIONS SET ABORT = " + how + " WHERE SESSION = " + victim.session);
        }

        private void cancel(Writer victim) {
            try {
                victim.running.cancel();
            } catch (SQLException closedMeanwhile) {
                assertThat(closedMeanwhile.getErrorCode()).isNotZero();
            }
        }
    }
}
