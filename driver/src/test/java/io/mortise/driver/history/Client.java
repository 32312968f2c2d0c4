package io.mortise.driver.history;

import io.mortise.driver.history.Past.Append;
import io.mortise.driver.history.Past.Deed;
import io.mortise.driver.history.Past.Read;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One of those who read and write the lists, and what it remembers. Rows 0 to {@link #ROWS} - 1 lie in turn in two
 * tables; a row that nobody has written is not there. One thread.
 */
final class Client {
    static final int ROWS = 8;
    static final int TABLES = 2;
    private static final int GROUPS = 2;
    private static final String GONE = "02000";
    /** What a transaction may end with instead of its commit: somebody else was there first. */
    private static final List<Integer> GIVES_WAY = List.of(40001, 90131, 23505);

    private final Connection connection;
    private final Random random;
    private final AtomicInteger numbers;
    private final boolean isAtomicOnly;
    private final List<Past> pasts = new ArrayList<>();
    private List<Deed> deeds = new ArrayList<>();

    /**
     * @param isAtomicOnly does it never write what it has read in another statement? At weak levels that loses updates.
     */
    Client(Connection connection, Random random, AtomicInteger numbers, boolean isAtomicOnly) {
        this.connection = connection;
        this.random = random;
        this.numbers = numbers;
        this.isAtomicOnly = isAtomicOnly;
    }

    /** Runs so many transactions, and returns what became of them. */
    List<Past> run(int transactions) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            deeds = new ArrayList<>();
            long began = System.nanoTime();
            boolean committed = random.nextInt(8) == 0 ? readInAutocommit() : transact();
            pasts.add(new Past(numbers.incrementAndGet(), committed, began, System.nanoTime(), deeds));
        }
        return pasts;
    }

    private boolean readInAutocommit() throws SQLException {
        connection.setAutoCommit(true);
        try {
            readMany();
            return true;
        } catch (SQLException e) {
            giveWay(e);
            return false;
        } finally {
            connection.setAutoCommit(false);
        }
    }

    private boolean transact() throws SQLException {
        try {
            for (int steps = 1 + random.nextInt(4); steps > 0; steps--) {
                step();
            }
            if (random.nextInt(10) == 0) {
                connection.rollback();
                return false;
            }
            connection.commit();
            return true;
        } catch (SQLException e) {
            giveWay(e);
            connection.rollback();
            return false;
        }
    }

    private static void giveWay(SQLException e) throws SQLException {
        if (!"40001".equals(e.getSQLState())
                && !GONE.equals(e.getSQLState())
                && !GIVES_WAY.contains(e.getErrorCode())) {
            throw e;
        }
    }

    private void step() throws SQLException {
        int row = random.nextInt(ROWS);
        switch (random.nextInt(isAtomicOnly ? 7 : 10)) {
            case 0, 1 -> readOne(row, "");
            case 2 -> readMany();
            case 3, 4 -> append(row);
            case 5 -> merge(row);
            case 6 -> appendAndTakeBack(row);
            case 7 -> replace(row, readOne(row, ""));
            case 8 -> replace(row, readOne(row, " FOR UPDATE"));
            default -> removeAndPutBack(row);
        }
    }

    private static String table(int row) {
        return "LISTS" + row % TABLES;
    }

    private List<Integer> readOne(int row, String clause) throws SQLException {
        boolean byName = random.nextBoolean();
        String key = byName ? "NAME = 'row " + row + "'" : "ID = " + row;
        Map<Integer, List<Integer>> found = query("SELECT ID, V FROM " + table(row) + " WHERE " + key + clause);
        remember(found, each -> each == row);
        return found.getOrDefault(row, List.of());
    }

    private void readMany() throws SQLException {
        int table = random.nextInt(TABLES);
        int group = random.nextInt(GROUPS);
        String all = "SELECT ID, V FROM LISTS" + table;
        switch (random.nextInt(3)) {
            case 0 -> remember(query(all), row -> row % TABLES == table);
            case 1 ->
                remember(
                        query(all + " WHERE GRP = " + group),
                        row -> row % TABLES == table && row / TABLES % GROUPS == group);
            default -> remember(query("SELECT ID, V FROM LISTS0 UNION ALL SELECT ID, V FROM LISTS1"), row -> true);
        }
    }

    /** What was asked for and not found was read to be absent. */
    private void remember(Map<Integer, List<Integer>> found, Predicate<Integer> asked) {
        IntStream.range(0, ROWS)
                .filter(asked::test)
                .forEach(row -> deeds.add(new Read(row, found.getOrDefault(row, List.of()))));
    }

    private void append(int row) throws SQLException {
        int value = numbers.incrementAndGet();
        if (update("UPDATE " + table(row) + " SET V = V || '," + value + "' WHERE ID = " + row) == 0) {
            insert(row, List.of(value));
        }
        deeds.add(new Append(row, value));
    }

    private void merge(int row) throws SQLException {
        int value = numbers.incrementAndGet();
        write(("MERGE INTO %s T USING (VALUES (%d)) N(ID) ON T.ID = N.ID WHEN MATCHED THEN UPDATE SET V = T.V || ',%d'"
                        + " WHEN NOT MATCHED THEN INSERT (ID, NAME, GRP, V) VALUES (%d, 'row %d', %d, ',%d')")
                .formatted(table(row), row, value, row, row, row / TABLES % GROUPS, value));
        deeds.add(new Append(row, value));
    }

    private void appendAndTakeBack(int row) throws SQLException {
        Savepoint before = connection.setSavepoint();
        List<Deed> kept = List.copyOf(deeds);
        append(row);
        connection.rollback(before);
        deeds = new ArrayList<>(kept);
    }

    /** Writes the list it has read, and one number more. */
    private void replace(int row, List<Integer> old) throws SQLException {
        int value = numbers.incrementAndGet();
        String list = text(old) + "," + value;
        if (old.isEmpty()) {
            insert(row, List.of(value));
        } else {
            write("UPDATE " + table(row) + " SET V = '" + list + "' WHERE ID = " + row);
        }
        deeds.add(new Append(row, value));
    }

    private void removeAndPutBack(int row) throws SQLException {
        List<Integer> list = new ArrayList<>(readOne(row, " FOR UPDATE"));
        int value = numbers.incrementAndGet();
        list.add(value);
        if (list.size() > 1) {
            write("DELETE FROM " + table(row) + " WHERE ID = " + row);
        }
        insert(row, list);
        deeds.add(new Append(row, value));
    }

    private void insert(int row, List<Integer> list) throws SQLException {
        write("INSERT INTO %s VALUES (%d, 'row %d', %d, '%s')"
                .formatted(table(row), row, row, row / TABLES % GROUPS, text(list)));
    }

    private static String text(List<Integer> list) {
        return list.stream().map(value -> "," + value).collect(Collectors.joining());
    }

    /**
     * Changes one row, which it has read before or which is not there: somebody else may have been faster all the same.
     */
    private void write(String sql) throws SQLException {
        if (update(sql) != 1) {
            throw new SQLException("the row has gone", GONE);
        }
    }

    private int update(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.executeUpdate();
        }
    }

    private Map<Integer, List<Integer>> query(String sql) throws SQLException {
        return query(connection, sql);
    }

    static Map<Integer, List<Integer>> query(Connection connection, String sql) throws SQLException {
        Map<Integer, List<Integer>> found = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                found.put(
                        result.getInt(1),
                        Arrays.stream(result.getString(2).split(","))
                                .filter(number -> !number.isEmpty())
                                .map(Integer::valueOf)
                                .toList());
            }
        }
        return found;
    }
}
