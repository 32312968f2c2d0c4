package io.mortise.engine.storage.serial;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.serial.SerialTransaction;
import io.mortise.engine.serial.Serializer;
import io.mortise.engine.storage.transaction.LeftBranches;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.h2.engine.Database;
import org.h2.index.Index;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.schema.Schema;
import org.h2.table.Table;

/** The serializable transactions of one database as storage has them. Thread-safe. */
public final class Serializing {
    private static final int NO_TABLE = -1;
    private static final String ROWS = "table.";

    private final Database database;
    private final Serializer serializer = new Serializer();
    /** The open ones that are in a serializable transaction, or have been. Each commit goes through them. */
    private final List<SerialSession> sessions = new CopyOnWriteArrayList<>();

    private volatile AllMaps maps = AllMaps.UNKNOWN;
    /** Branches that are prepared and whose session has gone. */
    private final Map<Transaction, SerialTransaction> prepared = new ConcurrentHashMap<>();

    private final Map<Integer, Integer> tablesOfMaps = new ConcurrentHashMap<>();

    /** Has a crash left a branch, of which nobody knows what it has read? */
    private volatile boolean hasBranchInDoubt;

    private final LeftBranches left;

    private final LockManager locks;

    public Serializing(Database database, LeftBranches left, LockManager locks) {
        this.database = database;
        this.left = left;
        this.locks = locks;
    }

    LockManager locks() {
        return locks;
    }

    public Serializer serializer() {
        return serializer;
    }

    /** The database is open, or a branch has ended. */
    public void lookForDoubts() {
        hasBranchInDoubt = database.getStore().getTransactionStore().getOpenTransactions().stream()
                .anyMatch(transaction -> transaction.getStatus() == Transaction.STATUS_PREPARED);
    }

    /** Perhaps; one volatile read. */
    public boolean hasBranchInDoubt() {
        return hasBranchInDoubt;
    }

    /** The branches of which one cannot know what they have read, with others that no session has. */
    List<OwnerId> branchesInDoubt() {
        return hasBranchInDoubt ? left.owners() : List.of();
    }

    /** A snapshot of all tables. */
    StoreSnapshot snapshot() {
        long catalogue = database.getModificationMetaId();
        AllMaps known = maps;
        if (!known.isOf(catalogue)) {
            known = AllMaps.of(database, catalogue);
            maps = known;
        }
        return StoreSnapshot.of(database.getStore().getTransactionStore(), known);
    }

    void begun(SerialSession session) {
        sessions.add(session);
    }

    void over(SerialSession session) {
        sessions.remove(session);
    }

    void leftPrepared(Transaction transaction, SerialTransaction serial) {
        prepared.put(transaction, serial);
    }

    /** A session has ended a branch that another had prepared. */
    public void branchEnded() {
        if (hasBranchInDoubt) {
            lookForDoubts();
        }
        for (Map.Entry<Transaction, SerialTransaction> each : prepared.entrySet()) {
            if (each.getKey().getStatus() != Transaction.STATUS_PREPARED && prepared.remove(each.getKey()) != null) {
                serializer.committed(each.getValue()); // Or rolled back: then it counts for more than it was.
            }
        }
    }

    /**
     * The session, of those that are in a serializable transaction, in which this thread is ending a transaction that
     * may yet be refused.
     */
    public Optional<SerialSession> committing() {
        if (!serializer.isWatching()) {
            return Optional.empty();
        }
        for (SerialSession each : sessions) {
            if (each.isCommittingUnasked()) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /**
     * The number of the table that a map of the store's belongs to; negative if it is none of a table of the
     * database's.
     */
    int tableOf(MVMap<?, ?> map) {
        Integer known = tablesOfMaps.get(map.getId());
        if (known == null) {
            known = map.getName().startsWith(ROWS)
                    ? Integer.valueOf(map.getName().substring(ROWS.length()))
                    : find(map);
            if (known != NO_TABLE) {
                tablesOfMaps.put(map.getId(), known);
            }
        }
        return known;
    }

    private int find(MVMap<?, ?> map) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table instanceof MVTable ours && has(ours, map)) {
                    return ours.getId();
                }
            }
        }
        return NO_TABLE;
    }

    private static boolean has(MVTable table, MVMap<?, ?> map) {
        for (Index index : table.getIndexes()) {
            if (index instanceof MVIndex<?, ?> stored && stored.getMVMap() == map) {
                return true;
            }
        }
        return false;
    }
}
