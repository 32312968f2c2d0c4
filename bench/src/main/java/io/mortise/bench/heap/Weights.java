package io.mortise.bench.heap;

import io.mortise.bench.workload.Competitor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The things that are weighed: each makes many of one kind, so that the rest does not matter. */
public final class Weights {
    private static final int ROWS = 200_000;
    private static final int TABLES = 1_000;
    private static final int SESSIONS = 1_000;
    private static final int STATEMENTS = 50_000;

    private Weights() {}

    /** A database with something in it, made heavier and let go. One thread at a time. */
    public interface Load {
        /** What is there before. */
        void prepare(Connection connection) throws SQLException;

        /** Makes the things; returns how many. Whatever is added to {@code open} is closed when they have been weighed. */
        int add(Place place) throws Exception;

        /** Added to the URL. */
        default String settings() {
            return "";
        }

        /** Can plain H2 do it, too? */
        default boolean isOnH2() {
            return true;
        }
    }

    /** Where things are added. */
    public record Place(Competitor competitor, String database, Connection connection, List<Connection> open) {}

    public static Map<String, Load> all() {
        Map<String, Load> all = new LinkedHashMap<>();
        all.put("updated row, uncommitted", new Rows());
        all.put("table lock", new Tables());
        all.put("session, idle", new Sessions(""));
        all.put("session with an open transaction", new Sessions("UPDATE T SET V = 1 WHERE ID = "));
        all.put("journal entry of a statement", new Journal());
        return all;
    }

    private static final class Rows implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            makeRows(connection, ROWS);
        }

        @Override
        public int add(Place place) throws SQLException {
            place.connection().setAutoCommit(false);
            execute(place.connection(), "UPDATE T SET V = V + 1");
            return ROWS;
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

    /** A journal that has room for all, against one that is full already. */
    private static final class Journal implements Load {
        @Override
        public void prepare(Connection connection) throws SQLException {
            makeRows(connection, 10);
        }

        @Override
        public String settings() {
            return ";JOURNAL_SIZE=" + STATEMENTS;
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

    /** Makes the things in a database of their own and weighs what has come. */
    public static Weight weigh(Load load, Competitor competitor) throws Exception {
        List<Connection> open = new ArrayList<>();
        try (Connection connection = competitor.connect("heap", load.settings())) {
            load.prepare(connection);
            Histogram before = Histogram.now();
            int things = load.add(new Place(competitor, "heap", connection, open));
            Histogram after = Histogram.now();
            return new Weight(
                    things,
                    (double) (after.total() - before.total()) / things,
                    (double) (after.ours() - before.ours()) / things);
        } finally {
            for (Connection connection : open) {
                connection.close();
            }
            competitor.drop("heap");
        }
    }
}
