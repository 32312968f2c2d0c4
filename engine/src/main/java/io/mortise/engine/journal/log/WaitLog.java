package io.mortise.engine.journal.log;

import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.text.OneLine;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells the application's log of waits that have grown old, or that have ended at their timeout before, and of
 * deadlocks: the loggers {@code mortise.wait} (INFO) and {@code mortise.deadlock} (WARNING). Thread-safe.
 *
 * <p>Ten entries a minute and table at most. Of the waits that one session is to blame for, the first: it says how many
 * others wait for the same session.
 *
 * <p>Keys of rows and names of advisory locks are left out unless EVENT_KEYS says otherwise: who reads a log was not
 * asked for a user.
 */
public final class WaitLog implements LockListener, AutoCloseable {
    private static final System.Logger WAITS = System.getLogger("mortise.wait");
    private static final System.Logger DEADLOCKS = System.getLogger("mortise.deadlock");
    /** A shorter wait that times out is part of the program: NOWAIT, or a look whether something is free. */
    private static final long WORTH_AN_ENTRY_MILLIS = 1_000;

    private final String database;
    private final Jam jam;
    private final TargetNames names;
    private final IntFunction<String> poolOf;
    private final LogBudget waits = new LogBudget();
    private final LogBudget deadlocks = new LogBudget();
    private final LogThread thread = new LogThread();
    private volatile long ageMillis;
    private volatile boolean showingKeys;

    /**
     * @param poolOf the pool that a session belongs to, or what its application calls itself; empty if that is not
     *     known
     */
    public WaitLog(String database, LockManager locks, TargetNames names, IntFunction<String> poolOf) {
        this.database = database;
        this.jam = new Jam(locks);
        this.names = names;
        this.poolOf = poolOf;
    }

    /** LOG_WAIT: what is older when it ends has been told of before; 0 for nothing of waits. */
    public void setAge(long millis) {
        ageMillis = millis;
    }

    /** EVENT_KEYS. */
    public void setShowingKeys(boolean isShowing) {
        showingKeys = isShowing;
    }

    @Override
    public void waitIsOld(WaitReport report) {
        tellWait(report, messages -> messages.longWait(report));
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        if (outcome instanceof WaitOutcome.Refused refused
                && refused.ending().end() == WaitEnd.TIMEOUT
                && isWorthAnEntry(TimeUnit.NANOSECONDS.toMillis(refused.report().waitedNanos()))) {
            tellWait(refused.report(), messages -> messages.timeout(refused.report()));
        }
    }

    private boolean isWorthAnEntry(long millis) {
        return millis >= WORTH_AN_ENTRY_MILLIS && millis < ageMillis;
    }

    private void tellWait(WaitReport report, Function<LockMessages, String> text) {
        LockRow request = report.request();
        int head = jam.head(request);
        OptionalLong leftOut =
                waits.take(about(request.target()), head, request.requestedNanos() + report.waitedNanos());
        if (leftOut.isPresent()) {
            String end = end(
                    Stream.concat(
                            Stream.of(request.owner()),
                            request.blockers().stream().map(LockRow.Blocker::owner)),
                    leftOut.getAsLong(),
                    "waits of this table were left out: at most " + LogBudget.MOST
                            + " a minute are logged, one for each session that holds others up");
            thread.write(
                    WAITS,
                    Level.INFO,
                    () -> text.apply(messages()) + others(head, request.owner().session()) + end);
        }
    }

    private String others(int head, int waiter) {
        long others = jam.behind(head).stream()
                .filter(session -> session != Math.abs(waiter))
                .count();
        return others == 0
                ? ""
                : "\n  others   " + others + (others == 1 ? " more session waits" : " more sessions wait")
                        + " for session " + head;
    }

    @Override
    public void deadlockFound(DeadlockReport report) {
        LockTarget first = report.members().get(0).waitsFor().target();
        OptionalLong leftOut = deadlocks.take(about(first), report.id(), report.atNanos());
        if (leftOut.isPresent()) {
            Stream<OwnerId> members =
                    report.members().stream().map(member -> member.party().owner());
            String end = end(
                    members,
                    leftOut.getAsLong(),
                    "deadlocks of this table were left out: at most " + LogBudget.MOST + " a minute are logged");
            thread.write(DEADLOCKS, Level.WARNING, () -> messages().deadlock(report) + end);
        }
    }

    private LockMessages messages() {
        return new LockMessages(showingKeys ? Sight.ofAll(names) : Sight.withoutKeys(names));
    }

    private static Object about(LockTarget target) {
        return target.inTable().<Object>map(table -> table).orElse(LockTarget.class);
    }

    private String pools(Stream<OwnerId> owners) {
        return owners.map(owner -> Math.abs(owner.session()))
                .distinct()
                .map(session -> pool(session, poolOf.apply(session)))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String pool(int session, String name) {
        return name.isEmpty() ? "" : OneLine.of(name) + " (session " + session + ")";
    }

    private String end(Stream<OwnerId> owners, long leftOut, String why) {
        String pools = pools(owners);
        String more = leftOut == 0 ? "" : "\n  " + leftOut + " more " + why;
        return "\n  database " + OneLine.of(database) + (pools.isEmpty() ? "" : "\n  pools    " + pools) + more;
    }

    /** What has been told is still written; waits for nothing. */
    @Override
    public void close() {
        thread.close();
    }
}
