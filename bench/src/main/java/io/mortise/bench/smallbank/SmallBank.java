package io.mortise.bench.smallbank;

import io.mortise.bench.workload.Workload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bank whose customers have a savings and a checking account each. Most of its transactions are about a few of them.
 */
public final class SmallBank implements Workload {
    static final int CUSTOMERS = 18_000;
    /** Nine transactions in ten are about these. */
    static final int HOT_CUSTOMERS = 1_000;

    private static final int OPENING_CENTS = 1_000_000;
    private static final int BATCH = 1_000;
    private static final String[] DEFINITIONS = {
        "CREATE TABLE ACCOUNT(NAME VARCHAR(40) NOT NULL PRIMARY KEY, CUSTOMER INT NOT NULL UNIQUE)",
        "CREATE TABLE SAVINGS(CUSTOMER INT NOT NULL PRIMARY KEY, BALANCE BIGINT NOT NULL)",
        "CREATE TABLE CHECKING(CUSTOMER INT NOT NULL PRIMARY KEY, BALANCE BIGINT NOT NULL)",
    };

    private final int terminals;
    /** What came from outside, less what was paid out, by what the clients were told. */
    private final AtomicLong centsAdded = new AtomicLong();

    public SmallBank(int terminals) {
        this.terminals = terminals;
    }

    @Override
    public String name() {
        return "smallbank";
    }

    @Override
    public int threads() {
        return terminals;
    }

    static String customer(int number) {
        return "customer " + number;
    }

    @Override
    public void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String definition : DEFINITIONS) {
                statement.execute(definition);
            }
        }
        connection.setAutoCommit(false);
        try (PreparedStatement account = connection.prepareStatement("INSERT INTO ACCOUNT VALUES(?, ?)");
                PreparedStatement savings =
                        connection.prepareStatement("INSERT INTO SAVINGS VALUES(?, " + OPENING_CENTS + ")");
                PreparedStatement checking =
                        connection.prepareStatement("INSERT INTO CHECKING VALUES(?, " + OPENING_CENTS + ")")) {
            for (int number = 1; number <= CUSTOMERS; number++) {
                account.setString(1, customer(number));
                account.setInt(2, number);
                account.addBatch();
                savings.setInt(1, number);
                savings.addBatch();
                checking.setInt(1, number);
                checking.addBatch();
                if (number % BATCH == 0) {
                    account.executeBatch();
                    savings.executeBatch();
                    checking.executeBatch();
                }
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    @Override
    public Client client(Connection connection, Random random) throws SQLException {
        return new Teller(connection, random, centsAdded).tolerant(connection);
    }

    /** No cent is lost or made, whatever was decided on what was read. */
    @Override
    public void check(Connection connection, long units) throws SQLException {
        long expected = 2L * CUSTOMERS * OPENING_CENTS + centsAdded.get();
        long found = sum(connection, "SAVINGS") + sum(connection, "CHECKING");
        if (expected != found) {
            throw new IllegalStateException("sum of balances: " + found + " where " + expected + " were acknowledged");
        }
    }

    private static long sum(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(BALANCE) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }
}
