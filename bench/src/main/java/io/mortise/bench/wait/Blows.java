package io.mortise.bench.wait;

import io.mortise.bench.workload.Competitor;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/**
 * The ways to end a wait, each in the words of the database that has it. Statements are not closed here: where the wait
 * goes on, closing one would wait for it; they go with their connections.
 */
public final class Blows {
    private static final long QUERY_TIMEOUT_NANOS = 1_000_000_000;

    private Blows() {}

    /** How one competitor does it; nothing if it cannot. */
    @FunctionalInterface
    public interface ByCompetitor {
        List<Blow> of(Competitor competitor);
    }

    /** The session's number has to be known before the wait begins. */
    private interface SqlOnSession {
        String sql(int session);
    }

    public static Map<String, ByCompetitor> all() {
        Map<String, ByCompetitor> all = new LinkedHashMap<>();
        all.put("deadlock", competitor -> List.of(Blows::deadlock));
        all.put("cancel", competitor -> List.of(Blows::cancel));
        all.put("kill", Blows::kill);
        all.put("abort session", Blows::abortSession);
        all.put("Connection.abort", competitor -> List.of(Blows::abortConnection));
        all.put("Connection.close", competitor -> List.of(Blows::closeConnection));
        all.put("query timeout", competitor -> List.of(Blows::queryTimeout));
        all.put("interrupt", competitor -> List.of(Blows::interrupt));
        return all;
    }

    private static long deadlock(Bout bout) throws Exception {
        Bout.update(bout.waiter, 2);
        Statement closes = bout.holder.createStatement();
        Future<Long> wait = bout.waits(bout.waiter.createStatement(), 1);
        long begin = System.nanoTime();
        long failed = Bout.failure(closes, 2);
        return (failed == 0 ? Bout.end(wait) : failed) - begin;
    }

    private static long cancel(Bout bout) throws Exception {
        Statement statement = bout.waiter.createStatement();
        Future<Long> wait = bout.waits(statement, 1);
        long begin = System.nanoTime();
        statement.cancel();
        return Bout.end(wait) - begin;
    }

    /** How late it comes. */
    private static long queryTimeout(Bout bout) throws Exception {
        Statement statement = bout.waiter.createStatement();
        statement.setQueryTimeout(1);
        long begin = System.nanoTime();
        Future<Long> wait = bout.waits(statement, 1);
        return Bout.end(wait) - begin - QUERY_TIMEOUT_NANOS;
    }

    private static List<Blow> kill(Competitor competitor) {
        return switch (competitor) {
            case H2, H2_FILE, H2_NO_DELAY -> List.of(bySql(session -> "CALL CANCEL_SESSION(" + session + ")"));
            case MORTISE, MORTISE_FILE, MORTISE_NO_DELAY, KOGNITIO, SQREAM, LOCKS ->
                List.of(bySql(session -> "KILL QUERY WHERE SESSION_ID = " + session));
            case HSQLDB -> List.of(bySql(session -> "ALTER SESSION " + session + " END STATEMENT"));
            case DERBY, PGJDBC, MORTISE_PG -> List.of();
        };
    }

    private static List<Blow> abortSession(Competitor competitor) {
        return switch (competitor) {
            case H2, H2_FILE, H2_NO_DELAY -> List.of(bySql(session -> "CALL ABORT_SESSION(" + session + ")"));
            case MORTISE, MORTISE_FILE, MORTISE_NO_DELAY, KOGNITIO, SQREAM, LOCKS ->
                List.of(bySql(session -> "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + session));
            case HSQLDB -> List.of(bySql(session -> "ALTER SESSION " + session + " CLOSE"));
            case DERBY, PGJDBC, MORTISE_PG -> List.of();
        };
    }

    private static Blow bySql(SqlOnSession words) {
        return bout -> {
            int session = Bout.number(bout.waiter, "CALL SESSION_ID()");
            Future<Long> wait = bout.waits(bout.waiter.createStatement(), 1);
            long begin = System.nanoTime();
            Bout.execute(bout.third, words.sql(session));
            return Bout.end(wait) - begin;
        };
    }

    private static long abortConnection(Bout bout) throws Exception {
        Future<Long> wait = bout.waits(bout.waiter.createStatement(), 1);
        long begin = System.nanoTime();
        bout.waiter.abort(Runnable::run);
        return Bout.end(wait) - begin;
    }

    private static long closeConnection(Bout bout) throws Exception {
        Future<Long> wait = bout.waits(bout.waiter.createStatement(), 1);
        long begin = System.nanoTime();
        try {
            bout.waiter.close();
        } catch (SQLException refused) {
            bout.holder.rollback(); // Derby does not close what is in a transaction: that is no ending.
            Bout.end(wait);
            throw new SQLFeatureNotSupportedException(refused);
        }
        return Bout.end(wait) - begin;
    }

    private static long interrupt(Bout bout) throws Exception {
        Future<Long> wait = bout.waits(bout.waiter.createStatement(), 1);
        long begin = System.nanoTime();
        bout.waiterThread.interrupt();
        return Bout.end(wait) - begin;
    }
}
