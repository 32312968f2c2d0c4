package io.mortise.engine.thread;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A mutex for work that is over in less time than a thread takes to fall asleep and to wake: who finds it taken looks
 * for a while first. It does not know who has it, and so costs one write on the way in and one on the way out; who has
 * it must not take it again. Thread-safe.
 */
public final class BriefMutex implements Lock {
    /** So often one looks whether it is free before it falls asleep: some microseconds. */
    private static final int LOOKS = 200;

    /** 1 while somebody has it, and the threads that sleep. */
    private static final class State extends AbstractQueuedSynchronizer {
        private static final long serialVersionUID = 1;

        boolean isTaken() {
            return getState() != 0;
        }

        @Override
        protected boolean tryAcquire(int one) {
            return getState() == 0 && compareAndSetState(0, one);
        }

        @Override
        protected boolean tryRelease(int one) {
            setState(0);
            return true;
        }
    }

    private final State state = new State();

    @Override
    public void lock() {
        for (int i = 0; i < LOOKS; i++) {
            if (state.tryAcquire(1)) {
                return;
            }
            Thread.onSpinWait();
        }
        state.acquire(1);
    }

    @Override
    public void unlock() {
        state.release(1);
    }

    @Override
    public boolean tryLock() {
        return state.tryAcquire(1);
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        return state.tryAcquireNanos(1, unit.toNanos(time));
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        state.acquireInterruptibly(1);
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("nobody waits here for anything else");
    }
}
