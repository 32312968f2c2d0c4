package io.mortise.bench.round;

import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workload;
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
import org.HdrHistogram.Histogram;

/** One workload on one competitor: its database, its connections and its threads, for as many rounds as are wanted. */
public final class Arena implements AutoCloseable {
    private static final String DATABASE = "bench";

    private final Workload workload;
    private final Competitor competitor;
    private final ExecutorService threads;
    private final List<Connection> connections = new ArrayList<>();
    private final List<Workload.Client> clients = new ArrayList<>();
    private final Connection keeper;

    /** Makes the database, and connects everybody. */
    public Arena(Workload workload, Competitor competitor) throws SQLException {
        this.workload = workload;
        this.competitor = competitor;
        this.threads = Executors.newFixedThreadPool(workload.threads());
        this.keeper = competitor.connect(DATABASE);
        workload.prepare(keeper);
        for (int i = 0; i < workload.threads(); i++) {
            Connection connection = competitor.connect(DATABASE);
            connections.add(connection);
            clients.add(workload.client(connection, new Random(i)));
        }
    }

    /** Lets everybody work for so long, and finish what they are at; then looks whether nothing was lost. */
    public Round round(long nanos) throws Exception {
        CyclicBarrier start = new CyclicBarrier(clients.size());
        List<Future<Share>> shares = new ArrayList<>();
        for (Workload.Client client : clients) {
            Callable<Share> work = () -> {
                start.await();
                return work(client, nanos);
            };
            shares.add(threads.submit(work));
        }
        long[] units = new long[shares.size()];
        long[] worked = new long[shares.size()];
        long retries = 0;
        Histogram latencies = new Histogram(3);
        for (int i = 0; i < units.length; i++) {
            Share share = shares.get(i).get();
            units[i] = share.units;
            worked[i] = share.nanos;
            retries += share.retries;
            latencies.add(share.latencies);
        }
        workload.check(keeper);
        return new Round(units, worked, retries, latencies);
    }

    private record Share(long units, long nanos, long retries, Histogram latencies) {}

    private static Share work(Workload.Client client, long nanos) throws SQLException {
        Histogram latencies = new Histogram(3);
        long begin = System.nanoTime();
        long units = 0;
        long retries = 0;
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
                retries++;
            }
        } while (now - begin < nanos);
        return new Share(units, now - begin, retries, latencies);
    }

    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        for (Connection connection : connections) {
            connection.close();
        }
        keeper.close();
        competitor.drop(DATABASE);
    }
}
