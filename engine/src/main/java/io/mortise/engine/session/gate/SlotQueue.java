package io.mortise.engine.session.gate;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnding;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Who waits for a session's gate, and what has to run as soon as it is free. Called under the gate's mutex. */
final class SlotQueue {
    // Each connection has the two, and few ever have more than one here.
    private final Deque<SlotWaiter> waiters = new ArrayDeque<>(1);
    private final Deque<Runnable> putOff = new ArrayDeque<>(1);

    void add(SlotWaiter waiter) {
        waiters.add(waiter);
    }

    void remove(SlotWaiter waiter) {
        waiters.remove(waiter);
    }

    Optional<SlotWaiter> first() {
        return Optional.ofNullable(waiters.peek());
    }

    Optional<SlotWaiter> first(Predicate<SlotWaiter> which) {
        return waiters.stream().filter(which).findFirst();
    }

    boolean hasStatements() {
        return !waiters.stream().allMatch(SlotWaiter::isBrief);
    }

    List<StatementRecord> statements() {
        return waiters.stream().map(SlotWaiter::statement).toList();
    }

    /** Ends the waits for which this holds; true if there are any. */
    boolean end(Predicate<StatementRecord> which, WaitEnding ending) {
        List<SlotWaiter> ended = waiters.stream()
                .filter(waiter -> which.test(waiter.statement()))
                .toList();
        ended.forEach(waiter -> waiter.end(ending));
        return !ended.isEmpty();
    }

    void putOff(Runnable action) {
        putOff.add(action);
    }

    boolean hasPutOff() {
        return !putOff.isEmpty();
    }

    Runnable nextPutOff() {
        return putOff.remove();
    }

    int size() {
        return waiters.size() + putOff.size();
    }
}
