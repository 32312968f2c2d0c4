package io.mortise.engine.lock;

import java.lang.System.Logger.Level;
import java.util.List;
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

    /**
     * Somebody has waited for so long. Everybody's locks are told, unless they were a moment ago: then this wait was among
     * them, and ten thousand waiters of one row do not tell of ten thousand each.
     */
    void tellLong(long waitedNanos, Supplier<LockSnapshot> locks) {
        if (dumps.lets(nanoTime.getAsLong(), Math.min(DUMPS_APART_NANOS, waitedNanos / 2))) {
            LockSnapshot snapshot = locks.get();
            tell(listener -> listener.waitIsLong(snapshot));
        }
    }

    /** Its owner stands in the queue. */
    void started(LockRow queued) {
        parties.waits(queued.owner());
        tell(listener -> listener.waitStarted(queued));
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
        if (end instanceof Waiter.Victim victim) {
            return new WaitOutcome.Victim(report(victim.cycle()));
        }
        if (end instanceof Waiter.Ended ended) {
            LockRow request = ended.request();
            long waited = now - request.requestedNanos();
            return new WaitOutcome.Refused(
                    ended.ending(),
                    new WaitReport(
                            request,
                            parties.describeWaiter(request, now, false),
                            waited,
                            waiter.rule.timeoutMillis(),
                            ended.queue(),
                            parties.describeBlockers(request, now, waited >= WORTH_A_STACK_NANOS)));
        }
        return new WaitOutcome.Granted(now - waiter.request.nanos());
    }

    DeadlockReport report(Waiter.Cycle cycle) {
        return cycle.report(() -> {
            long now = nanoTime.getAsLong();
            boolean withStack = parties.stackReads().mayRead(now);
            List<DeadlockReport.Member> members = cycle.members().stream()
                    .map(link -> new DeadlockReport.Member(
                            parties.describeWaiter(link.waitsFor(), now, withStack), link.waitsFor(), link.edge()))
                    .toList();
            return new DeadlockReport(cycle.id(), now, members, cycle.victim());
        });
    }
}
