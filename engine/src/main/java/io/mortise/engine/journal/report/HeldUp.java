package io.mortise.engine.journal.report;

import io.mortise.engine.lock.Party;
import io.mortise.engine.text.OneLine;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a thread is held up by, other than a lock of the database, at the moment it is looked at. Immutable.
 *
 * @param state as people write it
 * @param on the monitor, or the call that reads or writes
 * @param owner id of the thread that has the monitor; -1 if there is none
 */
public record HeldUp(String state, String on, long owner) {
    private static final String BLOCKED = "BLOCKED";
    private static final Set<Thread.State> MAY_BE_HELD_UP = Set.of(Thread.State.BLOCKED, Thread.State.RUNNABLE);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Empty if the thread computes, waits for something else, or is the one that asks. */
    public static Optional<HeldUp> of(Thread thread) {
        return Optional.ofNullable(of(List.of(thread)).get(thread.getId()));
    }

    /**
     * The same of many, by the number of their thread. However many there are, the process stands still once: a look at
     * each by itself would stop it as often as there are threads.
     */
    public static Map<Long, HeldUp> of(Collection<Thread> threads) {
        long[] numbers = threads.stream()
                .filter(thread -> thread != Thread.currentThread() && MAY_BE_HELD_UP.contains(thread.getState()))
                .mapToLong(Thread::getId)
                .distinct()
                .toArray();
        Map<Long, HeldUp> heldUp = new HashMap<>();
        if (numbers.length > 0) {
            for (ThreadInfo info : THREADS.getThreadInfo(numbers, 1)) {
                Optional.ofNullable(info) // Null: the thread has ended.
                        .flatMap(HeldUp::of)
                        .ifPresent(by -> heldUp.put(info.getThreadId(), by));
            }
        }
        return heldUp;
    }

    private static Optional<HeldUp> of(ThreadInfo info) {
        return switch (info.getThreadState()) {
            case BLOCKED -> Optional.of(monitor(info));
            case RUNNABLE -> call(info);
            default -> Optional.empty();
        };
    }

    /** The monitor that the thread of a party waits for, whether its statement runs or it is idle between two. */
    static Optional<HeldUp> blocked(Party party) {
        return party.statement().id() == 0
                ? Optional.empty()
                : of(party.statement().thread()).filter(held -> BLOCKED.equals(held.state));
    }

    private static HeldUp monitor(ThreadInfo info) {
        String owner = info.getLockOwnerName();
        return new HeldUp(
                BLOCKED,
                "monitor " + info.getLockName()
                        + (owner == null ? "" : ", which thread \"" + OneLine.ofName(owner) + "\" has"),
                info.getLockOwnerId());
    }

    private static Optional<HeldUp> call(ThreadInfo info) {
        return Stream.of(info.getStackTrace())
                .filter(frame -> frame.isNativeMethod()
                        && Stream.of("java.io.", "java.net.", "sun.nio.").anyMatch(frame.getClassName()::startsWith))
                .map(frame -> new HeldUp("IN IO", frame.getClassName() + "." + frame.getMethodName(), -1))
                .findFirst();
    }
}
