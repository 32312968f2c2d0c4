package io.mortise.engine.lock;

import io.mortise.engine.thread.StackReads;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is said of a wait, to the one who waited and to those who listen. Called outside the mutex. Thread-safe.
 *
 * <p>A listener that throws keeps neither the others from their news nor a lock from its owner.
 */
final class WaitNews {
    private static final System.Logger LOG = System.getLogger(WaitNews.class.getName());
    /** From then on a wait is worth a look at where the blockers' threads stand. */
    private static final long WORTH_A_STACK_NANOS = 1_000_000_000;

    /** Dumps are so far apart at least. */
    private static final long DUMPS_APART_NANOS = 1_000_000_000;

    private final LongSupplier nanoTime;
    private final StackReads.Spaced dumps = new StackReads.Spaced();
    private final Parties parties;
    private final List<LockListener> listeners = new CopyOnWriteArrayList<>();
    private volatile long dumpNanos = Long.MAX_VALUE;
    private volatile long oldNanos = Long.MAX_VALUE;

    WaitNews(LongSupplier nanoTime, Parties parties) {
        this.nanoTime = nanoTime;
        this.parties = parties;
    }

    void add(LockListener listener) {
        listeners.add(listener);
    }

    void remove(LockListener listener) {
        listeners.remove(listener);
    }

    /** After how long a wait is told to {@link LockListener#waitIsOld} and waitIsLong, in milliseconds; 0 for never. */
    void setAges(long oldMillis, long longMillis) {
        oldNanos = nanos(oldMillis);
        dumpNanos = nanos(longMillis);
    }

    private static long nanos(long millis) {
        return millis <= 0 ? Long.MAX_VALUE : millis * 1_000_000;
    }

    /** How old one wait has grown, as far as anybody was told. Its thread's own. */
    final class Age {
        private boolean isDumped;
        private boolean isToldOld;

        /** At what age there is something to tell next. */
        long next() {
            return Math.min(isDumped ? Long.MAX_VALUE : dumpNanos, isToldOld ? Long.MAX_VALUE : oldNanos);
        }

        /**
         * Tells what is due at this age.
         *
         * @param request the request as it stands now; empty if the wait is over
         */
        void tell(long waitedNanos, Waiter waiter, Supplier<Optional<LockRow>> request, Supplier<LockSnapshot> locks) {
            if (!isToldOld && waitedNanos >= oldNanos) {
                isToldOld = true;
                request.get().ifPresent(row -> tellOld(waiter, row));
            }
            if (!isDumped && waitedNanos >= dumpNanos) {
                isDumped = true;
                tellLong(waitedNanos, locks);
            }
        }
    }

    private void tellOld(Waiter waiter, LockRow request) {
        if (!listeners.isEmpty()) {
            WaitReport report = report(waiter, request, List.of(), nanoTime.getAsLong());
            tell(listener -> listener.waitIsOld(report));
        }
    }

    /**
     * Somebody has waited for so long. Everybody's locks are told, unless they were a moment ago: then this wait was
     * among them, and ten thousand waiters of one row do not tell of ten thousand each.
     */
    void tellLong(long waitedNanos, Supplier<LockSnapshot> locks) {
        if (dumps.lets(nanoTime.getAsLong(), Math.min(DUMPS_APART_NANOS, waitedNanos / 2))) {
            LockSnapshot snapshot = locks.get();
            tell(listener -> listener.waitIsLong(snapshot));
        }
    }

    /** Its owner stands in the queue. */
    void started(LockRow queued, Waiter waiter) {
        parties.waits(waiter);
        tell(listener -> listener.waitStarted(queued));
    }

    /** A deadlock, by the one who has closed it. */
    void found(Waiter.Cycle cycle) {
        tell(listener -> listener.deadlockFound(cycle.report()));
        cycle.told();
        cycle.read();
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // an Error too: it is the listener's, and the lock is somebody else's
    void tell(Consumer<LockListener> news) {
        for (LockListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (Throwable thrown) {
                report(listener, thrown);
            }
        }
    }

    private static void report(LockListener listener, Throwable thrown) {
        try {
            LOG.log(
                    Level.WARNING,
                    "a listener for locks failed: " + listener.getClass().getName(),
                    thrown);
        } catch (Throwable nothingLeftToSayItWith) {
            return; // Out of memory or of stack: the lock is what matters.
        }
    }

    /** The answer to a request whose wait, if there was one, is over. */
    WaitOutcome outcome(Waiter waiter) {
        long now = nanoTime.getAsLong();
        Waiter.End end = waiter.end();
        if (end instanceof Waiter.AsVictim victim) {
            victim.cycle().givesWay();
            parties.of(waiter.request.owner().session()).ifPresent(owner -> owner.givesWay(victim.cycle()));
            return new WaitOutcome.DeadlockVictim(victim.cycle().report());
        }
        if (end instanceof Waiter.WithoutLock ended) {
            return new WaitOutcome.Refused(ended.ending(), report(waiter, ended.request(), ended.queue(), now));
        }
        return new WaitOutcome.Acquired(now - waiter.request.nanos());
    }

    private WaitReport report(Waiter waiter, LockRow request, List<LockRow> queue, long now) {
        long waited = now - request.requestedNanos();
        return new WaitReport(
                request,
                parties.describeWaiter(request, now, Parties.Stacks.LEFT_OUT),
                waited,
                waiter.rule.timeoutMillis(),
                queue,
                parties.describeBlockers(
                        request, now, waited >= WORTH_A_STACK_NANOS ? Parties.Stacks.READ : Parties.Stacks.LEFT_OUT));
    }
}
