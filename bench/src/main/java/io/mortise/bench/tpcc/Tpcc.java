package io.mortise.bench.tpcc;

import io.mortise.bench.workload.Workload;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Orders and payments at a few warehouses, whose rows everybody wants. */
public final class Tpcc implements Workload {
    private final int warehouses;
    private final int terminals;
    private final AtomicInteger nextTerminal = new AtomicInteger();

    public Tpcc(int warehouses, int terminals) {
        this.warehouses = warehouses;
        this.terminals = terminals;
    }

    @Override
    public String name() {
        return "tpcc";
    }

    @Override
    public int threads() {
        return terminals;
    }

    @Override
    public void prepare(Connection connection) throws SQLException {
        TpccTables.make(connection, warehouses);
    }

    @Override
    public Client client(Connection connection, Random random) throws SQLException {
        int warehouse = nextTerminal.getAndIncrement() % warehouses + 1;
        return new Terminal(connection, random, new Terminal.Place(warehouse, warehouses)).tolerant(connection);
    }

    /** Consistency conditions 1 to 3 and 8 of clause 3.3.2, which hold after each transaction whatever was done. */
    @Override
    public void check(Connection connection, long units) throws SQLException {
        expectNone(
                connection,
                "SELECT COUNT(*) FROM WAREHOUSE WHERE W_YTD <> (SELECT SUM(D_YTD) FROM DISTRICT WHERE D_W_ID = W_ID)");
        expectNone(
                connection,
                "SELECT COUNT(*) FROM DISTRICT WHERE D_NEXT_O_ID - 1 <>"
                        + " (SELECT COALESCE(MAX(O_ID), 0) FROM ORDERS WHERE O_W_ID = D_W_ID AND O_D_ID = D_ID)");
        expectNone(
                connection,
                "SELECT COUNT(*) FROM DISTRICT WHERE D_NEXT_O_ID - 1 <>"
                        + " (SELECT COUNT(*) FROM NEW_ORDER WHERE NO_W_ID = D_W_ID AND NO_D_ID = D_ID)");
        expectNone(
                connection,
                "SELECT COUNT(*) FROM WAREHOUSE WHERE W_YTD - 30000000 <>"
                        + " (SELECT COALESCE(SUM(H_AMOUNT), 0) FROM HISTORY WHERE H_W_ID = W_ID)");
    }

    private static void expectNone(Connection connection, String count) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(count)) {
            row.next();
            if (row.getInt(1) != 0) {
                throw new IllegalStateException("TPC-C's tables contradict each other: " + count);
            }
        }
    }
}
