package io.mortise.engine.lock;

import io.mortise.engine.thread.LateStack;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A thread that waits for a lock, and how its wait has ended. The thread itself blocks here; who decides says so under
 * the mutex and wakes it afterwards.
 */
final class Waiter {
    /** How a wait has ended. */
    sealed interface End {}

    record WithLock() implements End {}

    /**
     * Without the lock.
     *
     * @param request as it stood in the queue, with its blockers
     * @param queue the requests ahead of it
     */
    record WithoutLock(WaitEnding ending, LockRow request, List<LockRow> queue) implements End {}

    /** As the one who gives way in a deadlock. */
    record AsVictim(Cycle cycle) implements End {}

    /**
     * A deadlock, and how it comes to know where its members' threads stand. No member goes on before the victim does.
     * So the closer puts down where it stands itself. The victim does the same before it goes on, and sees to all
     * others. In a cycle of two no thread is stopped for that. Thread-safe.
     */
    static final class Cycle {
        /** To tell of it takes a fraction of a millisecond. */
        private static final long LONGEST_TELLING_MILLIS = 100;

        private final DeadlockReport report;
        private final CountDownLatch told = new CountDownLatch(1);

        /** By the closer, which may be no member: under the mutex, so nobody can read of it before. */
        Cycle(DeadlockReport report) {
            this.report = report;
            stacks(LateStack::putDownOwn);
        }

        DeadlockReport report() {
            return report;
        }

        /** All who listen have heard of it. */
        void told() {
            told.countDown();
        }

        /**
         * By the victim, when it has given everything back: its client finds the deadlock where deadlocks are listed.
         * The closer tells of it meanwhile, under no mutex, and needs nothing of the victim for that.
         */
        void awaitTold() {
            stayAwake(() -> told.getCount() == 0, LONGEST_LOOK_NANOS);
            try {
                boolean unused = told.await(LONGEST_TELLING_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // Then its client hears of it first.
            }
        }

        /** By the victim, before it goes on. */
        void givesWay() {
            stacks(LateStack::putDown);
        }

        /** Makes words of what has been put down, while the victim is at work. */
        void read() {
            stacks(LateStack::readIfPutDown);
        }

        /** Keeps nothing of the threads and of the application's classes from now on. */
        void settle() {
            told();
            stacks(LateStack::read);
        }

        private void stacks(Consumer<LateStack> action) {
            for (DeadlockReport.Member member : report.members()) {
                if (member.party().stack() instanceof LateStack stack) {
                    action.accept(stack);
                }
            }
        }
    }

    private static final End NOT_YET = new WithLock();

    /** Who was roused and has heard nothing for so long was roused for nothing. */
    private static final long LONGEST_AWAKE_NANOS = 250_000;

    /** And who waits for others to finish what they are at does so awake for so long, and asleep from then on. */
    private static final long LONGEST_LOOK_NANOS = 50_000;

    /** Another processor is needed for the others. */
    private static final boolean ALONE = Runtime.getRuntime().availableProcessors() == 1;

    final LockRequest request;
    final WaitRule rule;
    private final Optional<Holding> holder;
    private final Thread thread = Thread.currentThread();
    private volatile End end = NOT_YET;
    private volatile boolean roused;

    Waiter(LockRequest request, WaitRule rule) {
        this(request, rule, Optional.empty());
    }

    /** @param holder who had it in storage when it was asked for */
    Waiter(LockRequest request, WaitRule rule, Optional<Holding> holder) {
        this.request = request;
        this.rule = rule;
        this.holder = holder;
    }

    /** The session that had it in storage, if it was known. */
    Optional<Integer> holder() {
        return holder.map(held -> held.owner().session());
    }

    /** Did this session have in storage what is waited for? Others may have it by now. */
    boolean isBehind(int session) {
        return holder().filter(held -> held == session).isPresent();
    }

    boolean isOver() {
        return end != NOT_YET;
    }

    End end() {
        return end;
    }

    /** Says how the wait has ended. Under the mutex, once. */
    void finish(End how) {
        end = how;
    }

    /** It gets nothing, and has not waited. Under the mutex, once. */
    void refuse(WaitEnd why) {
        finish(new WithoutLock(WaitEnding.of(why), asRow(), List.of()));
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Its end seems to be near: to be woken takes longer than to decide that. */
    void rouse() {
        if (!isOver() && !ALONE) {
            roused = true;
            wake();
        }
    }

    boolean isRoused() {
        return roused;
    }

    /** Blocks the calling thread, the waiter's own, for at most {@code nanos}; may return early for no reason. */
    void park(long nanos) {
        if (roused) {
            roused = false;
            stayAwake(this::isOver, LONGEST_AWAKE_NANOS);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
    }

    private static void stayAwake(BooleanSupplier isOver, long longestNanos) {
        long began = System.nanoTime();
        while (!ALONE && !isOver.getAsBoolean() && System.nanoTime() - began < longestNanos) {
            Thread.onSpinWait();
        }
    }

    /** Does it wait if it is not granted at once? */
    boolean waits() {
        return rule.timeoutMillis() > 0;
    }

    /** How long the wait may last, in nanoseconds. */
    long limitNanos() {
        return rule.timeoutMillis() > Long.MAX_VALUE / 1_000_000 ? Long.MAX_VALUE : rule.timeoutMillis() * 1_000_000;
    }

    LockRow asRow() {
        return new LockRow(
                request.owner(),
                request.target(),
                request.mode(),
                false,
                request.nanos(),
                0,
                request.statement(),
                false,
                List.of(),
                0);
    }
}
