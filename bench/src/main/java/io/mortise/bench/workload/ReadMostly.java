package io.mortise.bench.workload;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;

/** Reports over a few neighbouring accounts of one table, and one transfer among them to nine reports. */
final class ReadMostly implements Workload {
    private static final int THREADS = 8;
    private static final int NEIGHBOURS = 10;
    private static final int TO_ONE_TRANSFER = 9;

    @Override
    public String name() {
        return "read-mostly";
    }

    @Override
    public int threads() {
        return THREADS;
    }

    @Override
    public void prepare(Connection connection) throws SQLException {
        Workloads.makeTables(connection, Workloads.ACCOUNTS);
    }

    @Override
    public Client client(Connection connection, Random random) throws SQLException {
        PreparedStatement report =
                connection.prepareStatement("SELECT SUM(BALANCE) FROM ACCOUNTS WHERE ID BETWEEN ? AND ?");
        PreparedStatement update =
                connection.prepareStatement("UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE ID = ?");
        connection.setAutoCommit(false);
        Client client = () -> {
            int first = random.nextInt(Workloads.ACCOUNTS / NEIGHBOURS) * NEIGHBOURS;
            report.setInt(1, first);
            report.setInt(2, first + NEIGHBOURS - 1);
            try (ResultSet row = report.executeQuery()) {
                if (!row.next() || row.getLong(1) != (long) NEIGHBOURS * Workloads.OPENING_BALANCE) {
                    throw new IllegalStateException("not what the accounts have");
                }
            }
            if (random.nextInt(TO_ONE_TRANSFER + 1) == 0) {
                int from = random.nextInt(NEIGHBOURS - 1);
                move(update, first + from, -1);
                move(update, first + from + 1, 1);
            }
            connection.commit();
            return 1;
        };
        return client.tolerant(connection);
    }

    private static void move(PreparedStatement update, int account, int amount) throws SQLException {
        update.setInt(1, amount);
        update.setInt(2, account);
        update.executeUpdate();
    }

    @Override
    public void check(Connection connection, long units) throws SQLException {
        Expectation.NOTHING_CHANGED.check(connection, units);
    }
}
