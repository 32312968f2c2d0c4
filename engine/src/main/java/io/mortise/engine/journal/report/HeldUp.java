package io.mortise.engine.journal.report;

import io.mortise.engine.lock.Party;
import io.mortise.engine.text.OneLine;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Optional;
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
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Empty if the thread computes, waits for something else, or is the one that asks. */
    public static Optional<HeldUp> of(Thread thread) {
        if (thread == Thread.currentThread()) {
            return Optional.empty();
        }
        return switch (thread.getState()) {
            case BLOCKED ->
                info(thread)
                        .filter(info -> info.getThreadState() == Thread.State.BLOCKED)
                        .map(HeldUp::monitor);
            case RUNNABLE -> info(thread).flatMap(HeldUp::call);
            default -> Optional.empty();
        };
    }

    /** The monitor that the thread of a party waits for, whether its statement runs or it is idle between two. */
    static Optional<HeldUp> blocked(Party party) {
        return party.statement().id() == 0
                ? Optional.empty()
                : of(party.statement().thread()).filter(held -> BLOCKED.equals(held.state));
    }

    private static Optional<ThreadInfo> info(Thread thread) {
        return Optional.ofNullable(THREADS.getThreadInfo(thread.getId(), 1));
    }

    private static HeldUp monitor(ThreadInfo info) {
        String owner = info.getLockOwnerName();
        return new HeldUp(
                BLOCKED,
                "monitor " + info.getLockName()
                        + (owner == null ? "" : ", which thread \"" + OneLine.of(owner) + "\" has"),
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
