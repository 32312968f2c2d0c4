package io.mortise.examples;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Accounts in a table, and transfers between them. Thread-safe: each call has a connection of its own. */
final class Bank {
    /** How a transfer went. */
    enum Transfer {
        MADE,
        /** There was not enough money; nothing was changed. */
        NOT_COVERED
    }

    /**
     * A transfer that somebody asks for.
     *
     * @param from number of the account it comes from
     * @param to number of the account it goes to
     */
    record Order(int from, int to, BigDecimal amount) {}

    private final DataSource pool;

    Bank(DataSource pool) {
        this.pool = pool;
    }

    /** Opens these accounts, unless the table has some already: another process may have opened them. */
    void open(List<Account> accounts) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS ACCOUNTS(ID INT PRIMARY KEY, OWNER VARCHAR(60),"
                    + " BRANCH VARCHAR(40), BALANCE DECIMAL(12, 2) CHECK (BALANCE >= 0))");
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE ACCOUNTS IN EXCLUSIVE MODE"); // Of two that open them, one finds them.
            if (!hasAccounts(statement)) {
                insert(accounts, connection);
            }
            connection.commit();
        }
    }

    private static boolean hasAccounts(Statement statement) throws SQLException {
        try (ResultSet any = statement.executeQuery("SELECT 1 FROM ACCOUNTS LIMIT 1")) {
            return any.next();
        }
    }

    private static void insert(List<Account> accounts, Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO ACCOUNTS VALUES (?, ?, ?, ?)")) {
            for (Account account : accounts) {
                insert.setInt(1, account.id());
                insert.setString(2, account.owner());
                insert.setString(3, account.branch());
                insert.setBigDecimal(4, account.balance());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /**
     * Makes a transfer, in a transaction of its own.
     *
     * @throws SQLTransactionRollbackException if it had to give way to another and was rolled back: make it again
     */
    Transfer transfer(Order order) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                Transfer result = transfer(connection, order);
                connection.commit();
                return result;
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private static Transfer transfer(Connection connection, Order order) throws SQLException {
        try (PreparedStatement debit = connection.prepareStatement(
                        "UPDATE ACCOUNTS SET BALANCE = BALANCE - ? WHERE ID = ? AND BALANCE >= ?");
                PreparedStatement credit =
                        connection.prepareStatement("UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE ID = ?")) {
            debit.setBigDecimal(1, order.amount());
            debit.setInt(2, order.from());
            debit.setBigDecimal(3, order.amount());
            if (debit.executeUpdate() == 0) {
                return Transfer.NOT_COVERED;
            }
            credit.setBigDecimal(1, order.amount());
            credit.setInt(2, order.to());
            credit.executeUpdate();
            return Transfer.MADE;
        }
    }

    /** What all accounts hold together. */
    BigDecimal total() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet sum = statement.executeQuery("SELECT SUM(BALANCE) FROM ACCOUNTS")) {
            sum.next();
            return sum.getBigDecimal(1);
        }
    }

    /** What a query gives, as text in columns. */
    TextTable look(String query) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return TextTable.of(rows);
        }
    }

    /** What a query of one column gives, line by line, without its name. */
    String read(String query) throws SQLException {
        return look(query).lines().stream().skip(1).map(line -> line.get(0)).collect(Collectors.joining("\n"));
    }
}
