package io.mortise.engine.storage.slot;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.Store;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.mvstore.tx.TransactionStore.RollbackListener;
import org.jspecify.annotations.Nullable;

/**
 * An H2 transaction that only reads, at READ COMMITTED, and has no slot. To take a slot and to give it back are writes
 * to one list that all sessions share. A statement that reads one row and commits needs no more of its transaction than
 * what it reads by. One for a session; used by the thread that is in the session.
 *
 * <ul>
 *   <li>It sees who is committing, as every transaction does. Its number is 0, which nobody has who writes, so it takes
 *       no value that is not committed for its own.
 *   <li>What keeps old pages of a file is the count of who uses a version. It counts there; the list keeps nothing.
 *   <li>Its end, and a roll-back that comes from another thread, are entered in a list of its own.
 *   <li>It has no undo log, so that an attempt to write fails before anything is written.
 * </ul>
 *
 * <p>Between two statements it is a committed one, to which H2's commit does nothing more.
 */
public final class SlotlessReader {
    /** No value that is not committed has this number. */
    static final int NUMBER = 0;

    private static final int STATUS_BIT = 41;
    private static final long OPEN = (long) Transaction.STATUS_OPEN << STATUS_BIT;
    private static final long COMMITTED = (long) Transaction.STATUS_COMMITTED << STATUS_BIT;

    private static final VarHandle OF_SESSION;
    private static final VarHandle STATE;
    private static final MethodHandle NEW_TRANSACTION;
    private static final Field COMMITTING;
    private static final Field LIST;
    private static final Field UNDO_LOGS;
    private static final Field TRANSACTIONS;
    private static final Object LIST_OF_THIS_ONE;
    private static final MVMap<?, ?>[] NO_UNDO_LOG = new MVMap<?, ?>[1];
    private static final AtomicReferenceArray<Transaction> NO_TRANSACTION = new AtomicReferenceArray<>(1);

    static {
        try {
            MethodHandles.Lookup transactions =
                    MethodHandles.privateLookupIn(Transaction.class, MethodHandles.lookup());
            OF_SESSION = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "transaction", Transaction.class);
            STATE = transactions.findVarHandle(Transaction.class, "statusAndLogId", AtomicLong.class);
            MethodType parts = MethodType.methodType(void.class, TransactionStore.class, int.class, long.class)
                    .appendParameterTypes(int.class, String.class, long.class, int.class, int.class)
                    .appendParameterTypes(IsolationLevel.class, RollbackListener.class);
            NEW_TRANSACTION = transactions.findConstructor(Transaction.class, parts);
            COMMITTING = writable("committingTransactions");
            LIST = writable("openTransactions");
            UNDO_LOGS = writable("undoLogs");
            TRANSACTIONS = writable("transactions");
            LIST_OF_THIS_ONE = listOfThisOne();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final SessionLocal session;
    private @Nullable Transaction reader;

    /** @param session one whose mutex is a {@link LookingMutex} */
    SlotlessReader(SessionLocal session) {
        this.session = session;
    }

    private static Field writable(String name) throws NoSuchFieldException {
        Field field = TransactionStore.class.getDeclaredField(name); // Final, so it can be written in this way only.
        field.setAccessible(true);
        return field;
    }

    private static Object listOfThisOne() throws ReflectiveOperationException {
        Class<?> list = Class.forName("org.h2.mvstore.tx.VersionedBitSet");
        Constructor<?> none = list.getDeclaredConstructor();
        Constructor<?> withOneMore = list.getDeclaredConstructor(list, int.class);
        none.setAccessible(true);
        withOneMore.setAccessible(true);
        return withOneMore.newInstance(none.newInstance(), NUMBER);
    }

    /** Gives the session, which has none, a transaction to read in. */
    public Transaction begin() {
        Transaction known = reader;
        if (known == null || !state(known).compareAndSet(COMMITTED, OPEN)) {
            known = make(session, session.getDatabase().getStore());
            reader = known;
        }
        OF_SESSION.set(session, known);
        return known;
    }

    /** Is it what the session has now? */
    public boolean isIn() {
        Transaction known = reader;
        return known != null && known == OF_SESSION.get(session);
    }

    /** The statement has ended, and its session is about to commit. */
    public void ends() {
        Transaction known = reader;
        if (known != null && isIn() && !state(known).compareAndSet(OPEN, COMMITTED)) {
            leave(); // Another thread has rolled it back.
        }
    }

    /** Takes it away from the session, if it is there still. What the session asks for next is one with a slot. */
    public void leave() {
        Transaction known = reader;
        if (known != null && isIn()) {
            OF_SESSION.set(session, null);
            if (state(known).compareAndSet(OPEN, COMMITTED) || state(known).get() == COMMITTED) {
                known.markStatementEnd();
            } else {
                reader = null;
            }
        }
    }

    private static AtomicLong state(Transaction transaction) {
        return (AtomicLong) STATE.get(transaction);
    }

    /** One in a list of its own, that is told who is committing in the database. */
    static Transaction make(SessionLocal session, Store database) {
        try {
            TransactionStore alone = new TransactionStore(database.getMvStore());
            COMMITTING.set(alone, COMMITTING.get(database.getTransactionStore()));
            LIST.set(alone, new AtomicReference<>(LIST_OF_THIS_ONE));
            UNDO_LOGS.set(alone, NO_UNDO_LOG);
            TRANSACTIONS.set(alone, NO_TRANSACTION);
            return (Transaction) NEW_TRANSACTION.invokeExact(
                    alone,
                    NUMBER,
                    0L,
                    Transaction.STATUS_OPEN,
                    (String) null,
                    0L,
                    0,
                    session.getId(),
                    IsolationLevel.READ_COMMITTED,
                    (RollbackListener) session);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
    }
}
