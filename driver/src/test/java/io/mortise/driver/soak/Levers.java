package io.mortise.driver.soak;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** A thread that ends what others do, in every way there is, at random. */
final class Levers {
    private final String url;
    private final Oracle oracle;
    private final Registry registry;
    private final SplittableRandom random;

    Levers(String url, Oracle oracle, Registry registry, SplittableRandom random) {
        this.url = url;
        this.oracle = oracle;
        this.registry = registry;
        this.random = random;
    }

    void until(AtomicBoolean over) {
        while (!over.get()) {
            try (Connection connection = DriverManager.getConnection(url, "sa", "");
                    Statement statement = connection.createStatement()) {
                for (int i = 0; i < 200 && !over.get(); i++) {
                    pull(statement);
                }
            } catch (SQLException e) {
                oracle.count("lever's error " + e.getSQLState() + " " + e.getErrorCode());
            } catch (RuntimeException | Error e) {
                oracle.unexpected(e);
            }
        }
    }

    private void pull(Statement statement) throws SQLException {
        switch (random.nextInt(10)) {
            case 0 -> aim(statement, "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = ");
            case 1 -> aim(statement, "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = ");
            case 2 -> statement.execute("KILL QUERY WHERE SESSION_ID = " + session(statement) + " ASYNC");
            case 3 -> statement.execute("SELECT STOP_STATEMENT(" + number(statement, "STATEMENT_ID") + ")");
            case 4 -> statement.execute("SELECT REMOVE_STATEMENT_LOCKS(" + number(statement, "STATEMENT_ID") + ")");
            case 5 -> statement.execute("SELECT RELEASE_DEFUNCT_LOCKS()");
            case 6 -> registry.any(random).ifPresent(one -> one.getKey().interrupt());
            case 7 -> abort();
            case 8 ->
                statement.execute(
                        "LOCK TABLE " + (random.nextBoolean() ? "LEDGER" : "ACCOUNT") + " IN SHARE MODE WAIT 1");
            default -> look(statement);
        }
        oracle.count("levers");
    }

    private void aim(Statement statement, String lever) throws SQLException {
        statement.execute(lever + session(statement));
    }

    private void abort() throws SQLException {
        if (random.nextInt(4) == 0) {
            var one = registry.any(random);
            if (one.isPresent()) {
                one.get().getValue().abort(Runnable::run);
            }
        }
    }

    private void look(Statement statement) throws SQLException {
        String[] tables = {"SYS.LOCKS", "SYS.LOCK_WAITS", "SYS.BLOCKING_TREE", "IPE_ALLLOCKS", "SYSTEM.PROCESSES"};
        try (ResultSet rows = statement.executeQuery("SELECT * FROM " + tables[random.nextInt(tables.length)])) {
            while (rows.next()) {
                oracle.count("rows looked at");
            }
        }
    }

    private long session(Statement statement) throws SQLException {
        return number(statement, "SESSION");
    }

    /** Of one of the sessions that are there, but the lever's own. */
    private long number(Statement statement, String column) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT " + column + " FROM SYS.SESSIONS WHERE " + column
                + " IS NOT NULL AND SESSION <> SESSION_ID() AND THREAD_NAME LIKE 'client%' ORDER BY RAND() LIMIT 1")) {
            return rows.next() ? rows.getLong(1) : -1;
        }
    }
}
