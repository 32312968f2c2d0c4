package io.mortise.driver.integrity;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sessions of plain H2, with nothing of this engine in between. H2 tells nobody when a session begins to wait, so its
 * table of sessions is asked until the statement has ended or a blocker stands there. For the test's thread only.
 */
final class PlainCast implements Cast {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final String url = "jdbc:h2:mem:plain-" + UUID.randomUUID() + ";LOCK_TIMEOUT=600000";
    private final Map<String, Player> players = new LinkedHashMap<>();
    private final Connection aside;

    PlainCast() {
        aside = connect();
    }

    @Override
    public Line run(String session, String sql) {
        return players.computeIfAbsent(session, name -> new Player()).run(sql);
    }

    @Override
    public boolean isWaiting(String session) {
        Player player = players.get(session);
        return player != null && player.isWaiting();
    }

    @Override
    public List<String> aside(String sql) {
        try {
            return Result.of(aside, sql).rows;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    @Override
    public void close() {
        try {
            for (Player player : players.values()) {
                player.close();
            }
            aside.close();
        } catch (SQLException e) {
            throw new AssertionError("a session of plain H2 could not be closed", e);
        }
    }

    private Connection connect() {
        try {
            return DriverManager.getConnection(url, "sa", "");
        } catch (SQLException e) {
            throw new AssertionError("no database of plain H2", e);
        }
    }

    private record Result(List<String> rows, long changed, String sqlState) implements Line {
        static Result of(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql)
                        ? new Result(read(statement.getResultSet()), -1, "")
                        : new Result(List.of(), statement.getLargeUpdateCount(), "");
            }
        }

        private static List<String> read(ResultSet result) throws SQLException {
            List<String> rows = new ArrayList<>();
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringJoiner row = new StringJoiner(" | ");
                for (int i = 1; i <= columns; i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "NULL" : value);
                }
                rows.add(row.toString());
            }
            return rows;
        }

        @Override
        public boolean isOver() {
            return true;
        }

        @Override
        public boolean hasFailed() {
            return !sqlState.isEmpty();
        }
    }

    /** A statement that may still run. */
    private record Running(Future<Result> future) implements Line {
        @Override
        public boolean isOver() {
            return future.isDone();
        }

        @Override
        public boolean hasFailed() {
            return isOver() && result().hasFailed();
        }

        @Override
        public String sqlState() {
            return isOver() ? result().sqlState : "";
        }

        @Override
        public List<String> rows() {
            return result().rows;
        }

        @Override
        public long changed() {
            return result().changed;
        }

        private Result result() {
            try {
                return future.get(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("plain H2 neither answered nor failed", e);
            }
        }
    }

    private final class Player {
        private final Connection connection = connect();
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final String id;
        private Running last = new Running(thread.submit(() -> new Result(List.of(), -1, "")));

        Player() {
            try {
                connection.setAutoCommit(false);
                id = Result.of(connection, "CALL SESSION_ID()").rows.get(0);
                connection.commit();
            } catch (SQLException e) {
                throw new AssertionError("no session of plain H2", e);
            }
        }

        Line run(String sql) {
            last = new Running(thread.submit(() -> {
                try {
                    return Result.of(connection, sql);
                } catch (SQLException e) {
                    return new Result(List.of(), -1, String.valueOf(e.getSQLState()));
                }
            }));
            players.values().forEach(Player::settle);
            return last;
        }

        boolean isWaiting() {
            settle();
            return !last.isOver();
        }

        /** Returns once the statement has ended or is seen to wait. */
        private void settle() {
            long began = System.nanoTime();
            while (!last.isOver() && !isBlocked()) {
                if (System.nanoTime() - began > PATIENCE_NANOS) {
                    throw new AssertionError("A session of plain H2 neither ends its statement nor waits for another.");
                }
            }
        }

        // A blocker that has ended its transaction stays a blocker until the waiter has woken up.
        private boolean isBlocked() {
            return !aside("SELECT 1 FROM INFORMATION_SCHEMA.SESSIONS S JOIN INFORMATION_SCHEMA.SESSIONS B"
                            + " ON S.BLOCKER_ID = B.SESSION_ID WHERE B.CONTAINS_UNCOMMITTED AND S.SESSION_ID = " + id)
                    .isEmpty();
        }

        void close() throws SQLException {
            thread.shutdown();
            connection.close();
        }
    }
}
