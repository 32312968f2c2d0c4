package io.mortise.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.DeadlockException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs the statements of several sessions in one order by any driver, and writes down what came of each: done, waits,
 * or failed. A session that waits when its turn comes has it as soon as it can. One thread at a time.
 */
final class Permutation implements AutoCloseable {
    /** Where connections come from: this driver, or pgjdbc alone. */
    interface Driver {
        Connection connect() throws SQLException;
    }

    private static final Map<String, String> CAUSES =
            Map.of("40P01", "deadlock", "40001", "serialization", "55P03", "timeout", "HYT00", "timeout");

    private final Map<String, Connection> sessions = new LinkedHashMap<>();
    private final Map<String, List<String>> scripts = new LinkedHashMap<>();
    private final Map<String, CompletableFuture<String>> pending = new LinkedHashMap<>();
    private final Set<String> waiting = new TreeSet<>();
    private final List<String> trace = new ArrayList<>();
    private final Connection observer = TestServer.plain();
    private final Connection reader;
    private boolean isOver;

    Permutation(Driver driver, Map<String, List<String>> scripts) throws SQLException {
        this.reader = driver.connect();
        for (Map.Entry<String, List<String>> script : scripts.entrySet()) {
            Connection session = driver.connect();
            session.setAutoCommit(false);
            sessions.put(script.getKey(), session);
            this.scripts.put(script.getKey(), new ArrayList<>(script.getValue()));
        }
    }

    /** What came of it, and what a query finds at the end. */
    List<String> play(List<String> order, String query) throws Exception {
        List<String> due = new ArrayList<>();
        for (String turn : order) {
            due.add(turn);
            while (playsOneOf(due)) {
                settle();
            }
        }
        assertThat(pending).isEmpty();
        trace.add("at last " + TestServer.column(observer, query));
        return trace;
    }

    private boolean playsOneOf(List<String> due) {
        for (String session : due) {
            if (!pending.containsKey(session)) {
                due.remove(session);
                List<String> script = scripts.getOrDefault(session, List.of());
                if (!script.isEmpty()) {
                    begin(session, script.remove(0));
                }
                return true;
            }
        }
        return false;
    }

    private void begin(String session, String sql) {
        Connection connection = Objects.requireNonNull(sessions.get(session));
        pending.put(
                session,
                CompletableFuture.supplyAsync(() -> run(connection, sql), step -> new Thread(step, session).start()));
        note(session + ": " + sql);
    }

    private void note(String line) {
        if (!isOver) {
            trace.add(line);
        }
    }

    private static String run(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql) ? rows(statement) : "done " + statement.getUpdateCount();
        } catch (DeadlockException e) {
            return "deadlock";
        } catch (SQLException e) {
            return CAUSES.getOrDefault(e.getSQLState(), String.valueOf(e.getSQLState()));
        }
    }

    private static String rows(Statement statement) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
        }
        return "rows " + found;
    }

    /**
     * Returns when everybody is done or waits; if all wait for one another, when one of them has failed. Who came last
     * is looked at first: what it does may let others go.
     */
    private void settle() throws Exception {
        boolean goesOn = true;
        while (goesOn) {
            goesOn = false;
            List<String> all = new ArrayList<>(pending.keySet());
            Collections.reverse(all);
            for (String session : all) {
                goesOn |= settles(session);
            }
            if (!goesOn && !pending.isEmpty() && pending.size() == sessions.size()) {
                deadlock();
                CompletableFuture.anyOf(pending.values().toArray(CompletableFuture[]::new))
                        .get(60, TimeUnit.SECONDS);
                goesOn = true;
            }
        }
    }

    /** Which of them fails, and what is seen of the others before, depends on who looks first. */
    private void deadlock() {
        while (!isOver && !trace.get(trace.size() - 1).contains(": ")) {
            trace.remove(trace.size() - 1);
        }
        note("deadlock");
        isOver = true;
    }

    /** True if it has ended, and may have let others go. */
    private boolean settles(String session) throws Exception {
        CompletableFuture<String> run = Objects.requireNonNull(pending.get(session));
        Connection connection = Objects.requireNonNull(sessions.get(session));
        while (!run.isDone() && !waits(connection)) {
            Thread.onSpinWait();
        }
        if (!run.isDone() && waiting.add(session)) {
            isSeenToWait(connection);
            if (!hasLimit(connection)) {
                note(session + " waits");
            }
        }
        if (!run.isDone() && !hasLimit(connection)) {
            return false;
        }
        waiting.remove(session);
        String end = run.get(60, TimeUnit.SECONDS);
        pending.remove(session);
        if (end.equals("deadlock")) {
            deadlock();
        }
        note(session + " " + end);
        if (!end.startsWith("done") && !end.startsWith("rows")) {
            connection.rollback();
            scripts.getOrDefault(session, List.of()).clear();
        }
        return true;
    }

    private boolean waits(Connection connection) throws SQLException {
        return found("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = ? AND NOT granted)", connection);
    }

    private boolean hasLimit(Connection connection) throws SQLException {
        return found(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ? AND query LIKE '%-- limited%')", connection);
    }

    private boolean found(String question, Connection connection) throws SQLException {
        try (PreparedStatement query = observer.prepareStatement(question)) {
            query.setInt(1, TestServer.pid(connection));
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private void isSeenToWait(Connection connection) throws SQLException {
        if (reader.unwrap(Connection.class).getMetaData().getDriverName().startsWith("Mortise")) {
            Set<String> waiters = new TreeSet<>(TestServer.column(reader, "SELECT session FROM SYS.LOCK_WAITS"));
            // Who was the victim of a deadlock in the meantime waits no more.
            assertThat(waiters.contains(String.valueOf(TestServer.pid(connection))) || !waits(connection))
                    .isTrue();
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection session : sessions.values()) {
            session.rollback();
            session.close();
        }
        reader.close();
        observer.close();
    }
}
