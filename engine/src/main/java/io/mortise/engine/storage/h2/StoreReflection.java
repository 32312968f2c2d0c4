package io.mortise.engine.storage.h2;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.command.Prepared;
import org.h2.command.dml.TransactionCommand;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.Chunk;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.mvstore.tx.TransactionStore.RollbackListener;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/** What H2's store keeps to itself, below tables and sessions: its maps, undo logs and transactions. */
public final class StoreReflection {
    /** In a transaction's state: the status in four bits, above it the mark of a roll-back to a savepoint. */
    private static final long MARK = 1L << 45;

    private static final long STATE = 31L << 41;
    private static final long OPEN = (long) Transaction.STATUS_OPEN << 41;
    private static final long OPEN_AND_MARKED = MARK | OPEN;
    private static final long STATUS = 15L << 41;
    private static final long ROLLING_BACK = 4L << 41;
    private static final VarHandle TRANSACTION_TIMEOUT;
    private static final VarHandle TRANSACTION_STATE;
    private static final VarHandle TRANSACTION_BLOCKER;
    private static final VarHandle UNDO_LOGS;
    private static final VarHandle UNDONE_VALUE;
    private static final Class<?> UNDO_RECORD_TYPE;
    private static final Field TRANSACTION_ISOLATION;
    private static final Field TRANSACTION_LISTENER;
    private static final MethodHandle SET_TRANSACTION_MAPS;
    private static final int MORE_THAN_EVER_LEAVE = 1 << 30;
    private static final VarHandle NEWEST_USERS;
    private static final VarHandle USER_COUNT;
    private static final VarHandle STORE_MUTEX;
    private static final Field STORE_MAPS;
    private static final Field CHUNK_MUTEX;
    private static final VarHandle LAST_CHUNK;
    private static final MethodHandle WRITE_HEADER;
    private static final VarHandle HEADER;
    private static final VarHandle CHUNKS;
    private static final VarHandle SAVEPOINT_NAME;
    private static final VarHandle SAVEPOINTS;
    private static final VarHandle SAVEPOINT_PLACE;
    private static final MethodHandle COMMIT_LOGGED;
    private static final MethodHandle END_TRANSACTION;

    static {
        try {
            MethodHandles.Lookup transactions = H2Reflection.in(Transaction.class);
            TRANSACTION_TIMEOUT = transactions.findVarHandle(Transaction.class, "timeoutMillis", int.class);
            TRANSACTION_STATE = transactions.findVarHandle(Transaction.class, "statusAndLogId", AtomicLong.class);
            TRANSACTION_BLOCKER =
                    transactions.findVarHandle(Transaction.class, "blockingTransaction", Transaction.class);
            UNDO_LOGS = H2Reflection.in(TransactionStore.class)
                    .findVarHandle(TransactionStore.class, "undoLogs", MVMap[].class);
            Class<?> undoRecord = Class.forName("org.h2.mvstore.tx.Record");
            UNDONE_VALUE = H2Reflection.in(undoRecord).findVarHandle(undoRecord, "oldValue", VersionedValue.class);
            UNDO_RECORD_TYPE = Class.forName("org.h2.mvstore.tx.Record$Type");
            TRANSACTION_ISOLATION = H2Reflection.writable(Transaction.class, "isolationLevel");
            TRANSACTION_LISTENER = H2Reflection.writable(Transaction.class, "listener");
            SET_TRANSACTION_MAPS =
                    transactions.unreflectSetter(H2Reflection.writable(Transaction.class, "transactionMaps"));
            MethodType ofTransaction = MethodType.methodType(void.class, Transaction.class, boolean.class);
            COMMIT_LOGGED = H2Reflection.in(TransactionStore.class)
                    .findVirtual(TransactionStore.class, "commit", ofTransaction);
            END_TRANSACTION = H2Reflection.in(TransactionStore.class)
                    .findVirtual(TransactionStore.class, "endTransaction", ofTransaction);
            STORE_MUTEX = H2Reflection.in(MVStore.class).findVarHandle(MVStore.class, "storeLock", ReentrantLock.class);
            NEWEST_USERS = H2Reflection.in(MVStore.class)
                    .findVarHandle(MVStore.class, "currentTxCounter", MVStore.TxCounter.class);
            USER_COUNT = H2Reflection.in(MVStore.TxCounter.class)
                    .findVarHandle(MVStore.TxCounter.class, "counter", int.class);
            STORE_MAPS = H2Reflection.writable(MVStore.class, "maps");
            CHUNK_MUTEX = H2Reflection.writable(FileStore.class, "saveChunkLock");
            LAST_CHUNK = H2Reflection.in(FileStore.class).findVarHandle(FileStore.class, "lastChunk", Chunk.class);
            HEADER = H2Reflection.in(FileStore.class).findVarHandle(FileStore.class, "storeHeader", HashMap.class);
            CHUNKS = H2Reflection.in(FileStore.class).findVarHandle(FileStore.class, "chunks", ConcurrentHashMap.class);
            WRITE_HEADER = H2Reflection.in(RandomAccessStore.class)
                    .findVirtual(RandomAccessStore.class, "writeStoreHeader", MethodType.methodType(void.class));
            SAVEPOINT_NAME = H2Reflection.in(TransactionCommand.class)
                    .findVarHandle(TransactionCommand.class, "savepointName", String.class);
            SAVEPOINTS =
                    H2Reflection.in(SessionLocal.class).findVarHandle(SessionLocal.class, "savepoints", HashMap.class);
            SAVEPOINT_PLACE = H2Reflection.in(SessionLocal.Savepoint.class)
                    .findVarHandle(SessionLocal.Savepoint.class, "transactionSavepoint", long.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private StoreReflection() {}

    /** What an open transaction's operation has written over; null if nothing was there, or its log is gone. */
    public static @Nullable VersionedValue<?> replaced(TransactionStore store, long operationId) {
        MVMap<?, ?> log = undoLog(store, (int) (operationId >>> 40));
        Object record = log == null ? null : log.get(operationId);
        return record == null ? null : (VersionedValue<?>) UNDONE_VALUE.get(record);
    }

    private static @Nullable MVMap<?, ?> undoLog(TransactionStore store, int slot) {
        return ((MVMap<?, ?>[]) UNDO_LOGS.get(store))[slot];
    }

    /** The undo log of an open transaction. */
    public static MVMap<?, ?> undoLog(TransactionStore store, Transaction transaction) {
        return Objects.requireNonNull(undoLog(store, transaction.getId()), "an open transaction has a log");
    }

    public static boolean isUndoLog(MVMap<?, ?> map) {
        return UNDO_RECORD_TYPE.isInstance(map.getValueType());
    }

    /**
     * Lets storage never wait for another transaction: it answers at once that it cannot have the entry. The public
     * setter takes 0 for the store's default, so the least it can do is 1 ms.
     */
    public static void neverWait(Transaction transaction) {
        TRANSACTION_TIMEOUT.set(transaction, 0);
    }

    /**
     * Takes away the mark that a roll-back to a savepoint leaves on a transaction for the rest of its life. A thread
     * that meets an entry of a marked transaction tries again at once, without end and without looking at its timeout.
     */
    public static void settle(Transaction transaction) {
        AtomicLong state = (AtomicLong) TRANSACTION_STATE.get(transaction);
        long seen = state.get();
        while ((seen & STATE) == OPEN_AND_MARKED && !state.compareAndSet(seen, seen & ~MARK)) {
            seen = state.get();
        }
    }

    /**
     * Takes away what H2's own search for deadlocks leaves: a transaction said to wait that does not, and one marked as
     * rolling back that nobody rolls back. On the transaction's own thread, outside storage.
     *
     * @return whether it was marked
     */
    public static boolean reopen(Transaction transaction) {
        if (TRANSACTION_BLOCKER.getVolatile(transaction) != null) {
            TRANSACTION_BLOCKER.setVolatile(transaction, null);
        }
        AtomicLong state = (AtomicLong) TRANSACTION_STATE.get(transaction);
        long seen = state.get();
        while ((seen & STATUS) == ROLLING_BACK) {
            if (state.compareAndSet(seen, seen & ~STATUS | OPEN)) {
                return true;
            }
            seen = state.get();
        }
        return false;
    }

    /** The place in the undo log to which this statement is to roll back; empty if there is no such savepoint. */
    public static OptionalLong savepoint(SessionLocal session, Prepared rollback) {
        HashMap<?, ?> savepoints = (HashMap<?, ?>) SAVEPOINTS.get(session);
        Object savepoint = savepoints == null || !(rollback instanceof TransactionCommand)
                ? null
                : savepoints.get(SAVEPOINT_NAME.get((TransactionCommand) rollback));
        return savepoint == null
                ? OptionalLong.empty()
                : OptionalLong.of((long) SAVEPOINT_PLACE.get((SessionLocal.Savepoint) savepoint));
    }

    /** Runs a transaction that has been begun at another level at READ COMMITTED. */
    public static void readCommitted(Transaction transaction) {
        H2Reflection.write(TRANSACTION_ISOLATION, transaction, IsolationLevel.READ_COMMITTED);
    }

    /** Puts another table of the maps that a transaction has opened in the place of the one that is there. */
    public static void setMaps(Transaction transaction, Map<Integer, TransactionMap<?, ?>> maps) {
        try {
            SET_TRANSACTION_MAPS.invokeExact(transaction, maps);
        } catch (Throwable e) {
            throw new AssertionError("it only sets a field", e);
        }
    }

    /**
     * Its session is closed: lets others end a prepared transaction, as after a crash. H2 would ask the closed session
     * about every row that is rolled back, and fail.
     */
    public static void leaveToOthers(Transaction transaction) {
        RollbackListener nobody = (map, key, existing, restored) -> {};
        H2Reflection.write(TRANSACTION_LISTENER, transaction, nobody);
    }

    /**
     * Commits what is in the undo log of a transaction, which has its mark of a commit already, and closes the
     * transaction.
     */
    public static void finishCommit(TransactionStore store, Transaction transaction) {
        try {
            COMMIT_LOGGED.invokeExact(store, transaction, true);
            END_TRANSACTION.invokeExact(store, transaction, true);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("H2 declares none", e);
        }
    }

    /** A thread has it while it writes to the file. */
    public static ReentrantLock storeMutex(MVStore store) {
        return (ReentrantLock) STORE_MUTEX.get(store);
    }

    /**
     * Lets one who begins a statement in a store that has closed find that out. A transaction whose commit fails counts
     * itself off among the users of the newest version, and once more with its next statement, as a roll-back is. Below
     * zero H2 waits for the next version, on the processor and for ever, and of a closed store there is none.
     */
    public static void neverWaitForNext(MVStore closed) {
        USER_COUNT.setVolatile((MVStore.TxCounter) NEWEST_USERS.getVolatile(closed), MORE_THAN_EVER_LEAVE);
    }

    /** The open maps of a store, by their numbers. */
    @SuppressWarnings("unchecked")
    public static ConcurrentHashMap<Integer, MVMap<?, ?>> maps(MVStore store) {
        return (ConcurrentHashMap<Integer, MVMap<?, ?>>) H2Reflection.read(STORE_MAPS, store);
    }

    /** Puts our table of maps in the place of the store's own; by the thread that has the store's mutex. */
    public static void setMaps(MVStore store, ConcurrentHashMap<Integer, MVMap<?, ?>> maps) {
        H2Reflection.write(STORE_MAPS, store, maps);
    }

    /** From now on H2 enters this where it writes a chunk. Nobody may be in it now. */
    public static void setChunkMutex(FileStore<?> file, ReentrantLock mutex) {
        H2Reflection.write(CHUNK_MUTEX, file, mutex);
    }

    /** The chunk that was written last; null if there is none. */
    public static @Nullable Chunk<?> lastChunk(FileStore<?> file) {
        return (Chunk<?>) LAST_CHUNK.get(file);
    }

    /** The number of the chunk that the header of the file names; 0 if it names none. */
    public static int namedChunk(FileStore<?> file) {
        Object named = ((HashMap<?, ?>) HEADER.get(file)).get("chunk");
        return named instanceof Integer number ? number : named == null ? 0 : Integer.parseInt(named.toString(), 16);
    }

    /** Is the chunk of this number still in use? */
    public static boolean hasChunk(FileStore<?> file, int number) {
        return ((ConcurrentHashMap<?, ?>) CHUNKS.get(file)).containsKey(number);
    }

    /**
     * Has the header of the file name the chunk that was written last. Called inside the mutex for chunks.
     *
     * @throws MVStoreException if it cannot be written
     */
    public static void writeHeader(RandomAccessStore file) {
        try {
            WRITE_HEADER.invoke(file);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("it has no checked exceptions", e);
        }
    }
}
