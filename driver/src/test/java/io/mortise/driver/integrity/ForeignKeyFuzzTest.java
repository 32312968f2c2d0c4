package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Parents and children of every kind come and go in random transactions at random levels of isolation; in the end no
 * child is without its parent, and no lock is left. Runs again with {@code -Dseed=}, over so many seeds as
 * {@code -Dseeds=} says.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
final class ForeignKeyFuzzTest {
    private static final int CLIENTS = 6;
    private static final int TRANSACTIONS = 100;
    private static final int KEYS = 4;
    /** The parent is missing, a child is there, the key is there already, and three ways of being told to try again. */
    private static final Set<Integer> EXPECTED = Set.of(23506, 23503, 23505, 40001, 90131);

    private static final List<String> LEVELS =
            List.of("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE");
    /** The children of PARENT(ID), and what becomes of them. */
    private static final Map<String, String> ACTIONS = Map.of(
            "KEEP", "RESTRICT",
            "FOLLOW", "CASCADE",
            "LET_GO", "SET NULL",
            "GO_HOME", "SET DEFAULT");

    private static final List<String> CHILDREN = List.copyOf(ACTIONS.keySet());

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void noChildIsLeftWithoutItsParent(String policy) throws Exception {
        fuzz(policy, 5);
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void noChildIsLeftWithoutItsParentAllNight(String policy) throws Exception {
        fuzz(policy, 500);
    }

    private static void fuzz(String policy, int seeds) throws Exception {
        long first = Long.getLong("seed", 1);
        long after = first + Long.getLong("seeds", seeds);
        long began = System.nanoTime();
        int committed = 0;
        for (long seed = first; seed < after; seed++) {
            String url =
                    "jdbc:mortise:mem:orphans-%s-%d;LOCK_POLICY=%s;LOCK_TIMEOUT=60000".formatted(policy, seed, policy);
            try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
                create(connection);
                int done = letLoose(url, seed);
                assertThat(orphans(connection))
                        .as("-Dseed=%d under %s", seed, policy)
                        .isEmpty();
                assertThat(rows(connection, "SELECT * FROM SYS.LOCKS"))
                        .as("-Dseed=%d, locks", seed)
                        .isEmpty();
                committed += done;
            }
        }
        assertThat(committed).as("committed transactions").isPositive();
        System.out.printf(
                "orphans under %s: seeds %d to %d, %d transactions committed, %d s%n",
                policy, first, after - 1, committed, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    }

    private static int letLoose(String url, long seed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed * 1000 + i);
                clients.add(threads.submit(() -> {
                    try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
                        return transact(connection, random);
                    }
                }));
            }
            int committed = 0;
            for (Future<Integer> client : clients) {
                committed += client.get(120, TimeUnit.SECONDS);
            }
            return committed;
        } finally {
            threads.shutdownNow();
        }
    }

    private static int transact(Connection connection, Random random) throws SQLException {
        int committed = 0;
        connection.setAutoCommit(false);
        for (int i = 0; i < TRANSACTIONS; i++) {
            if (random.nextInt(5) == 0) {
                run(
                        connection,
                        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL "
                                + LEVELS.get(random.nextInt(LEVELS.size())));
                connection.commit();
            }
            try {
                for (int steps = 1 + random.nextInt(3); steps > 0; steps--) {
                    step(connection, random);
                }
                if (random.nextInt(6) > 0) {
                    connection.commit();
                    committed++;
                } else {
                    connection.rollback();
                }
            } catch (SQLException e) {
                connection.rollback();
                if (!EXPECTED.contains(e.getErrorCode())) {
                    throw new AssertionError("neither an error of the data nor a conflict", e);
                }
            }
        }
        return committed;
    }

    /** A constraint that is broken ends the statement only, and the transaction goes on with what it has. */
    private static void step(Connection connection, Random random) throws SQLException {
        try {
            run(connection, statement(random));
        } catch (SQLException e) {
            if (e.getErrorCode() != 23506 && e.getErrorCode() != 23503 && e.getErrorCode() != 23505) {
                throw e;
            }
        }
    }

    private static String statement(Random random) {
        int parent = 1 + random.nextInt(KEYS);
        int other = 1 + random.nextInt(KEYS);
        int row = random.nextInt(30);
        String child = CHILDREN.get(random.nextInt(CHILDREN.size()));
        return switch (random.nextInt(19)) {
            case 0, 1 -> "MERGE INTO " + child + " KEY(ID) VALUES (" + row + ", " + parent + ")";
            case 2 -> "INSERT INTO " + child + " SELECT COALESCE(MAX(ID), 0) + 1, " + parent + " FROM " + child;
            case 3, 4 -> "UPDATE " + child + " SET P = " + parent + " WHERE ID BETWEEN " + row + " AND " + (row + 3);
            case 5 -> "DELETE FROM " + child + " WHERE ID > " + row;
            case 6, 7 -> "DELETE FROM PARENT WHERE ID = " + parent;
            case 8, 9 ->
                "INSERT INTO PARENT VALUES (" + parent + ", 'n" + parent + "', " + other + ", " + parent + ", 0)";
            case 10 -> "UPDATE PARENT SET ID = " + other + " WHERE ID = " + parent;
            case 11 -> "UPDATE PARENT SET NAME = 'n" + other + "' WHERE ID = " + parent;
            case 12 -> "UPDATE PARENT SET A = " + other + " WHERE ID = " + parent;
            case 13 -> "UPDATE PARENT SET NOTE = NOTE + 1";
            case 14 -> "MERGE INTO BY_NAME KEY(ID) VALUES (" + row + ", 'n" + parent + "')";
            case 15 -> "MERGE INTO BY_PAIR KEY(ID) VALUES (" + row + ", " + parent + ", " + other + ")";
            case 16 -> "INSERT INTO TREE VALUES (" + row + ", " + random.nextInt(30) + ")";
            case 17 -> "UPDATE TREE SET UP = " + random.nextInt(30) + " WHERE ID = " + row;
            default -> "DELETE FROM TREE WHERE ID = " + row;
        };
    }

    private static void create(Connection connection) throws SQLException {
        run(
                connection,
                "CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE, A INT, B INT, NOTE INT, UNIQUE(A, B))");
        run(connection, "INSERT INTO PARENT SELECT X, 'n' || X, X, X, 0 FROM SYSTEM_RANGE(1, " + KEYS + ")");
        for (Map.Entry<String, String> child : ACTIONS.entrySet()) {
            run(
                    connection,
                    "CREATE TABLE %s(ID INT PRIMARY KEY, P INT DEFAULT 1 REFERENCES PARENT(ID) ON DELETE %s ON UPDATE %s)"
                            .formatted(child.getKey(), child.getValue(), child.getValue()));
        }
        run(
                connection,
                "CREATE TABLE BY_NAME(ID INT PRIMARY KEY, P VARCHAR(9) REFERENCES PARENT(NAME) ON DELETE SET NULL"
                        + " ON UPDATE CASCADE)");
        run(
                connection,
                "CREATE TABLE BY_PAIR(ID INT PRIMARY KEY, A INT, B INT,"
                        + " FOREIGN KEY(A, B) REFERENCES PARENT(A, B) ON DELETE CASCADE ON UPDATE CASCADE)");
        run(connection, "CREATE TABLE TREE(ID INT PRIMARY KEY, UP INT REFERENCES TREE ON DELETE CASCADE)");
        run(connection, "INSERT INTO TREE VALUES (0, 0), (1, 0), (2, 1), (3, 2)");
    }

    private static List<String> orphans(Connection connection) throws SQLException {
        List<String> orphans = new ArrayList<>();
        for (String child : CHILDREN) {
            orphans.addAll(rows(
                    connection,
                    "SELECT '" + child + "', ID, P FROM " + child
                            + " WHERE P IS NOT NULL AND P NOT IN (SELECT ID FROM PARENT)"));
        }
        orphans.addAll(
                rows(
                        connection,
                        "SELECT 'BY_NAME', ID, P FROM BY_NAME WHERE P IS NOT NULL AND NOT EXISTS (SELECT 1 FROM PARENT WHERE NAME = P)"));
        orphans.addAll(rows(
                connection,
                "SELECT 'BY_PAIR', C.ID, C.A, C.B FROM BY_PAIR C WHERE C.A IS NOT NULL AND C.B IS NOT NULL"
                        + " AND NOT EXISTS (SELECT 1 FROM PARENT P WHERE P.A = C.A AND P.B = C.B)"));
        orphans.addAll(rows(
                connection,
                "SELECT 'TREE', ID, UP FROM TREE WHERE UP IS NOT NULL AND UP NOT IN (SELECT ID FROM TREE)"));
        return orphans;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.append(result.getString(i)).append(' ');
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }
}
