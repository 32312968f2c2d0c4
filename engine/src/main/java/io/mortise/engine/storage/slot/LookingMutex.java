package io.mortise.engine.storage.slot;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The mutex of an H2 session, put in the place of the one that H2 made. H2 begins a transaction for every statement, a
 * look at a system table and a KILL among them, and fails if there is no slot left. Then nobody could find out who has
 * them, or end them. It enters the mutex just before. So a thread that enters then is given a transaction of
 * {@link Slots}, and it is taken away again when the thread leaves. What needs rows is refused as it begins.
 */
public final class LookingMutex extends ReentrantLock {
    private static final long serialVersionUID = 1;
    private static final String WAS_MADE_ACCESSIBLE = "made accessible when the class was loaded";
    private static final int CLOSING_MILLIS = 10;
    private static final int CLOSING_TRIES = 500;
    private static final VarHandle TRANSACTION;
    private static final VarHandle MUTEX_READ;
    private static final Field MUTEX;

    static {
        try {
            MUTEX_READ = MethodHandles.privateLookupIn(Session.class, MethodHandles.lookup())
                    .findVarHandle(Session.class, "lock", ReentrantLock.class);
            TRANSACTION = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "transaction", Transaction.class);
            MUTEX = Session.class.getDeclaredField("lock"); // Final, so it can be written in this way only.
            MUTEX.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final transient SessionLocal session;
    private final transient MVStore store;
    private final transient Slots slots;
    /** Set and read by the thread that is inside. */
    private transient @Nullable Transaction looking;
    /** Has a thread entered only to close the session? Set and read by that thread, inside. */
    private transient boolean isClosing;
    /** Has that thread waited for the statement inside? Its own: a session is closed once. */
    private transient boolean isAwaited;
    /** Has H2 ended its last transaction? It begins another for who enters before the session knows of no database. */
    private transient volatile boolean isClosed;

    private final transient Runnable left;
    /** Made, used and read by the thread that is inside. */
    private transient @Nullable SlotlessReader reader;

    private LookingMutex(SessionLocal session, Slots slots, Runnable left) {
        this.session = session;
        this.store = session.getDatabase().getStore().getMvStore();
        this.slots = slots;
        this.left = left;
    }

    /**
     * Puts one into a session that nobody is in yet.
     *
     * @param left called by a thread that leaves, while it is still inside
     * @return false if somebody is in
     */
    public static boolean into(SessionLocal session, Slots slots, Runnable left) {
        if (mutex(session).isLocked()) {
            return false; // He is to find the same mutex when he leaves. He does without.
        }
        try {
            MUTEX.set(session, new LookingMutex(session, slots, left));
            return true;
        } catch (IllegalAccessException e) {
            throw new AssertionError(WAS_MADE_ACCESSIBLE, e);
        }
    }

    private static ReentrantLock mutex(SessionLocal session) {
        return (ReentrantLock) MUTEX_READ.get(session);
    }

    /** Has this session, which the calling thread is in, no transaction but one that is good for looking only? */
    public static boolean isLooking(SessionLocal session) {
        Transaction given = mutex(session) instanceof LookingMutex mutex ? mutex.looking : null;
        return given != null && given == TRANSACTION.get(session);
    }

    /** What this session, which the calling thread is in, reads by without a slot; null if it cannot. */
    public static @Nullable SlotlessReader reader(SessionLocal session) {
        if (!(mutex(session) instanceof LookingMutex mutex)) {
            return null;
        }
        SlotlessReader known = mutex.reader;
        if (known == null) {
            known = new SlotlessReader(session);
            mutex.reader = known;
        }
        return known;
    }

    /**
     * H2 closes the session on the thread of another one. It would roll back beside a statement that goes on to write:
     * what that takes then, a slot of the store or a row, nobody gives back. So the closing thread enters, as soon as
     * nobody is inside, and stays until it has {@linkplain #closed closed} it. It does not wait for ever for a
     * statement that does not end.
     *
     * <p>It is told more than once, because it hears it once: the row of a batch ends by it, and the next one begins.
     * Of that, in a session that is closed, H2 tells nobody who could pass it on.
     *
     * @param stop tells the statement inside to end
     */
    public static void enterToClose(SessionLocal session, Runnable stop) {
        if (!(mutex(session) instanceof LookingMutex mutex) || mutex.isHeldByCurrentThread() || mutex.isAwaited) {
            return;
        }
        mutex.isAwaited = true; // Once: H2 empties the cache again when it rolls back.
        try {
            boolean isIn = mutex.tryLock();
            for (int i = 0; i < CLOSING_TRIES && !isIn; i++) {
                stop.run();
                isIn = mutex.tryLock(CLOSING_MILLIS, TimeUnit.MILLISECONDS);
            }
            mutex.isClosing = isIn;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** H2 has closed the session: who waits to enter finds it so, or ends what it begins. */
    public static void closed(SessionLocal session) {
        if (mutex(session) instanceof LookingMutex mutex) {
            mutex.isClosed = true;
            if (mutex.isHeldByCurrentThread() && mutex.isClosing) {
                mutex.isClosing = false;
                mutex.unlock();
            }
        }
    }

    /** Enters as a thread that runs no statement. */
    public void enter() {
        super.lock();
    }

    @Override
    public void lock() {
        super.lock();
        if (TRANSACTION.get(session) == null) {
            boolean isIn = false;
            try {
                look();
                isIn = true;
            } finally {
                if (!isIn) {
                    super.unlock();
                }
            }
        } else if (reader != null) {
            reader.leave(); // Something runs inside the statement that only reads, and may write.
        }
    }

    private void look() {
        if (slots.areTaken()) {
            giveBack();
            try {
                Transaction begun = slots.begin(session);
                looking = begun;
                TRANSACTION.set(session, begun);
            } catch (MVStoreException e) {
                looking = null; // So many look that there is no room for another: H2 says that it has none.
            }
        }
    }

    @Override
    public void unlock() {
        try {
            if (getHoldCount() == 1) {
                left.run();
                if (looking != null) {
                    giveBack();
                }
                if (isClosed) {
                    leaveNothing();
                }
            }
        } finally {
            super.unlock();
        }
    }

    private void leaveNothing() {
        Transaction late = (Transaction) TRANSACTION.get(session);
        if (late != null && late.getStatus() == Transaction.STATUS_OPEN) {
            TRANSACTION.set(session, (Transaction) null);
            LeftTransaction.undo(store, late);
        }
    }

    private void giveBack() {
        Transaction given = looking;
        looking = null;
        if (given != null) {
            TRANSACTION.compareAndSet(session, given, (Transaction) null);
            if (given.getStatus() != Transaction.STATUS_CLOSED) {
                given.rollback();
            }
        }
    }
}
