package io.mortise.engine.session.gate;

import io.mortise.engine.setting.BusyMode;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What happens to a statement that comes while another is in flight. Immutable.
 *
 * @param timeoutMillis limit of WAIT and RETRY
 * @param graceMillis limit of what is not a statement but needs the session (prepare, commit, setters), and of a
 *     statement behind such a one
 */
public record BusyRule(BusyMode mode, long timeoutMillis, long graceMillis) {
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    public static BusyRule of(Settings settings) {
        return new BusyRule(
                settings.get(Setting.SESSION_BUSY),
                settings.get(Setting.SESSION_BUSY_TIMEOUT),
                settings.get(Setting.SESSION_BUSY_GRACE));
    }

    /** Enters with a statement that has found the gate busy. */
    public InFlightGate.Entry enter(InFlightGate gate, SlotWaiter waiter, Parking parking) {
        return switch (mode) {
            case FAIL -> gate.enterUnlessRunning(waiter, TimeUnit.MILLISECONDS.toNanos(graceMillis));
            case WAIT -> gate.await(waiter, TimeUnit.MILLISECONDS.toNanos(timeoutMillis), parking);
            case RETRY -> retry(gate, waiter, parking, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        };
    }

    /** Enters with a statement behind one that has been told to end: whatever the mode, it waits until that is out. */
    public InFlightGate.Entry enterBehind(InFlightGate gate, SlotWaiter waiter, Parking parking) {
        return gate.await(waiter, TimeUnit.MILLISECONDS.toNanos(Math.max(graceMillis, timeoutMillis)), parking);
    }

    /** Enters with something that is not a statement; with more parking behind one that has been told to end. */
    public InFlightGate.Entry enterBriefly(InFlightGate gate, SlotWaiter waiter, BooleanSupplier isLeaving) {
        long millis = isLeaving.getAsBoolean() ? Math.max(graceMillis, timeoutMillis) : graceMillis;
        return gate.await(waiter, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** After 100 ms, 200 ms and so on to 1 s; does not stand in line meanwhile. */
    private static InFlightGate.Entry retry(InFlightGate gate, SlotWaiter waiter, Parking parking, long timeoutNanos) {
        long left = timeoutNanos;
        for (long pause = STEP_NANOS;
                !gate.tryEnter(waiter);
                pause = Math.min(pause + STEP_NANOS, LONGEST_PAUSE_NANOS)) {
            if (left <= 0) {
                return InFlightGate.Entry.BUSY;
            }
            left -= parking.waitFor(waiter, Math.min(pause, left));
            if (waiter.ending().isPresent()) {
                return InFlightGate.Entry.ENDED;
            }
        }
        return InFlightGate.Entry.ADMITTED;
    }
}
