package io.mortise.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A HikariCP pool whose connections are one session: {@code SESSION_ID} in the URL names it. What a session has, its
 * temporary tables and variables, is there whichever connection the pool hands out, and stays for
 * {@code SESSION_TIMEOUT} when the pool has closed them all.
 *
 * <p>One session runs one statement at a time. Two borrowers that meet wait for each other with
 * {@code SESSION_BUSY=WAIT}; without it the second is refused, and the log says once that a pool of one session is no
 * faster than one connection. Autocommit and the transaction are the session's, too: leave such a pool in autocommit.
 */
public final class NamedSessions {
    private final Narrator narrator;

    public NamedSessions(PrintStream out) {
        this.narrator = new Narrator(out);
    }

    public static void main(String[] args) throws SQLException {
        new NamedSessions(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8))
                .run();
    }

    /** Two customers, a pool each; then the first one's pool once more. */
    public void run() throws SQLException {
        try (HikariDataSource ada = poolOf("ada");
                HikariDataSource ben = poolOf("ben")) {
            narrator.title("Two connections, one basket");
            try (Connection first = ada.getConnection();
                    Connection second = ada.getConnection()) {
                update(first, "CREATE LOCAL TEMPORARY TABLE BASKET(ITEM VARCHAR(20))");
                update(first, "INSERT INTO BASKET VALUES ('apples'), ('pears')");
                narrator.say("Ada's second connection has not put anything into it, and finds " + basket(second) + ".");
            }
            narrator.title("Another session has another basket");
            try (Connection connection = ben.getConnection()) {
                update(connection, "CREATE LOCAL TEMPORARY TABLE BASKET(ITEM VARCHAR(20))");
                narrator.say("Ben's is of the same name, and has " + basket(connection) + " in it.");
                narrator.quote(sessions(connection));
            }
            ada.close();
            narrator.title("The pool has gone, the session has not");
            try (HikariDataSource again = poolOf("ada");
                    Connection connection = again.getConnection()) {
                narrator.say("A new pool of Ada's finds " + basket(connection) + ".");
            }
        }
    }

    private static HikariDataSource poolOf(String customer) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(customer);
        config.setJdbcUrl("jdbc:mortise:mem:baskets;DB_CLOSE_DELAY=-1;SESSION_ID=" + customer
                + ";SESSION_TIMEOUT=60;SESSION_BUSY=WAIT");
        config.setUsername("sa");
        config.setMaximumPoolSize(2);
        return new HikariDataSource(config);
    }

    private static void update(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static String basket(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT COALESCE(LISTAGG(ITEM, ' and ') WITHIN GROUP (ORDER BY ITEM), 'nothing') FROM BASKET")) {
            row.next();
            return row.getString(1);
        }
    }

    private static TextTable sessions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT SESSION_NAME, USER_NAME FROM SYSTEM.SESSIONS ORDER BY SESSION_NAME")) {
            return TextTable.of(rows);
        }
    }
}
