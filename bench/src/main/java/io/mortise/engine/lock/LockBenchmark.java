package io.mortise.engine.lock;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** The parts of the lock room. In its package, because what is measured is not public. */
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up
public class LockBenchmark {
    /** A lock manager and a table of it. */
    @State(Scope.Benchmark)
    public static class Locks {
        private static final LockTarget.Table TABLE = new LockTarget.Table(1, 39);

        final LockManager manager = new LockManager(System::nanoTime);
        final TableGate gate = manager.gate(TABLE);
        final LockTarget.Row row = new LockTarget.Row(TABLE, 7);
        final AtomicInteger sessions = new AtomicInteger();

        /** Ends its thread. */
        @TearDown
        public void close() {
            manager.close();
        }
    }

    /** A session for each thread. */
    @State(Scope.Thread)
    public static class Client {
        LockOwner owner;

        /** Registers it. */
        @Setup
        public void register(Locks locks) {
            owner = locks.manager.register(locks.sessions.incrementAndGet(), "SA");
        }
    }

    /** Ten thousand requests in one queue, and one more whose wait could close a cycle. */
    @State(Scope.Thread)
    public static class Crowd {
        private static final LockTarget.Table HOT = new LockTarget.Table(1, 1);
        private static final LockTarget.Table WANTED = new LockTarget.Table(1, 2);

        LockTable table;

        /** Fills the queue. */
        @Setup(Level.Iteration)
        public void fill() {
            table = new LockTable(new Victims(new Parties()), queue -> {});
            ask(0, HOT);
            ask(10_001, WANTED);
            for (int session = 1; session <= 10_000; session++) {
                ask(session, HOT);
            }
        }

        Decision ask(int session, LockTarget target) {
            return table.request(new LockRequest(
                    new OwnerId(session, session + 1),
                    target,
                    LockMode.X,
                    StatementRecord.NONE,
                    1,
                    WaitRule.Place.IN_LINE));
        }
    }

    /** A thousand sessions with a lock on the fast path and one in the table each. */
    @State(Scope.Thread)
    public static class Town {
        final LockManager manager = new LockManager(System::nanoTime);

        /** Lets them all take their locks. */
        @Setup
        public void fill() {
            for (int session = 1; session <= 1_000; session++) {
                LockOwner owner = manager.register(session, "SA");
                manager.tryIntent(owner, manager.gate(Locks.TABLE), LockMode.IX);
                manager.acquire(owner, new LockTarget.Name("n" + session), LockMode.X, WaitRule.noWait());
            }
        }

        /** Ends its thread. */
        @TearDown
        public void close() {
            manager.close();
        }
    }

    /** What every lock view begins with. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public LockSnapshot snapshotOfThousandSessions(Town town) {
        return town.manager.snapshot();
    }

    /** A look at the table's door. */
    @Benchmark
    public boolean gate(Locks locks) {
        return locks.gate.isOpen();
    }

    /** An intent lock on a table, and its release with the transaction. */
    @Benchmark
    public boolean intentLock(Locks locks, Client client) {
        boolean taken = locks.manager.tryIntent(client.owner, locks.gate, LockMode.IX);
        locks.manager.releaseAll(client.owner);
        return taken;
    }

    /** The same by two threads at once. */
    @Benchmark
    @Threads(2)
    public boolean intentLockByTwo(Locks locks, Client client) {
        return intentLock(locks, client);
    }

    /** A strong lock on a table, through the mutex. */
    @Benchmark
    public WaitOutcome strongLock(Locks locks, Client client) {
        WaitOutcome outcome = locks.manager.acquire(client.owner, locks.gate.table(), LockMode.X, WaitRule.noWait());
        locks.manager.releaseAll(client.owner);
        return outcome;
    }

    /** What a row costs that nobody waits for. */
    @Benchmark
    public boolean uncontendedRow(Locks locks, Client client) {
        return locks.manager.admits(client.owner, locks.row);
    }

    /** Whether a wait closes a cycle, with ten thousand others waiting: it does, and is undone. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public Decision deadlockAmongTenThousand(Crowd crowd) {
        Decision decision = crowd.ask(0, Crowd.WANTED);
        crowd.table.withdraw(0, 1);
        return decision;
    }
}
