package io.mortise.driver.order;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Some sessions in one database, and one thread that moves now this one on and now that: what happens follows from the
 * seed. A statement that would have to wait fails instead, and has not happened.
 */
final class Play implements AutoCloseable {
    private static final int SESSIONS = 4;
    private static final int TRANSACTIONS = 6;
    private static final int MUST_WAIT = 50200;

    /** A session, and the transaction that it is in. */
    private static final class Player {
        final Connection connection;
        final Prepared prepared;

        @Nullable
        Part part;

        @Nullable
        Savepoint savepoint;

        int kept;
        boolean isDeferrable;
        boolean isReadOnly;
        /** The name under which it is prepared; empty if it is not. */
        String branch = "";

        Player(Connection connection) {
            this.connection = connection;
            this.prepared = new Prepared(connection, false);
        }
    }

    /** What somebody at READ COMMITTED does in between; all but the first change nothing that can be read. */
    private static final List<String> DEFINITIONS = List.of(
            Act.EMPTIES,
            "CREATE INDEX IF NOT EXISTS T_MORE ON T(B, S DESC)",
            "DROP INDEX IF EXISTS T_MORE",
            "ALTER TABLE C ALTER COLUMN N SET DATA TYPE BIGINT",
            "ALTER TABLE C ALTER COLUMN N SET DATA TYPE INT",
            "ANALYZE TABLE T");

    private static final int MOVES_A_DEFINITION = 10;
    private static final int ROUNDS_A_TRUNCATE = 8;

    private final Random random;
    private final Acts acts;
    private final Prepared definer;
    private final int roundsADefined;
    private final List<Player> players = new ArrayList<>();
    private List<Part> committed = new ArrayList<>();
    private int step;
    private int branches;
    private int refused;

    /**
     * @param roundsADefined in one round of so many there are definitions; after each, all statements are parsed anew
     */
    Play(String url, Random random, int roundsADefined) throws SQLException {
        this.random = random;
        this.roundsADefined = roundsADefined;
        this.acts = new Acts(random);
        this.definer = new Prepared(DriverManager.getConnection(url, "sa", ""), false);
        for (int i = 0; i < SESSIONS; i++) {
            Connection connection = DriverManager.getConnection(url, "sa", "");
            players.add(new Player(connection));
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setAutoCommit(false);
        }
    }

    int refused() {
        return refused;
    }

    /** Speaks of other things from now on. */
    void renew() throws SQLException {
        acts.renew();
        for (Player player : players) {
            player.prepared.forget();
        }
    }

    /** Plays some transactions to their end. Returns those that have committed. */
    List<Part> play() throws SQLException {
        committed = new ArrayList<>();
        int left = TRANSACTIONS;
        boolean isDefined = random.nextInt(roundsADefined) == 0;
        boolean isEmptied = random.nextInt(Math.min(roundsADefined, ROUNDS_A_TRUNCATE)) == 0;
        List<Player> inside = new ArrayList<>();
        while (left > 0 || !inside.isEmpty()) {
            step++;
            if (isDefined && random.nextInt(MOVES_A_DEFINITION) == 0) {
                define(DEFINITIONS.get(random.nextInt(DEFINITIONS.size())));
            } else if (isEmptied && random.nextInt(MOVES_A_DEFINITION) == 0) {
                define(Act.EMPTIES);
            }
            Player player = players.get(random.nextInt(players.size()));
            if (player.part != null) {
                move(player);
            } else if (left > 0) {
                left--;
                begin(player);
            }
            inside.remove(player);
            if (player.part != null) {
                inside.add(player);
            }
        }
        return committed;
    }

    private void define(String sql) throws SQLException {
        Act act = Act.of(sql);
        Part alone = new Part(SESSIONS, step);
        try {
            alone.ran(act, act.run(definer));
            alone.end(step);
            if (act.sql().equals(Act.EMPTIES)) {
                committed.add(alone);
            }
        } catch (SQLException e) {
            if (e.getErrorCode() != MUST_WAIT) {
                throw e;
            }
        }
    }

    private void begin(Player player) throws SQLException {
        player.part = new Part(players.indexOf(player), step);
        int kind = random.nextInt(10);
        setDeferrable(player, kind == 0 && step % 2 == 0);
        setReadOnly(player, kind == 0);
        if (kind == 1) {
            player.connection.setAutoCommit(true);
            if (run(player)) {
                over(player, true);
            }
            over(player, false);
            player.connection.setAutoCommit(false);
        } else {
            run(player);
        }
    }

    /** Half of those that only read. As it waits for nobody, such a one reads once nobody is in its way, or nothing. */
    private static void setDeferrable(Player player, boolean isDeferrable) throws SQLException {
        if (player.isDeferrable != isDeferrable) {
            try (var statement = player.connection.createStatement()) {
                statement.execute("SET DEFERRABLE " + isDeferrable);
            }
            player.isDeferrable = isDeferrable;
        }
    }

    private static void setReadOnly(Player player, boolean isReadOnly) throws SQLException {
        if (player.isReadOnly != isReadOnly) {
            player.connection.setReadOnly(isReadOnly);
            player.isReadOnly = isReadOnly;
        }
    }

    private void move(Player player) throws SQLException {
        if (!player.branch.isEmpty()) {
            endBranch(player);
            return;
        }
        switch (random.nextInt(24)) {
            case 0 -> {
                player.connection.rollback();
                over(player, false);
            }
            case 1, 2, 3, 4, 5, 6 -> commit(player);
            case 7 -> prepare(player);
            case 8 -> mark(player);
            default -> run(player);
        }
    }

    private void mark(Player player) throws SQLException {
        try {
            setOrTakeBack(player);
        } catch (SQLException e) {
            failed(player, e);
        }
    }

    private void setOrTakeBack(Player player) throws SQLException {
        Part part = part(player);
        Savepoint savepoint = player.savepoint;
        if (savepoint == null) {
            player.savepoint = player.connection.setSavepoint();
            player.kept = part.size();
        } else {
            player.connection.rollback(savepoint);
            part.cut(player.kept);
            player.savepoint = null;
        }
    }

    private void commit(Player player) throws SQLException {
        try {
            player.connection.commit();
            over(player, true);
        } catch (SQLException e) {
            failed(player, e);
        }
    }

    private void prepare(Player player) throws SQLException {
        String name = "P" + branches++;
        try (var statement = player.connection.createStatement()) {
            statement.execute("PREPARE COMMIT " + name);
            player.branch = name;
        } catch (SQLException e) {
            failed(player, e);
        }
    }

    private void endBranch(Player player) throws SQLException {
        boolean isToStay = random.nextInt(6) != 0;
        try (var statement = player.connection.createStatement()) {
            statement.execute((isToStay ? "COMMIT" : "ROLLBACK") + " TRANSACTION " + player.branch);
        }
        player.branch = "";
        over(player, isToStay);
    }

    /** Runs a statement; false if the transaction is over. */
    private boolean run(Player player) throws SQLException {
        Act act = acts.next();
        try {
            String answer = act.run(player.prepared);
            part(player).ran(act, answer);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() != MUST_WAIT && !isOfReader(e)) {
                failed(player, new SQLException(act.toString(), e.getSQLState(), e.getErrorCode(), e));
                return false;
            }
            return true;
        }
    }

    private static boolean isOfReader(SQLException e) {
        return "25006".equals(e.getSQLState());
    }

    private void failed(Player player, SQLException e) throws SQLException {
        if (!"40001".equals(e.getSQLState())) {
            throw e;
        }
        refused++;
        player.connection.rollback();
        over(player, false);
    }

    private static Part part(Player player) {
        Part part = player.part;
        if (part == null) {
            throw new AssertionError("it is in no transaction");
        }
        return part;
    }

    private void over(Player player, boolean isCommitted) {
        Part part = player.part;
        if (part != null && isCommitted) {
            part.end(step);
            committed.add(part);
        }
        player.part = null;
        player.savepoint = null;
    }

    @Override
    public void close() throws SQLException {
        for (Player player : players) {
            player.connection.close();
        }
        definer.connection().close();
    }
}
