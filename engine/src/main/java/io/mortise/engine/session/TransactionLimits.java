package io.mortise.engine.session;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.thread.Alarm;
import io.mortise.engine.thread.EngineThread;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Rolls back transactions that have been idle, or open, for longer than their connection allows. Looks at a session
 * every tenth of its shortest limit; one without limits is not looked at. Thread-safe.
 */
final class TransactionLimits {
    private final LongSupplier nanoTime;

    /** When each session that has limits is looked at next. */
    private final Map<Session, Future<?>> looks = new ConcurrentHashMap<>();

    TransactionLimits(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** In milliseconds; 0 for none. */
    private record Limits(long idle, long idleBlocker, long transaction) {
        private static final Limits USUAL = read(Settings.DEFAULTS);

        @SuppressWarnings("ReferenceEquality") // An equal one is read: no harm.
        static Limits of(Settings settings) {
            return settings == Settings.DEFAULTS ? USUAL : read(settings);
        }

        private static Limits read(Settings settings) {
            return new Limits(
                    settings.get(Setting.IDLE_IN_TRANSACTION_TIMEOUT),
                    settings.get(Setting.IDLE_BLOCKER_TIMEOUT),
                    settings.get(Setting.TRANSACTION_TIMEOUT));
        }

        long shortest() {
            return Math.min(orNever(idle), Math.min(orNever(idleBlocker), orNever(transaction)));
        }

        private static long orNever(long limit) {
            return limit == 0 ? Long.MAX_VALUE : limit;
        }
    }

    /** The limits of a session are those that its settings say now. */
    void watch(Session session) {
        Limits limits = Limits.of(session.settings());
        int given = session.limited();
        if (limits.shortest() != Long.MAX_VALUE) {
            look(session, limits, given);
        }
    }

    private void look(Session session, Limits limits, int given) {
        if (!session.storage().isOpen()) {
            forget(session);
            return;
        }
        if (session.limitsGiven() != given) {
            return; // Others have been set since, and are looked after by themselves.
        }
        Runnable again = () -> lookAgain(session, limits, given);
        boolean handedOver = false;
        try {
            LockOwner owner = session.storage().owner();
            Optional<Runnable> end = owner.isActive() ? due(session, owner, limits) : Optional.empty();
            if (end.isPresent()) {
                // A roll-back takes as long as it takes, and the alarm's other work does not wait for it.
                EngineThread.run("mortise-limit", () -> endThenLook(end.get(), again));
                handedOver = true;
            }
        } finally {
            if (!handedOver) {
                again.run();
            }
        }
    }

    private void lookAgain(Session session, Limits limits, int given) {
        long millis = Math.max(1, limits.shortest() / 10);
        looks.put(session, Alarm.in(millis, () -> look(session, limits, given)));
        if (!session.storage().isOpen()) {
            forget(session); // It may have ended while this was put there.
        }
    }

    /** The session has ended: nothing holds it, or its database, until the next look would have been due. */
    void forget(Session session) {
        if (looks.isEmpty()) {
            return; // Most databases set no limits. One that is put there meanwhile goes by itself: lookAgain.
        }
        Future<?> next = looks.remove(session);
        if (next != null) {
            next.cancel(false);
        }
    }

    private static void endThenLook(Runnable end, Runnable again) {
        try {
            end.run();
        } finally {
            again.run();
        }
    }

    /** What ends a transaction that has been open, or idle, for too long. */
    private Optional<Runnable> due(Session session, LockOwner owner, Limits limits) {
        if (owner.occupation().isPrepared()) {
            return Optional
                    .empty(); // Prepared: whoever runs the distributed transaction has been promised that it stays.
        }
        long now = nanoTime.getAsLong();
        long open = TimeUnit.NANOSECONDS.toMillis(now - owner.startNanos());
        long since = owner.idleSince();
        long idle = since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(now - since);
        if (exceeds(open, limits.transaction())) {
            WaitEnding why = why(session, "was open for " + open, Setting.TRANSACTION_TIMEOUT, limits.transaction());
            return Optional.of(() -> session.storage().end(why));
        }
        if (exceeds(idle, limits.idle())) {
            WaitEnding why = why(session, "was idle for " + idle, Setting.IDLE_IN_TRANSACTION_TIMEOUT, limits.idle());
            return Optional.of(() -> endIdle(session, since, why));
        }
        if (exceeds(idle, limits.idleBlocker()) && session.locks().keepsWaiting(session.id())) {
            String what = "kept another waiting, idle for " + idle;
            WaitEnding why = why(session, what, Setting.IDLE_BLOCKER_TIMEOUT, limits.idleBlocker());
            return Optional.of(() -> endIdle(session, since, why));
        }
        return Optional.empty();
    }

    // It may have begun to run something a moment ago: then it is not idle, and nothing is said.
    private static void endIdle(Session session, long since, WaitEnding why) {
        session.storage().endIdle(since, why);
    }

    private static boolean exceeds(long millis, long limit) {
        return limit != 0 && millis > limit;
    }

    private static WaitEnding why(Session session, String what, Setting<?> setting, long limit) {
        return new WaitEnding(
                WaitEnd.ABORTED,
                0,
                "Transaction of session " + session.id() + " " + what + " ms (" + setting + "=" + limit + ")");
    }
}
