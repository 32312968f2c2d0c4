package io.mortise.bench.round;

import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workload;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** One workload on one competitor: its database, its connections and its threads, for as many rounds as are wanted. */
public final class Arena implements AutoCloseable {
    /** A unit that has not ended so long after its round hangs: the largest is a million rows, on a busy machine. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Workload workload;
    private final Competitor competitor;
    private final String database;
    private final ExecutorService threads;
    private final List<Connection> connections = new ArrayList<>();
    private final List<Workload.Client> clients = new ArrayList<>();
    private final Connection keeper;
    private long unitsInAll;
    private boolean hangs;

    /** Makes the database, and connects everybody. */
    public Arena(Workload workload, Competitor competitor) throws SQLException {
        this.workload = workload;
        this.competitor = competitor;
        this.database = workload.name().replace('-', '_'); // Its own: one that hangs is left behind.
        this.threads = Executors.newFixedThreadPool(workload.threads(), work -> {
            Thread thread = new Thread(work, competitor + " client");
            thread.setDaemon(true); // One that hangs must not keep the program.
            return thread;
        });
        this.keeper = competitor.connect(database);
        workload.prepare(keeper);
        for (int i = 0; i < workload.threads(); i++) {
            Connection connection = competitor.connect(database);
            connections.add(connection);
            clients.add(workload.client(connection, new Random(i)));
        }
    }

    /**
     * Lets everybody work for so long, and finish what they are at; then looks whether nothing was lost.
     *
     * @throws TimeoutException if somebody does not finish; there are no more rounds after that
     */
    public Round round(long nanos) throws Exception {
        System.gc(); // What the others have left behind is not this one's to clear away.
        Usage before = Usage.ofTheProcess();
        CyclicBarrier start = new CyclicBarrier(clients.size());
        List<Future<Share>> futures = new ArrayList<>();
        for (Workload.Client client : clients) {
            Callable<Share> work = () -> {
                start.await();
                return work(client, nanos);
            };
            futures.add(threads.submit(work));
        }
        List<Share> shares = new ArrayList<>();
        long deadline = System.nanoTime() + nanos + PATIENCE_NANOS;
        for (Future<Share> future : futures) {
            try {
                shares.add(future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                hangs = true;
                throw e;
            }
        }
        Round round = sum(shares, Usage.ofTheProcess().since(before));
        unitsInAll += round.unitsInAll();
        workload.check(keeper, unitsInAll);
        return round;
    }

    private static Round sum(List<Share> shares, Usage ofTheProcess) {
        Usage usage = shares.stream().map(Share::usage).reduce(ofTheProcess, Usage::plus);
        Histogram latencies = new Histogram(3);
        shares.forEach(share -> latencies.add(share.latencies));
        return new Round(
                shares.stream().mapToLong(Share::units).toArray(),
                shares.stream().mapToLong(Share::nanos).toArray(),
                shares.stream().mapToLong(Share::refusals).sum(),
                shares.stream().mapToLong(Share::timeouts).sum(),
                usage,
                latencies);
    }

    private record Share(long units, long nanos, long refusals, long timeouts, Usage usage, Histogram latencies) {}

    private static Share work(Workload.Client client, long nanos) throws SQLException, IOException {
        Histogram latencies = new Histogram(3);
        Usage before = Usage.ofThisThread();
        long begin = System.nanoTime();
        long units = 0;
        long refusals = 0;
        long timeouts = 0;
        long first = begin; // The unit's first try: being refused is part of how long it takes.
        long now;
        do {
            int done = client.run();
            now = System.nanoTime();
            if (done > 0) {
                latencies.recordValue(now - first);
                first = now;
                units += done;
            } else {
                refusals += done == Workload.Client.REFUSED ? 1 : 0;
                timeouts += done == Workload.Client.TIMED_OUT ? 1 : 0;
            }
        } while (now - begin < nanos);
        return new Share(
                units, now - begin, refusals, timeouts, Usage.ofThisThread().since(before), latencies);
    }

    /** Nothing of one that hangs can be closed: that would hang too. */
    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        if (hangs) {
            return;
        }
        for (Connection connection : connections) {
            if (!connection.getAutoCommit()) {
                connection.rollback(); // Derby refuses to close in a transaction.
            }
            connection.close();
        }
        keeper.close();
        competitor.drop(database);
    }
}
