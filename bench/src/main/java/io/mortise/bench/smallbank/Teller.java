package io.mortise.bench.smallbank;

import io.mortise.bench.workload.Workload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** One client of the bank: six kinds of transactions, a quarter of them payments. One thread at a time. */
final class Teller implements Workload.Client {
    private static final int MOST_CENTS = 10_000;
    private static final int HOT_OF_A_HUNDRED = 90;
    /** For a cheque beyond what is there. */
    private static final int PENALTY = 1;

    private final Connection connection;
    private final Random random;
    private final AtomicLong centsAdded;
    private final PreparedStatement find;
    private final Account savings;
    private final Account checking;

    /** The same account of each customer. */
    private record Account(PreparedStatement read, PreparedStatement change) {
        static Account in(Connection connection, String table) throws SQLException {
            return new Account(
                    connection.prepareStatement("SELECT BALANCE FROM " + table + " WHERE CUSTOMER = ?"),
                    connection.prepareStatement("UPDATE " + table + " SET BALANCE = BALANCE + ? WHERE CUSTOMER = ?"));
        }

        long balance(int customer) throws SQLException {
            read.setInt(1, customer);
            return number(read);
        }

        void add(int customer, long cents) throws SQLException {
            change.setLong(1, cents);
            change.setInt(2, customer);
            if (change.executeUpdate() != 1) {
                throw new IllegalStateException("customer " + customer + " has no account");
            }
        }
    }

    Teller(Connection connection, Random random, AtomicLong centsAdded) throws SQLException {
        this.connection = connection;
        this.random = random;
        this.centsAdded = centsAdded;
        this.find = connection.prepareStatement("SELECT CUSTOMER FROM ACCOUNT WHERE NAME = ?");
        this.savings = Account.in(connection, "SAVINGS");
        this.checking = Account.in(connection, "CHECKING");
        connection.setAutoCommit(false);
    }

    @Override
    public int run() throws SQLException {
        long added = transaction(random.nextInt(100));
        connection.commit();
        centsAdded.addAndGet(added);
        return 1;
    }

    /** @return by how much the bank's money has grown */
    private long transaction(int which) throws SQLException {
        if (which < 25) {
            return sendPayment();
        }
        if (which < 40) {
            return balance();
        }
        if (which < 55) {
            return depositChecking();
        }
        if (which < 70) {
            return transactSavings();
        }
        return which < 85 ? amalgamate() : writeCheck();
    }

    private long balance() throws SQLException {
        int customer = find(anybody());
        savings.balance(customer);
        checking.balance(customer);
        return 0;
    }

    private long depositChecking() throws SQLException {
        int cents = cents();
        checking.add(find(anybody()), cents);
        return cents;
    }

    /** In or out; what is not there is not paid out. */
    private long transactSavings() throws SQLException {
        int cents = random.nextBoolean() ? cents() : -cents();
        int customer = find(anybody());
        if (savings.balance(customer) + cents < 0) {
            return 0;
        }
        savings.add(customer, cents);
        return cents;
    }

    /** All of one customer's money to another. */
    private long amalgamate() throws SQLException {
        int first = anybody();
        int from = find(first);
        int to = find(anybodyBut(first));
        long saved = savings.balance(from);
        long checked = checking.balance(from);
        savings.add(from, -saved);
        checking.add(from, -checked);
        checking.add(to, saved + checked);
        return 0;
    }

    /** The write skew that SmallBank was made for: it reads both accounts and changes one. */
    private long writeCheck() throws SQLException {
        int customer = find(anybody());
        long there = savings.balance(customer) + checking.balance(customer);
        int cents = cents();
        int taken = there < cents ? cents + PENALTY : cents;
        checking.add(customer, -taken);
        return -taken;
    }

    private long sendPayment() throws SQLException {
        int first = anybody();
        int from = find(first);
        int to = find(anybodyBut(first));
        int cents = cents();
        if (checking.balance(from) >= cents) {
            checking.add(from, -cents);
            checking.add(to, cents);
        }
        return 0;
    }

    private int cents() {
        return 1 + random.nextInt(MOST_CENTS);
    }

    private int anybody() {
        boolean isHot = random.nextInt(100) < HOT_OF_A_HUNDRED;
        return isHot
                ? 1 + random.nextInt(SmallBank.HOT_CUSTOMERS)
                : 1 + SmallBank.HOT_CUSTOMERS + random.nextInt(SmallBank.CUSTOMERS - SmallBank.HOT_CUSTOMERS);
    }

    private int anybodyBut(int other) {
        int somebody = anybody();
        while (somebody == other) {
            somebody = anybody();
        }
        return somebody;
    }

    private int find(int customer) throws SQLException {
        find.setString(1, SmallBank.customer(customer));
        return (int) number(find);
    }

    private static long number(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("no row where SmallBank has one");
            }
            return row.getLong(1);
        }
    }
}
