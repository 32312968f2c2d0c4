package io.mortise.engine.storage.session;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.serial.Serializing;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Lets nobody wait for a serializable transaction that has to give way and does not know yet: it is ended as soon as
 * both are so. Thread-safe.
 *
 * <p>A waiter counts itself before it looks for one that has to give way. One that has to give way is marked before the
 * waiters are counted. So one of the two sees the other.
 */
public final class GivingWay implements LockListener {
    private static final System.Logger LOG = System.getLogger(GivingWay.class.getName());

    private final Serializing serializing;
    private final IntFunction<Optional<StorageSession>> sessions;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * For the lock manager of the database.
     *
     * @param sessions the open session of that number
     */
    public static LockListener over(Serializing serializing, IntFunction<Optional<StorageSession>> sessions) {
        GivingWay made = new GivingWay(serializing, sessions);
        serializing.serializer().setListener(made::decided);
        return made;
    }

    private GivingWay(Serializing serializing, IntFunction<Optional<StorageSession>> sessions) {
        this.serializing = serializing;
        this.sessions = sessions;
    }

    /** A transaction has to give way for what another one does. */
    private void decided(OwnerId victim) {
        if (waiting.get() > 0) {
            end(victim);
        }
    }

    @Override
    public void waitStarted(LockRow request) {
        waiting.incrementAndGet();
        if (serializing.serializer().isWatching()) {
            request.blockers().forEach(blocker -> end(blocker.owner()));
        }
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        waiting.decrementAndGet();
    }

    @Override
    public void waitBroken(LockRow request, Duration waited) {
        waiting.decrementAndGet();
    }

    private void end(OwnerId owner) {
        sessions.apply(owner.session())
                .filter(session -> session.serial().isToGiveWay())
                .filter(session -> !session.giveWay())
                .ifPresent(session -> LOG.log(
                        System.Logger.Level.WARNING,
                        "no thread to end the transaction of session {0}: its next call does",
                        Integer.toString(session.id())));
    }
}
