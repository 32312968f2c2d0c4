package io.mortise.engine.lock;

import io.mortise.engine.text.UserName;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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

    /** A session for each thread, which runs a statement: no lock is taken without one. */
    @State(Scope.Thread)
    public static class Client {
        LockOwner owner;

        /** Registers it. */
        @Setup
        public void register(Locks locks) {
            int session = locks.sessions.incrementAndGet();
            UserName user = new UserName("SA");
            owner = locks.manager.register(session, user);
            owner.starts(new StatementRecord(
                    session, session, user, "", "UPDATE T SET V = 1", System.nanoTime(), Thread.currentThread()));
        }
    }

    /** Ten thousand requests that wait, and one more whose wait could close a cycle. */
    @State(Scope.Thread)
    public static class Crowd {
        private static final int SIZE = 10_000;
        private static final LockTarget HOT = new LockTarget.Name("hot");
        private static final LockTarget WANTED = new LockTarget.Name("wanted");

        final LockTable inLine = new LockTable(new Victims(new Parties()), queue -> {});
        final LockTable inChain = new LockTable(new Victims(new Parties()), queue -> {});

        /** One queue, whose last is who holds what is wanted; and a chain of sessions that wait each for the next. */
        @Setup
        public void fill() {
            ask(inLine, SIZE + 1, HOT);
            ask(inLine, SIZE, WANTED);
            ask(inLine, 0, own(0));
            for (int session = 1; session <= SIZE; session++) {
                ask(inLine, session, HOT);
            }
            ask(inLine, SIZE + 2, own(0));
            for (int session = 1; session <= SIZE; session++) {
                ask(inChain, session, own(session));
            }
            for (int session = 1; session < SIZE; session++) {
                ask(inChain, session, own(session + 1));
            }
        }

        static LockTarget own(int session) {
            return new LockTarget.Name("own " + session);
        }

        static Decision ask(LockTable table, int session, LockTarget target) {
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
                LockOwner owner = manager.register(session, new UserName("SA"));
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

    /**
     * Whether a wait closes a cycle, where that takes a look at all ten thousand that stand in one queue: it does not,
     * and is withdrawn.
     */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public Decision deadlockSearchOfTenThousand(Crowd crowd) {
        Decision decision = Crowd.ask(crowd.inLine, 0, Crowd.WANTED);
        crowd.inLine.withdraw(0, 1);
        return expect(Decision.Waiting.class, decision);
    }

    /** A wait that closes a cycle of ten thousand; the youngest, who asks, is the victim, so all is as before. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public Decision deadlockOfTenThousand(Crowd crowd) {
        return expect(Decision.Deadlock.class, Crowd.ask(crowd.inChain, Crowd.SIZE, Crowd.own(1)));
    }

    private static Decision expect(Class<?> kind, Decision decision) {
        if (!kind.isInstance(decision)) {
            throw new IllegalStateException("the crowd does not stand as it should: " + decision.getClass());
        }
        return decision;
    }
}
