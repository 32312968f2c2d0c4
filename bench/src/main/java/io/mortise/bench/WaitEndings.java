package io.mortise.bench;

import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workloads;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long it takes a wait to end: a deadlock from the closing request to the victim's error, a cancel and an abort from
 * the call to the waiter's error.
 */
@Command(name = "wait-endings", mixinStandardHelpOptions = true, description = "Times how waits end.")
public final class WaitEndings implements Callable<Integer> {
    /** Long enough for a statement to have come to its wait; nothing measured depends on it being exact. */
    private static final long SETTLE_NANOS = 30_000_000;

    @Option(names = "--times", description = "how often each is done (default: ${DEFAULT-VALUE})")
    private int times = 200;

    @Option(names = "--engines", split = ",", description = "${COMPLETION-CANDIDATES} (default: H2,MORTISE)")
    private List<Competitor> engines = List.of(Competitor.H2, Competitor.MORTISE);

    private final ExecutorService waiter = Executors.newSingleThreadExecutor();

    /** The command line; {@code --help} explains it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new WaitEndings())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        System.out.printf(
                Locale.ROOT, "%-16s %-9s %6s %12s %12s%n", "ending", "engine", "times", "median ms", "p99 ms");
        for (Competitor engine : engines) {
            try (Connection one = engine.connect("endings");
                    Connection two = engine.connect("endings")) {
                Workloads.makeTables(one, 10);
                one.setAutoCommit(false);
                two.setAutoCommit(false);
                report("row deadlock", engine, () -> deadlock(one, two));
                report("cancel", engine, () -> cancel(one, two));
                report("abort session", engine, () -> abort(engine, one));
            } finally {
                engine.drop("endings");
            }
        }
        waiter.shutdown();
        return 0;
    }

    private void report(String ending, Competitor engine, Callable<Double> once) throws Exception {
        List<Double> millis = new ArrayList<>();
        long enough = System.nanoTime() + 60_000_000_000L;
        for (int i = 0; i < times && (i < 5 || System.nanoTime() < enough); i++) {
            double one = once.call();
            if (i >= 3) { // Three to warm up.
                millis.add(one);
            }
        }
        Collections.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%-16s %-9s %6d %12.3f %12.3f%n",
                ending,
                engine,
                millis.size(),
                millis.get(millis.size() / 2),
                millis.get((int) Math.min(millis.size() - 1, millis.size() * 0.99)));
    }

    private double deadlock(Connection one, Connection two) throws Exception {
        update(one, 1);
        update(two, 2);
        Future<Long> waits = waiter.submit(() -> failure(one, 2));
        LockSupport.parkNanos(SETTLE_NANOS);
        long begin = System.nanoTime();
        long failed = failure(two, 1);
        if (failed == 0) { // The other one was the victim.
            two.rollback();
        }
        long end = failed == 0 ? waits.get() : failed;
        two.rollback();
        waits.get();
        one.rollback();
        return (end - begin) / 1e6;
    }

    private double cancel(Connection one, Connection two) throws Exception {
        update(two, 1);
        try (Statement statement = one.createStatement()) {
            Future<Long> waits = waiter.submit(() -> failure(statement, 1));
            LockSupport.parkNanos(SETTLE_NANOS);
            long begin = System.nanoTime();
            statement.cancel();
            double millis = (waits.get() - begin) / 1e6;
            two.rollback();
            one.rollback();
            return millis;
        }
    }

    private double abort(Competitor engine, Connection killer) throws Exception {
        try (Connection holder = engine.connect("endings");
                Connection victim = engine.connect("endings");
                Statement ask = victim.createStatement();
                Statement kill = killer.createStatement()) {
            holder.setAutoCommit(false);
            update(holder, 1);
            var answer = ask.executeQuery("CALL SESSION_ID()");
            answer.next();
            int session = answer.getInt(1);
            Future<Long> waits = waiter.submit(() -> failure(victim, 1));
            LockSupport.parkNanos(SETTLE_NANOS);
            long begin = System.nanoTime();
            kill.execute("CALL ABORT_SESSION(" + session + ")");
            double millis = (waits.get() - begin) / 1e6;
            holder.rollback();
            return millis;
        }
    }

    private static void update(Connection connection, int id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = " + id);
        }
    }

    /** When the update failed, 0 if it did not. */
    private static long failure(Connection connection, int id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return failure(statement, id);
        }
    }

    private static long failure(Statement statement, int id) {
        try {
            statement.executeUpdate("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = " + id);
            return 0;
        } catch (SQLException expected) {
            return System.nanoTime();
        }
    }
}
