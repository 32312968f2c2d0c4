package io.mortise.driver.waits;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A database of one side with two accounts in it, and its actors. For the test's thread only; closing it lets everybody
 * go.
 */
final class Ring implements AutoCloseable {
    private final Side side;
    private final String database = "ring" + UUID.randomUUID();
    private final String settings;
    private final Connection keeper;
    private final List<Actor> actors = new ArrayList<>();

    /** Long enough for a scene; on plain H2 nothing else ends a wait, not even that of a scene that has failed. */
    private static final int PLAIN_NET = 20_000;

    private static final int NET = 600_000;

    private Ring(Side side, String settings) throws SQLException {
        this.side = side;
        this.settings = settings;
        this.keeper = side.connect(database, settings);
        run("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
        run("INSERT INTO ACCOUNTS VALUES (1, 100), (2, 100)");
        run("CREATE TABLE ORDERS(ID INT PRIMARY KEY)");
    }

    /** Where no wait is to end by its lock timeout. */
    static Ring of(Side side) throws SQLException {
        return of(side, side.does(PLAIN_NET, NET));
    }

    /**
     * Where a wait that nothing else ends takes that long: as short as the scene allows, for plain H2 needs all of it.
     */
    static Ring of(Side side, int lockTimeoutMillis) throws SQLException {
        return of(side, lockTimeoutMillis, "");
    }

    /** @param settings as in the URL, each behind a semicolon */
    static Ring of(Side side, int lockTimeoutMillis, String settings) throws SQLException {
        return new Ring(side, ";LOCK_TIMEOUT=" + lockTimeoutMillis + settings);
    }

    /** A session in a transaction, with a thread of its own. */
    Actor actor(String name) throws SQLException {
        Actor actor = new Actor(name, side.connect(database, settings), side);
        actors.add(actor);
        return actor;
    }

    /** Runs a statement of the scene itself, in autocommit. */
    void run(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute(sql);
        }
    }

    /** What a third session sees: the columns of a row with {@code " | "} between them. */
    List<String> query(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> cells = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    cells.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join(" | ", cells));
            }
            return rows;
        }
    }

    @Override
    public void close() throws Exception {
        if (side.isPlain()) {
            shutDown();
        }
        for (Actor actor : actors) {
            actor.close();
        }
        keeper.close();
    }

    /** Plain H2 may go round and round for a row whose holder has gone; only a closed store ends that. */
    private void shutDown() {
        try {
            run("SHUTDOWN IMMEDIATELY");
        } catch (SQLException closed) {
            return; // It says so of the connection that has asked for it.
        }
    }
}
