package io.mortise.bench.ycsb;

import io.mortise.bench.workload.Workload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;

/** Transactions of five operations each, reads and updates in equal numbers. One thread at a time. */
final class YcsbClient implements Workload.Client {
    private static final int OPERATIONS = 5;

    private final Connection connection;
    private final Random random;
    private final Ycsb table;
    private final PreparedStatement read;
    private final PreparedStatement[] updates = new PreparedStatement[Ycsb.FIELDS];

    YcsbClient(Connection connection, Random random, Ycsb table) throws SQLException {
        this.connection = connection;
        this.random = random;
        this.table = table;
        this.read = connection.prepareStatement("SELECT " + Ycsb.fields("") + " FROM USERTABLE WHERE YCSB_KEY = ?");
        for (int field = 0; field < Ycsb.FIELDS; field++) {
            updates[field] = connection.prepareStatement(
                    "UPDATE USERTABLE SET FIELD" + field + " = ?, UPDATES = UPDATES + 1 WHERE YCSB_KEY = ?");
        }
        connection.setAutoCommit(false);
    }

    @Override
    public int run() throws SQLException {
        int updated = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            int key = table.key(random);
            if (random.nextBoolean()) {
                read(key);
            } else {
                PreparedStatement update = updates[random.nextInt(Ycsb.FIELDS)];
                update.setString(1, Ycsb.text(random));
                update.setInt(2, key);
                updated += update.executeUpdate();
            }
        }
        connection.commit();
        table.updated(updated);
        return 1;
    }

    private void read(int key) throws SQLException {
        read.setInt(1, key);
        try (ResultSet row = read.executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("no row of key " + key);
            }
            for (int field = 1; field <= Ycsb.FIELDS; field++) {
                row.getString(field);
            }
        }
    }
}
