package io.mortise.engine.backend;

import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.text.OneLine;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the application's log, by the logger {@code mortise.session}, that somebody has closed a connection with
 * changes that were not committed: a pool rolls them back without a word. Once for each place in the code. Thread-safe.
 */
public final class Uncommitted {
    private static final System.Logger LOG = System.getLogger("mortise.session");
    /** Places that are remembered; nothing is told of more. */
    private static final int MOST_PLACES = 1000;

    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();
    private static final int DEEPEST = 20;
    /** What stands between a pool and this. */
    private static final List<String> BETWEEN = List.of("io.mortise.", "java.", "jdk.");

    private static final Runnable NOTHING = () -> {};

    private Uncommitted() {}

    /**
     * Looks at a session whose client rolls it back: has a pool called, on behalf of a client that has closed its
     * connection?
     *
     * @return tells it; to be called after the roll-back
     */
    public static Runnable rolledBack(ClientSession session) {
        return isLeft(session) && isByPool() ? at(session) : NOTHING;
    }

    /** The same of a session whose connection is closed. */
    public static Runnable closed(ClientSession session) {
        return isLeft(session) ? at(session) : NOTHING;
    }

    private static boolean isLeft(ClientSession session) {
        LockOwner owner = session.owner();
        return owner.isActive()
                && owner.rowsChanged() > 0
                && !owner.occupation().isPrepared()
                && session.told().isEmpty();
    }

    /** The outermost frame of the pool's says what the application has called: close, say, or rollback. */
    private static boolean isByPool() {
        return StackWalker.getInstance().walk(frames -> {
            List<StackWalker.StackFrame> pool = frames.dropWhile(
                            frame -> BETWEEN.stream().anyMatch(frame.getClassName()::startsWith))
                    .limit(DEEPEST)
                    .takeWhile(frame -> CallSite.isPool(frame.getClassName()))
                    .toList();
            return !pool.isEmpty() && !pool.get(pool.size() - 1).getMethodName().equals("rollback");
        });
    }

    private static Runnable at(ClientSession session) {
        String place = CallSite.of(List.of(new Throwable().getStackTrace())).orElse("a place that is not known");
        if (TOLD.size() >= MOST_PLACES || !TOLD.add(place)) {
            return NOTHING;
        }
        String text = "Changes were not committed when a connection was closed, so they were rolled back: "
                + session.owner().rowsChanged() + " in session " + session.id() + " (user "
                + OneLine.of(session.user().text()) + ")\n  closed at       " + place + "\n  last statement  "
                + OneLine.ofSql(session.owner().statement().outermost().sql())
                + "\n  hint            call commit(), or rollback(), before close(); each place is told once";
        return () -> LOG.log(Level.WARNING, text);
    }
}
