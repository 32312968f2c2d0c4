package io.mortise.driver.soak;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client's thread: connects in some way, works for a while, closes, and begins again. */
final class Worker {
    private static final List<String> SETTINGS = List.of(
            "",
            "",
            ";LOCK_TIMEOUT=5",
            ";TRANSACTION_TIMEOUT=20",
            ";IDLE_IN_TRANSACTION_TIMEOUT=5",
            ";NETWORK_TIMEOUT=30",
            ";QUERY_TIMEOUT=10",
            ";SESSION_ID=shared;SESSION_BUSY=WAIT;SESSION_TIMEOUT=1",
            ";SESSION_ID=other;SESSION_TIMEOUT=1");

    private static final int GENERAL_ERROR = 50000;

    private final String url;
    private final String tcp;
    private final Oracle oracle;
    private final Registry registry;
    private final SplittableRandom random;
    private final Clients clients;

    Worker(String url, String tcp, Oracle oracle, Registry registry, SplittableRandom random) {
        this.url = url;
        this.tcp = tcp;
        this.oracle = oracle;
        this.registry = registry;
        this.random = random;
        this.clients = new Clients(oracle, random);
    }

    void until(AtomicBoolean over) {
        while (!over.get()) {
            try {
                conversation(over);
            } catch (SQLException | RuntimeException | Error e) {
                look(e);
            } finally {
                registry.leave();
                Thread.interrupted(); // A lever's: it was meant for what has just ended.
            }
        }
    }

    private void conversation(AtomicBoolean over) throws SQLException {
        int kind = random.nextInt(12);
        if (kind == 0) {
            clients.distributed(SoakTest.source(url));
            return;
        }
        if (kind == 1) {
            clients.pooled(SoakTest.source(url));
            return;
        }
        String settings = SETTINGS.get(random.nextInt(SETTINGS.size()));
        boolean isNamed = settings.contains("SESSION_ID");
        String where = kind == 2 ? tcp : url + settings;
        Connection connection = DriverManager.getConnection(where, "sa", "");
        try {
            registry.enter(connection);
            for (int i = random.nextInt(30); i >= 0 && !over.get() && isAsNew(connection); i--) {
                work(connection, isNamed);
            }
        } finally {
            Clients.close(connection);
        }
    }

    /**
     * Is it what the levers, the functions and the injected Errors lead to? General errors and raw exceptions are not.
     */
    private void look(Throwable thrown) {
        boolean isGeneral = !(thrown instanceof SQLException e) || e.getErrorCode() == GENERAL_ERROR;
        if (isGeneral && !isMeant(thrown)) {
            oracle.unexpected(thrown);
        }
        oracle.count(
                thrown instanceof SQLException e
                        ? "error " + e.getSQLState() + " " + e.getErrorCode()
                        : "error " + thrown.getClass().getSimpleName());
    }

    private static boolean isMeant(Throwable thrown) {
        String text = String.valueOf(thrown.getMessage());
        return Misfortune.isBehind(thrown) || text.contains(Boom.OWN) || text.contains("StackOverflowError");
    }

    /**
     * Is it open, and in autocommit? A roll-back that a lever hit may have left it in a transaction: it is given up
     * then.
     */
    private static boolean isAsNew(Connection connection) throws SQLException {
        return !connection.isClosed() && connection.getAutoCommit();
    }

    private void work(Connection connection, boolean isNamed) throws SQLException {
        try {
            switch (random.nextInt(isNamed ? 1 : 8)) {
                case 0, 1 -> clients.autocommit(connection);
                case 2 -> clients.batch(connection);
                case 3 -> clients.failing(connection);
                default -> clients.transaction(connection);
            }
        } catch (SQLException | RuntimeException | Error e) {
            look(e);
            Thread.interrupted();
        }
    }
}
