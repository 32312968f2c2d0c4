package io.mortise.bench.ycsb;

import io.mortise.bench.workload.Workload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of ten fields, read and updated by key, some keys far oftener than others. */
public final class Ycsb implements Workload {
    static final int FIELDS = 10;
    static final int FIELD_LENGTH = 100;

    private static final int ROWS = 10_000;
    private static final int BATCH = 1_000;

    private final int terminals;
    private final Zipfian popularity = new Zipfian(ROWS);
    /** The popular keys lie anywhere. */
    private final List<Integer> keys =
            new ArrayList<>(IntStream.range(0, ROWS).boxed().toList());

    private final AtomicLong updates = new AtomicLong();

    public Ycsb(int terminals) {
        this.terminals = terminals;
        Collections.shuffle(keys, new Random(1));
    }

    @Override
    public String name() {
        return "ycsb";
    }

    @Override
    public int threads() {
        return terminals;
    }

    @Override
    public void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE USERTABLE(YCSB_KEY INT NOT NULL PRIMARY KEY, UPDATES BIGINT NOT NULL, "
                    + fields(" VARCHAR(" + FIELD_LENGTH + ")") + ")");
        }
        connection.setAutoCommit(false);
        Random random = new Random(2);
        String values = "?, ".repeat(FIELDS - 1) + "?";
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO USERTABLE VALUES(?, 0, " + values + ")")) {
            for (int key = 0; key < ROWS; key++) {
                insert.setInt(1, key);
                for (int field = 0; field < FIELDS; field++) {
                    insert.setString(field + 2, text(random));
                }
                insert.addBatch();
                if (key % BATCH == BATCH - 1) {
                    insert.executeBatch();
                }
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    static String fields(String suffix) {
        return IntStream.range(0, FIELDS)
                .mapToObj(field -> "FIELD" + field + suffix)
                .collect(Collectors.joining(", "));
    }

    static String text(Random random) {
        char[] letters = new char[FIELD_LENGTH];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = (char) (' ' + random.nextInt('~' - ' ' + 1));
        }
        return new String(letters);
    }

    int key(Random random) {
        return keys.get(popularity.next(random));
    }

    void updated(int rows) {
        updates.addAndGet(rows);
    }

    @Override
    public Client client(Connection connection, Random random) throws SQLException {
        return new YcsbClient(connection, random, this).tolerant(connection);
    }

    @Override
    public void check(Connection connection, long units) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(UPDATES) FROM USERTABLE")) {
            row.next();
            if (row.getLong(1) != updates.get()) {
                throw new IllegalStateException(
                        "updates: " + row.getLong(1) + " where " + updates + " were acknowledged");
            }
        }
    }
}
