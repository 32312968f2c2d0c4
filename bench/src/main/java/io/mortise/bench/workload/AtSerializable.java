package io.mortise.bench.workload;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;

/**
 * Another workload, whose clients ask for SERIALIZABLE: plain H2 gives them a snapshot there, and lets write skew
 * through.
 *
 * @param suffix behind the other one's name
 */
public record AtSerializable(Workload of, String suffix) implements Workload {
    @Override
    public String name() {
        return of.name() + suffix;
    }

    @Override
    public int threads() {
        return of.threads();
    }

    @Override
    public void prepare(Connection connection) throws SQLException {
        of.prepare(connection);
    }

    @Override
    public Client client(Connection connection, Random random) throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        return of.client(connection, random).tolerant(connection);
    }

    @Override
    public void check(Connection connection, long units) throws SQLException {
        of.check(connection, units);
    }

    @Override
    public boolean isContended() {
        return of.isContended();
    }

    @Override
    public int mostRounds() {
        return of.mostRounds();
    }
}
