package io.mortise.bench.tpcc;

import io.mortise.bench.workload.Workload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;

/** A terminal at one warehouse, which enters orders and payments in about equal numbers. One thread at a time. */
final class Terminal implements Workload.Client {
    private final Connection connection;
    private final TpccRandom random;
    private final NewOrder newOrder;
    private final Payment payment;

    /** What a terminal knows of its place. */
    record Place(int warehouse, int warehouses) {}

    Terminal(Connection connection, Random random, Place place) throws SQLException {
        this.connection = connection;
        this.random = new TpccRandom(random);
        this.newOrder = new NewOrder(connection, this.random, place);
        this.payment = new Payment(connection, this.random, place);
        connection.setAutoCommit(false);
    }

    @Override
    public int run() throws SQLException {
        // 45 to 43 in the standard's mix of five.
        boolean done = random.between(1, 88) <= 45 ? newOrder.run() : payment.run();
        if (done) {
            connection.commit();
        } else {
            connection.rollback(); // As the user of that order wanted; the transaction is complete all the same.
        }
        return 1;
    }

    /** Sets the parameters of a statement in order. */
    static PreparedStatement with(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Integer number) {
                statement.setInt(i + 1, number);
            } else {
                statement.setObject(i + 1, values[i]);
            }
        }
        return statement;
    }

    /** The first column of the one row that a query gives. */
    static int number(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("no row where TPC-C has one");
            }
            return row.getInt(1);
        }
    }
}
