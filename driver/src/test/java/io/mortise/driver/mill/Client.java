package io.mortise.driver.mill;

import io.mortise.driver.mill.Deed.Clear;
import io.mortise.driver.mill.Deed.Exists;
import io.mortise.driver.mill.Deed.Outside;
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
            int table = random.nextInt(field.tables());
            if (field.isEmptied() && random.nextBoolean()) {
                empty(table);
            } else if (random.nextBoolean()) {
                int row = random.nextInt(field.rows());
                readOne(row, field.key(), field.at(row));
            } else {
                readAll(table);
            }
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
            connection.rollback(); // whatever it is: others wait for it
            giveWay(e);
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
            case 'r' -> readOne(row, field.key(), field.at(row));
            case 'n' -> readByName(row);
            case 'o' -> read(field.table(row), " WHERE NAME IS NULL", isIn(row, each -> field.name(each) == null));
            case 'f' -> readOne(row, " WHERE ID = ? FOR UPDATE", row);
            case 's' -> readOne(row, " WHERE ID = ? FOR SHARE", row);
            case 'g' -> readGroup(field.table(row), row);
            case 'q' -> readGroup("V0", row);
            case 'Q' -> read("V0", " WHERE ID = ?", each -> each == row, row);
            case 'j' -> readGroup("T0 A WHERE EXISTS (SELECT 1 FROM V0 B WHERE B.ID = A.ID)", " AND GRP = ?", row);
            case 'h' ->
                read(
                        field.table(row),
                        " WHERE GRP = ? AND ID >= ?",
                        isIn(row, each -> each >= row && field.group(each) == field.group(row)),
                        field.group(row),
                        row);
            case 'b' -> read(field.table(row), " WHERE ID BETWEEN ? AND ?", isIn(row, each -> each >= row), row, 999);
            case 'a' -> readAll(row);
            case 'u' -> update(row);
            case 'U' -> updateAndLook(row);
            case 'w' -> {
                readOne(row, field.key(), field.at(row));
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

    private void readOne(int row, String condition, @Nullable Object... values) throws SQLException {
        read(field.table(row), condition, each -> each == row, values);
    }

    private void readByName(int row) throws SQLException {
        String name = field.name(row);
        if (name != null) {
            readOne(row, " WHERE NAME = ?", name);
        }
    }

    private void readGroup(String table, int row) throws SQLException {
        readGroup(table, " WHERE GRP = ?", row);
    }

    private void readGroup(String table, String condition, int row) throws SQLException {
        int group = field.isMoving() ? random.nextInt(2) : field.group(row);
        Map<Integer, Integer> found = found(table, condition, group);
        if (field.isMoving()) {
            rememberGroup(found, group);
        } else {
            remember(found, isGroup(row));
        }
    }

    /** Of a row that is not among them it learns that it is not there, or that it is in the other group. */
    private void rememberGroup(Map<Integer, Integer> found, int group) {
        found.values().forEach(version -> check(version % 2 == group, version + " is not in group " + group));
        for (int row = 0; row < field.rows(); row++) {
            Integer mine = own.get(row);
            if (found.containsKey(row)) {
                remember(found, row);
            } else if (mine == null) {
                deeds.add(new Outside(row, group));
            } else {
                check(mine == 0 || mine % 2 != group, "its own " + mine + " of row " + row + " is missing");
            }
        }
    }

    private void readAll(int row) throws SQLException {
        read(field.table(row), "", isIn(row, each -> true));
    }

    /** What was asked for and not found was read to be absent. */
    private void read(String table, String condition, IntPredicate asked, @Nullable Object... values)
            throws SQLException {
        remember(found(table, condition, values), asked);
    }

    private Map<Integer, Integer> found(String table, String condition, @Nullable Object... values)
            throws SQLException {
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
        return found;
    }

    private void remember(Map<Integer, Integer> found, IntPredicate asked) {
        found.keySet().forEach(row -> check(asked.test(row), "row " + row + " is none of those it asked for"));
        for (int row = 0; row < field.rows(); row++) {
            if (asked.test(row)) {
                remember(found, row);
            }
        }
    }

    private void remember(Map<Integer, Integer> found, int row) {
        int version = found.getOrDefault(row, 0);
        Integer mine = own.get(row);
        check(mine == null || mine == version, "row " + row + " is " + version + " and not its own " + mine);
        if (mine == null) {
            deeds.add(new Read(row, version));
        }
    }

    /** A number for a new version in this group. */
    private int number(int group) {
        int number = numbers.incrementAndGet();
        return field.isMoving() ? 2 * number + group : number;
    }

    /** The group that the row is written into. */
    private int groupFor(int row) {
        return field.isMoving() ? random.nextInt(2) : field.group(row);
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
        int group = groupFor(row);
        int version = number(group);
        String set = field.isLarge() ? ", X = ?" : field.isMoving() ? ", GRP = ?" : "";
        String sql = "SELECT P, PEEKED FROM FINAL TABLE (UPDATE " + field.table(row) + " SET P = V, V = ?" + set
                + field.key() + ")";
        Object[] values = set.isEmpty()
                ? field.at(row, version)
                : field.at(row, version, field.isLarge() ? large(version) : group);
        int peeked = field.peeked(row);
        try (ResultSet found = query(sql, values)) {
            if (found.next()) {
                if (peeked >= 0) {
                    remember(Map.of(peeked, found.getInt(2)), peeked);
                }
                wrote(row, version, found.getInt(1), false);
            } else {
                remember(Map.of(), row);
            }
        }
    }

    /** A definition's kind of statement: it is a transaction of its own. */
    private void empty(int table) throws SQLException {
        long from = System.nanoTime();
        change("TRUNCATE TABLE T" + table);
        for (int row = table; row < field.rows(); row += field.tables()) {
            clears(row, from);
        }
    }

    private void clears(int row, long from) {
        deeds.add(new Clear(row, number(0), from, System.nanoTime()));
        own.put(row, 0);
    }

    private void updateAndLook(int row) throws SQLException {
        int version = numbers.incrementAndGet();
        if (change("UPDATE " + field.table(row) + " SET P = V, V = ? WHERE NAME = ?", version, "row " + row) == 0) {
            remember(Map.of(), row);
        } else {
            wrote(row, version, overwritten("SELECT P FROM " + field.table(row) + " WHERE ID = ?", row), false);
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
        int group = groupFor(row);
        int version = number(group);
        int parent = field.parent(row);
        try {
            change(
                    "INSERT INTO " + field.table(row) + " VALUES (?, ?, 0, ?, ?, ?, ?, NULL)",
                    row,
                    version,
                    group,
                    field.name(row),
                    parent < 0 ? null : parent,
                    field.isLarge() ? large(version) : null);
            wrote(row, version, 0, false);
            exists(parent);
        } catch (SQLException e) {
            if (DUPLICATE.equals(e.getSQLState())) {
                exists(row);
            } else if (NO_PARENT.equals(e.getSQLState())) {
                remember(Map.of(), parent);
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
        String table = field.table(row);
        int group = groupFor(row);
        int version = number(group);
        boolean isInserted;
        try {
            isInserted = change(
                            "INSERT INTO " + table
                                    + "(ID, V, P, GRP, NAME) SELECT ?, ?, 0, ?, ? WHERE NOT EXISTS (SELECT 1 FROM "
                                    + table + " WHERE GRP = ?)",
                            row,
                            version,
                            group,
                            field.name(row),
                            group)
                    == 1;
        } catch (SQLException e) {
            if (!field.isMoving() || !DUPLICATE.equals(e.getSQLState())) {
                throw e;
            }
            rememberGroup(Map.of(), group); // And the row is in the other one.
            exists(row);
            return;
        }
        if (isInserted && field.isMoving()) {
            rememberGroup(Map.of(), group);
        } else if (isInserted) {
            remember(Map.of(), isGroup(row));
        }
        if (isInserted) {
            wrote(row, version, 0, false);
        }
    }

    private void delete(int row) throws SQLException {
        long from = System.nanoTime();
        try (ResultSet found =
                query("SELECT V FROM OLD TABLE (DELETE FROM " + field.table(row) + field.key() + ")", field.at(row))) {
            if (!found.next()) {
                remember(Map.of(), row);
                return;
            }
            leaves(row, from);
            wrote(row, number(0), found.getInt(1), true);
        } catch (SQLException e) {
            if (!HAS_CHILD.equals(e.getSQLState())) {
                throw e;
            }
            exists(field.onlyChild(row));
        }
    }

    /** Nobody refers to the row any more: nobody did, or they go with it. */
    private void leaves(int row, long from) {
        for (int child = 0; child < field.rows(); child++) {
            boolean isChild = field.parent(child) == row;
            if (isChild && field.isCascading()) {
                clears(child, from);
            } else if (isChild) {
                remember(Map.of(), child);
            }
        }
    }

    private void merge(int row) throws SQLException {
        int version = number(field.group(row));
        change(
                "MERGE INTO " + field.table(row) + " T USING (VALUES (?, ?)) N(ID, V) ON T.ID = N.ID"
                        + " WHEN MATCHED THEN UPDATE SET P = T.V, V = N.V"
                        + " WHEN NOT MATCHED THEN INSERT (ID, V, P, GRP, NAME) VALUES (N.ID, N.V, 0, ?, ?)",
                row,
                version,
                field.group(row),
                field.name(row));
        wrote(row, version, overwritten("SELECT P FROM " + field.table(row) + " WHERE ID = ?", row), false);
    }

    private static String large(int version) {
        return ("text of " + version + " ").repeat(30);
    }

    private int overwritten(String sql, @Nullable Object... values) throws SQLException {
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
