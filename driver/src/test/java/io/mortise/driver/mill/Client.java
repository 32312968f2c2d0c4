package io.mortise.driver.mill;

import io.mortise.driver.mill.Deed.Exists;
import io.mortise.driver.mill.Deed.Read;
import io.mortise.driver.mill.Deed.Step;
import io.mortise.driver.mill.Deed.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One of those who read and write the rows of a {@link Field}, and what it remembers. One thread at a time. */
final class Client {
    private static final String DUPLICATE = "23505";
    private static final String NO_PARENT = "23506";
    private static final String HAS_CHILD = "23503";

    private final Connection connection;
    private final Field field;
    private final Random random;
    private final AtomicInteger numbers;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final List<Past> pasts = new ArrayList<>();
    private List<Deed> deeds = new ArrayList<>();
    /** What the transaction has made of rows itself; 0 if they are gone. */
    private Map<Integer, Integer> own = new HashMap<>();

    private int refused;

    Client(Connection connection, Field field, Random random, AtomicInteger numbers) {
        this.connection = connection;
        this.field = field;
        this.random = random;
        this.numbers = numbers;
    }

    /** Runs so many transactions. Returns those that have committed. */
    List<Past> run(int transactions) throws SQLException {
        pasts.clear();
        for (int i = 0; i < transactions; i++) {
            deeds = new ArrayList<>();
            own = new HashMap<>();
            long began = System.nanoTime();
            boolean isReader = field == Field.READERS && random.nextInt(3) == 0;
            if (random.nextInt(8) == 0 ? transactAlone() : transact(isReader)) {
                pasts.add(new Past(began, System.nanoTime(), deeds));
            } else {
                refused++;
            }
        }
        return List.copyOf(pasts);
    }

    int refused() {
        return refused;
    }

    private boolean transactAlone() throws SQLException {
        connection.setAutoCommit(true);
        try {
            readAll(random.nextInt(field.tables()));
            return true;
        } catch (SQLException e) {
            giveWay(e);
            return false;
        } finally {
            connection.setAutoCommit(false);
        }
    }

    private boolean transact(boolean isReader) throws SQLException {
        if (isReader) {
            connection.setReadOnly(true);
        }
        try {
            for (int steps = 1 + random.nextInt(4); steps > 0; steps--) {
                String deeds = isReader ? "rrga" : field.deeds();
                step(deeds.charAt(random.nextInt(deeds.length())), random.nextInt(field.rows()));
            }
            if (random.nextInt(20) == 0) {
                connection.rollback();
                return false;
            }
            connection.commit();
            return true;
        } catch (SQLException e) {
            giveWay(e);
            connection.rollback();
            return false;
        } finally {
            if (isReader) {
                connection.setReadOnly(false);
            }
        }
    }

    private static void giveWay(SQLException e) throws SQLException {
        if (!"40001".equals(e.getSQLState())) {
            throw e;
        }
    }

    private void step(char deed, int row) throws SQLException {
        deeds.add(new Step(row, deed));
        switch (deed) {
            case 'r' -> readOne(row, " WHERE ID = ?", row);
            case 'n' -> readOne(row, " WHERE NAME = ?", "row " + row);
            case 'f' -> readOne(row, " WHERE ID = ? FOR UPDATE", row);
            case 's' -> readOne(row, " WHERE ID = ? FOR SHARE", row);
            case 'g' -> read(field.table(row), " WHERE GRP = ?", isGroup(row), field.group(row));
            case 'b' -> read(field.table(row), " WHERE ID BETWEEN ? AND ?", isIn(row, each -> each >= row), row, 999);
            case 'a' -> readAll(row);
            case 'u' -> update(row);
            case 'U' -> updateAndLook(row);
            case 'w' -> {
                readOne(row, " WHERE ID = ?", row);
                update((row + field.tables()) % field.rows());
            }
            case 'v' -> updateGroup(row);
            case 't' -> updateAndTakeBack(row);
            case 'i' -> insert(row);
            case 'e' -> insertIntoEmptyGroup(row);
            case 'd' -> delete(row);
            default -> merge(row);
        }
    }

    private IntPredicate isIn(int row, IntPredicate condition) {
        return each -> field.table(each).equals(field.table(row)) && condition.test(each);
    }

    private IntPredicate isGroup(int row) {
        return isIn(row, each -> field.group(each) == field.group(row));
    }

    private void readOne(int row, String condition, Object value) throws SQLException {
        read(field.table(row), condition, each -> each == row, value);
    }

    private void readAll(int row) throws SQLException {
        read(field.table(row), "", isIn(row, each -> true));
    }

    /** What was asked for and not found was read to be absent. */
    private void read(String table, String condition, IntPredicate asked, Object... values) throws SQLException {
        String columns = field.isLarge() ? "ID, V, X" : "ID, V";
        Map<Integer, Integer> found = new HashMap<>();
        try (ResultSet rows = query("SELECT " + columns + " FROM " + table + condition, values)) {
            while (rows.next()) {
                int version = rows.getInt(2);
                Integer other = found.put(rows.getInt(1), version);
                check(other == null, "row " + rows.getInt(1) + " came twice, as " + other + " and " + version);
                check(!field.isLarge() || rows.getString(3).equals(large(version)), "another's text in " + version);
            }
        }
        remember(found, asked);
    }

    private void remember(Map<Integer, Integer> found, IntPredicate asked) {
        found.keySet().forEach(row -> check(asked.test(row), "row " + row + " is none of those it asked for"));
        for (int row = 0; row < field.rows(); row++) {
            if (asked.test(row)) {
                int version = found.getOrDefault(row, 0);
                Integer mine = own.get(row);
                check(mine == null || mine == version, "row " + row + " is " + version + " and not its own " + mine);
                if (mine == null) {
                    deeds.add(new Read(row, version));
                }
            }
        }
    }

    private void check(boolean isRight, String wrong) {
        if (!isRight) {
            throw new AssertionError(wrong + " after " + deeds);
        }
    }

    private void wrote(int row, int version, int previous, boolean isLast) {
        deeds.add(new Write(row, version, previous, isLast, System.nanoTime()));
        own.put(row, isLast ? 0 : version);
    }

    private void update(int row) throws SQLException {
        int version = numbers.incrementAndGet();
        String set = field.isLarge() ? "P = V, V = ?, X = ?" : "P = V, V = ?";
        String sql = "SELECT P FROM FINAL TABLE (UPDATE " + field.table(row) + " SET " + set + " WHERE ID = ?)";
        try (ResultSet found = field.isLarge() ? query(sql, version, large(version), row) : query(sql, version, row)) {
            if (found.next()) {
                wrote(row, version, found.getInt(1), false);
            } else {
                remember(Map.of(), each -> each == row);
            }
        }
    }

    private void updateAndLook(int row) throws SQLException {
        int version = numbers.incrementAndGet();
        if (change("UPDATE " + field.table(row) + " SET P = V, V = ? WHERE NAME = ?", version, "row " + row) == 0) {
            remember(Map.of(), each -> each == row);
        } else {
            wrote(row, version, number("SELECT P FROM " + field.table(row) + " WHERE ID = ?", row), false);
        }
    }

    private void updateGroup(int row) throws SQLException {
        int base = numbers.addAndGet(field.rows()) - field.rows() + 1;
        Map<Integer, Integer> found = new HashMap<>();
        try (ResultSet rows = query(
                "SELECT ID, P FROM FINAL TABLE (UPDATE " + field.table(row)
                        + " SET P = V, V = CAST(? AS INT) + ID WHERE GRP = ?)",
                base,
                field.group(row))) {
            while (rows.next()) {
                found.put(rows.getInt(1), rows.getInt(2));
            }
        }
        remember(found, isGroup(row));
        found.forEach((each, previous) -> wrote(each, base + each, previous, false));
    }

    private void updateAndTakeBack(int row) throws SQLException {
        Savepoint before = connection.setSavepoint();
        List<Deed> keptDeeds = new ArrayList<>(deeds);
        Map<Integer, Integer> keptOwn = new HashMap<>(own);
        update(row);
        connection.rollback(before);
        deeds = keptDeeds;
        own = keptOwn;
    }

    private void insert(int row) throws SQLException {
        int version = numbers.incrementAndGet();
        int parent = field.parent(row);
        try {
            change(
                    "INSERT INTO " + field.table(row) + " VALUES (?, ?, 0, ?, ?, ?, ?)",
                    row,
                    version,
                    field.group(row),
                    "row " + row,
                    parent < 0 ? null : parent,
                    field.isLarge() ? large(version) : null);
            wrote(row, version, 0, false);
            exists(parent);
        } catch (SQLException e) {
            if (DUPLICATE.equals(e.getSQLState())) {
                exists(row);
            } else if (NO_PARENT.equals(e.getSQLState())) {
                remember(Map.of(), each -> each == parent);
            } else {
                throw e;
            }
        }
    }

    private void exists(int row) {
        if (row >= 0 && own.get(row) == null) {
            deeds.add(new Exists(row));
        } else {
            check(row < 0 || own.getOrDefault(row, 0) != 0, "row " + row + " is still there, which it has deleted");
        }
    }

    private void insertIntoEmptyGroup(int row) throws SQLException {
        int version = numbers.incrementAndGet();
        String table = field.table(row);
        int group = field.group(row);
        if (change(
                        "INSERT INTO " + table
                                + "(ID, V, P, GRP, NAME) SELECT ?, ?, 0, ?, ? WHERE NOT EXISTS (SELECT 1 FROM " + table
                                + " WHERE GRP = ?)",
                        row,
                        version,
                        group,
                        "row " + row,
                        group)
                == 1) {
            remember(Map.of(), isGroup(row));
            wrote(row, version, 0, false);
        }
    }

    private void delete(int row) throws SQLException {
        try (ResultSet found =
                query("SELECT V FROM OLD TABLE (DELETE FROM " + field.table(row) + " WHERE ID = ?)", row)) {
            if (found.next()) {
                remember(Map.of(), child -> field.parent(child) == row);
                wrote(row, numbers.incrementAndGet(), found.getInt(1), true);
            } else {
                remember(Map.of(), each -> each == row);
            }
        } catch (SQLException e) {
            if (!HAS_CHILD.equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    private void merge(int row) throws SQLException {
        int version = numbers.incrementAndGet();
        change(
                "MERGE INTO " + field.table(row) + " T USING (VALUES (?, ?)) N(ID, V) ON T.ID = N.ID"
                        + " WHEN MATCHED THEN UPDATE SET P = T.V, V = N.V"
                        + " WHEN NOT MATCHED THEN INSERT (ID, V, P, GRP, NAME) VALUES (N.ID, N.V, 0, ?, ?)",
                row,
                version,
                field.group(row),
                "row " + row);
        wrote(row, version, number("SELECT P FROM " + field.table(row) + " WHERE ID = ?", row), false);
    }

    private static String large(int version) {
        return ("text of " + version + " ").repeat(30);
    }

    private int number(String sql, @Nullable Object... values) throws SQLException {
        try (ResultSet row = query(sql, values)) {
            check(row.next(), "its own row is not there");
            return row.getInt(1);
        }
    }

    private ResultSet query(String sql, @Nullable Object... values) throws SQLException {
        return prepared(sql, values).executeQuery();
    }

    private int change(String sql, @Nullable Object... values) throws SQLException {
        return prepared(sql, values).executeUpdate();
    }

    private PreparedStatement prepared(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }
}
