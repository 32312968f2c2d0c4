package io.mortise.engine.lock;

import io.mortise.engine.text.UserName;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A session with a thread of its own, whose steps either finish or are seen waiting by the lock manager. */
final class SessionThread implements AutoCloseable {
    static final long NET_SECONDS = 60;

    private final LockManager locks;
    private final ExecutorService thread;
    private final LinkedBlockingQueue<LockRow> queued = new LinkedBlockingQueue<>();
    private final LockListener listener;
    final LockOwner owner;

    SessionThread(int session, LockManager locks) {
        this.locks = locks;
        this.owner = locks.register(session, new UserName("SA"));
        this.thread = Executors.newSingleThreadExecutor(task -> new Thread(task, "session-" + session));
        this.listener = new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                if (request.owner().session() == session) {
                    queued.add(request);
                }
            }
        };
        locks.addListener(listener);
    }

    /** Takes a lock without having to wait. */
    WaitOutcome acquires(LockTarget target, LockMode mode) throws Exception {
        return finish(submit(target, mode, WaitRule.upTo(TimeUnit.HOURS.toMillis(1))));
    }

    WaitOutcome acquires(LockTarget target, LockMode mode, WaitRule rule) throws Exception {
        return finish(submit(target, mode, rule));
    }

    /** Asks for a lock and stands in the queue when this returns. */
    Future<WaitOutcome> waitsFor(LockTarget target, LockMode mode) throws Exception {
        return waitsFor(target, mode, WaitRule.upTo(TimeUnit.HOURS.toMillis(1)));
    }

    Future<WaitOutcome> waitsFor(LockTarget target, LockMode mode, WaitRule rule) throws Exception {
        return seenWaiting(submit(target, mode, rule));
    }

    /** Asks for what storage says {@code holder} has, and stands in the queue when this returns. */
    Future<WaitOutcome> waitsFor(LockTarget target, SessionThread holder, WaitRule rule) throws Exception {
        Holding holds = new Holding(holder.owner.id(), holder.owner.statement());
        return seenWaiting(thread.submit(() -> locks.acquireFrom(holds, owner, target, LockMode.X, rule)));
    }

    /** Returns once the lock manager has queued this session. */
    <T> Future<T> seenWaiting(Future<T> step) throws Exception {
        if (queued.poll(NET_SECONDS, TimeUnit.SECONDS) == null) {
            throw new AssertionError("was expected to wait, but: " + (step.isDone() ? step.get() : "nothing happened"));
        }
        return step;
    }

    private Future<WaitOutcome> submit(LockTarget target, LockMode mode, WaitRule rule) {
        return thread.submit(() -> locks.acquire(owner, target, mode, rule));
    }

    <T> Future<T> starts(Callable<T> step) {
        return thread.submit(step);
    }

    <T> T does(Callable<T> step) throws Exception {
        return finish(thread.submit(step));
    }

    void releasesAll() throws Exception {
        does(() -> {
            locks.releaseAll(owner);
            return true;
        });
    }

    void interrupt() throws Exception {
        Thread[] own = new Thread[1];
        for (Thread candidate : Thread.getAllStackTraces().keySet()) {
            if (candidate.getName().equals("session-" + owner.session())) {
                own[0] = candidate;
            }
        }
        own[0].interrupt();
    }

    static <T> T finish(Future<T> step) throws InterruptedException, ExecutionException, TimeoutException {
        return step.get(NET_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        locks.removeListener(listener);
        locks.unregister(owner);
    }
}
