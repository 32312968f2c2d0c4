package io.mortise.bench.heap;

import io.mortise.bench.workload.Competitor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The things that are weighed: each makes many of one kind, so that the rest does not matter. */
public final class Weights {
    private static final int TABLES = 1_000;
    /** H2 2.5.252 has room for 255 open transactions. */
    private static final int SESSIONS = 200;

    private static final int STATEMENTS = 50_000;
    private static final int SAMPLES = 3;

    private Weights() {}

    /** A database with something in it, made heavier and let go. One thread at a time. */
    public interface Load {
        /** What is there before. */
        void prepare(Connection connection) throws SQLException;

        /**
         * Makes the things; returns how many. Whatever is added to {@code open} is closed when they have been weighed.
         */
        int add(Place place) throws Exception;

        /** How many statements the journal keeps: few, so that it is full and weighs the same before and after. */
        default int journalSize() {
            return 100;
        }

        /** Do the things stay when the transaction ends? */
        default boolean stays() {
            return false;
        }

        /** Can plain H2 do it, too? */
        default boolean isOnH2() {
            return true;
        }
    }

    /** Where things are added. */
    public record Place(Competitor competitor, String database, Connection connection, List<Connection> open) {}

    /** @param rows how many are updated in one transaction */
    public static Map<String, Load> all(int rows) {
        Map<String, Load> all = new LinkedHashMap<>();
        all.put("updated row, uncommitted", new Rows(rows));
        all.put("table lock", new Tables());
        all.put("session, idle", new Sessions(""));
        all.put("session with an open transaction", new Sessions("UPDATE T SET V = 1 WHERE ID = "));
        all.put("journal entry of a statement", new Journal());
        all.put("note of a read at SERIALIZABLE", new Notes());
        return all;
    }

    private record Rows(int rows) implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            makeRows(connection, rows);
        }

        @Override
        public int add(Place place) throws SQLException {
            place.connection().setAutoCommit(false);
            execute(place.connection(), "UPDATE T SET V = V + 1");
            return rows;
        }
    }

    private static final class Tables implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            for (int i = 0; i < TABLES; i++) {
                execute(connection, "CREATE TABLE T" + i + "(ID INT)");
            }
        }

        @Override
        public int add(Place place) throws SQLException {
            place.connection().setAutoCommit(false);
            for (int i = 0; i < TABLES; i++) {
                execute(place.connection(), "LOCK TABLE T" + i + " IN EXCLUSIVE MODE");
            }
            return TABLES;
        }

        @Override
        public boolean isOnH2() {
            return false;
        }
    }

    private record Sessions(String update) implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            makeRows(connection, SESSIONS);
        }

        @Override
        public int add(Place place) throws SQLException {
            for (int i = 0; i < SESSIONS; i++) {
                Connection session = place.competitor().connect(place.database());
                place.open().add(session);
                if (!update.isEmpty()) {
                    session.setAutoCommit(false);
                    execute(session, update + i);
                }
            }
            return SESSIONS;
        }
    }

    /** A journal that has room for all of them. */
    private static final class Journal implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            makeRows(connection, 10);
        }

        @Override
        public int journalSize() {
            return STATEMENTS;
        }

        @Override
        public boolean stays() {
            return true;
        }

        @Override
        public boolean isOnH2() {
            return false;
        }

        @Override
        public int add(Place place) throws SQLException {
            try (PreparedStatement select = place.connection().prepareStatement("SELECT V FROM T WHERE ID = ?")) {
                for (int i = 0; i < STATEMENTS; i++) {
                    select.setInt(1, i % 10);
                    select.executeQuery().close();
                }
            }
            return STATEMENTS;
        }
    }

    /** Each of another row, in one transaction that has room for all of them. */
    private static final class Notes implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            makeRows(connection, STATEMENTS);
            execute(connection, "SET PARAMETER SERIALIZABLE_TRANSACTION_NOTES = " + 2 * STATEMENTS);
        }

        @Override
        public boolean isOnH2() {
            return false;
        }

        @Override
        public int add(Place place) throws SQLException {
            place.connection().setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            place.connection().setAutoCommit(false);
            try (PreparedStatement select = place.connection().prepareStatement("SELECT V FROM T WHERE ID = ?")) {
                for (int i = 0; i < STATEMENTS; i++) {
                    select.setInt(1, i);
                    select.executeQuery().close();
                }
            }
            return STATEMENTS;
        }
    }

    private static void makeRows(Connection connection, int rows) throws SQLException {
        execute(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        execute(connection, "INSERT INTO T SELECT X - 1, 0 FROM SYSTEM_RANGE(1, " + rows + ")");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Bytes of one thing: of all classes, and of our own alone. */
    public record Weight(int things, double bytes, double ours) {}

    /**
     * Makes the things and weighs what has come, some times over; the median. The first time is not counted: it loads
     * classes and fills caches.
     */
    public static Weight weigh(Load load, Competitor competitor) throws Exception {
        List<Weight> weights = new ArrayList<>();
        List<String> databases = new ArrayList<>();
        try {
            while (weights.size() <= SAMPLES) {
                databases.add("heap" + databases.size());
                int times = load.stays() ? 1 : SAMPLES + 1;
                weights.addAll(weighIn(databases.get(databases.size() - 1), load, competitor, times));
            }
        } finally {
            // Not before: what is left of one would go while the next is weighed.
            for (String database : databases) {
                competitor.drop(database);
            }
        }
        weights.remove(0);
        weights.sort(Comparator.comparingDouble(Weight::bytes));
        return weights.get(SAMPLES / 2);
    }

    private static List<Weight> weighIn(String database, Load load, Competitor competitor, int times) throws Exception {
        List<Weight> weights = new ArrayList<>();
        String settings = competitor.isOurs() ? ";JOURNAL_SIZE=" + load.journalSize() : "";
        try (Connection connection = competitor.connect(database, settings)) {
            load.prepare(connection);
            for (int i = 0; i < times; i++) {
                weights.add(weighOnce(load, new Place(competitor, database, connection, new ArrayList<>())));
            }
        }
        return weights;
    }

    private static Weight weighOnce(Load load, Place place) throws Exception {
        Histogram before = Histogram.now();
        int things = load.add(place);
        Histogram after = Histogram.now();
        for (Connection connection : place.open()) {
            connection.close();
        }
        if (!place.connection().getAutoCommit()) {
            place.connection().rollback();
        }
        return new Weight(
                things,
                (double) (after.total() - before.total()) / things,
                (double) (after.ours() - before.ours()) / things);
    }
}
