package io.mortise.engine.storage.command;

import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.storage.change.PointChange;
import io.mortise.engine.storage.change.RowChange;
import io.mortise.engine.storage.row.PointAccess;
import io.mortise.engine.storage.serial.SerialSession;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.CatalogueNumbers;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.command.query.Select;
import org.h2.engine.DbObject;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.ResultInterface;
import org.h2.table.Table;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * What a statement depends on. H2 finds that out at each execution, by a walk through all expressions; it stays the
 * same until the catalogue changes or the statement is read again. One thread.
 */
final class Reach {
    static final Reach UNKNOWN = new Reach(null, -1, Dependencies.none());

    /** As H2's, which is not to be changed. */
    static final HashSet<MVMap<Object, VersionedValue<Object>>> NOTHING = new HashSet<>(0);

    private final @Nullable Prepared statement;
    private final long catalogue;
    private final Set<DbObject> dependencies;
    private final HashSet<MVMap<Object, VersionedValue<Object>>> maps = new HashSet<>();
    private final MVTable[] tables;
    private final int indexes;
    private final boolean isPrivate;
    private final boolean isOneLook;
    /** Does it read one row at most, and change none? */
    private final boolean isOneRow;

    private final ExactKey key;
    /** Does it change one row at most? It begins anew each time, and keeps nothing of how far it had come. */
    private final boolean isPointChange;

    /** It as a change of one row that the engine makes itself; null if it is none. */
    private final @Nullable RowChange point;

    private final boolean isLoneRead;
    private final boolean changesUnseen;
    /** Is no result of it kept that a change makes wrong, to be given again? */
    private final boolean isResultless;
    /** H2's number of the transaction in which it ran last. The first one has 1. */
    private long transaction;

    private Reach(@Nullable Prepared statement, long catalogue, Dependencies all) {
        this.statement = statement;
        this.catalogue = catalogue;
        this.dependencies = Collections.unmodifiableSet(all.all());
        this.changesUnseen = all.changesUnseen();
        this.tables = Dependencies.tables(dependencies);
        this.indexes = countIndexes();
        this.isPrivate = isAnyPrivate();
        this.isOneLook = tables.length == 1 && statement != null && PointAccess.isOneLook(statement);
        this.isOneRow =
                isOneLook || statement instanceof Select query && query.getForUpdate() == null && isPoint(query);
        this.isResultless = isPoint(statement) || isOneLook || tables.length == 0 && !changesUnseen;
        this.key = isOneLook && statement != null ? ExactKey.of(statement) : ExactKey.NONE;
        this.isPointChange = tables.length == 1 && statement != null && PointAccess.isPointChange(statement);
        this.point = rowChange(statement);
        this.isLoneRead =
                key != ExactKey.NONE && !isPrivate && statement instanceof Select query && LoneRead.isPossible(query);
        for (MVTable table : tables) {
            Dependencies.addMaps(table, maps);
        }
    }

    private @Nullable RowChange rowChange(@Nullable Prepared of) {
        if (of == null) {
            return null;
        }
        return isPointChange ? PointChange.of(of) : RowChange.insertion(of);
    }

    private boolean isAnyPrivate() {
        for (MVTable table : tables) {
            if (!(table instanceof LockableTable lockable) || lockable.isPrivate()) {
                return true;
            }
        }
        return false;
    }

    /** @param catalogue H2's number of it */
    static Reach of(Prepared statement, long catalogue) {
        // Of one row at most, looking the result up that it had before costs more than to read the row.
        if (statement instanceof Select select && isPoint(select)) {
            select.disableCache();
        }
        return new Reach(statement, catalogue, Dependencies.of(statement));
    }

    private static boolean isPoint(@Nullable Prepared statement) {
        return statement instanceof Select select && PointAccess.isPoint(select);
    }

    /** May this statement have kept a result that a change of this table makes wrong? */
    boolean mayKeepResultOf(Prepared now, Table table) {
        return now != statement || !isResultless && dependencies.contains(table);
    }

    /** Is it what this statement depends on in this state of the catalogue? */
    boolean isOf(Prepared now, long catalogueNow) {
        // An index comes to be in the middle of a definition, which has told of itself before.
        // To empty a table counts as altering it, and leaves the catalogue as it is.
        return now == statement
                && catalogue == catalogueNow
                && indexes == countIndexes()
                && (point == null || point.isCurrent());
    }

    private int countIndexes() {
        int count = 0;
        for (MVTable table : tables) {
            count += table.getIndexes().size();
        }
        return count;
    }

    Set<DbObject> dependencies() {
        return dependencies;
    }

    /** Are the maps known of all that it depends on? Of a local temporary table the catalogue does not know. */
    boolean hasMaps() {
        return !isPrivate;
    }

    /** Can it read without a slot of the store, if it is alone in its transaction? */
    boolean isLoneRead() {
        return isLoneRead;
    }

    /** What its snapshot is of: nothing if it looks once in all, for then it sees one state of the data without. */
    HashSet<MVMap<Object, VersionedValue<Object>>> snapshot() {
        return isOneLook ? NOTHING : maps;
    }

    /**
     * The same. In a transaction that has our snapshot of all tables, a statement's own shows what that has written
     * before it, and nothing else. Any look of one that reads one row and changes none shows the same; a statement
     * inside it would end the statement's in any case.
     */
    HashSet<MVMap<Object, VersionedValue<Object>>> snapshot(Transaction transaction, SerialSession serial) {
        if (readsWhatIsCommitted(transaction)) {
            return snapshot();
        }
        return isOneRow && serial.isOpenIn(transaction) ? NOTHING : maps;
    }

    /** Does it read a table that has an index younger than the snapshot which its transaction keeps? */
    boolean isOlder(StorageSession own) {
        return Dependencies.keepsSnapshot(own) && Dependencies.haveYoungIndex(tables, own);
    }

    /**
     * It has looked once, and without a snapshot. A table says that it leaves before its rows go, and is asked after
     * the look. Who could have missed them waits for the end of the definition, and begins again. So does who may have
     * looked into an index whose entries were just taken away.
     */
    void checkLook(Prepared now, StorageSession own, LoneRead alone) {
        long plan = CatalogueNumbers.of(now);
        if (isOneLook && Dependencies.mayMiss(tables[0], plan)) {
            alone.leave(); // Who waits is in a transaction that others find.
            Dependencies.check(own, tables[0], plan);
        }
    }

    /**
     * Its snapshot is taken: are the rows in it of all that it reads, and of each index? A view may still read a table
     * that is gone.
     */
    void checkSnapshot(Prepared now, StorageSession own) {
        if (!isOneLook) {
            long plan = CatalogueNumbers.of(now);
            for (MVTable table : tables) {
                Dependencies.check(own, table, plan);
            }
        }
    }

    /**
     * It has stopped in the middle. H2 keeps how far it had come, for the statement and for the views that it reads,
     * and would go on from there. A recursive query would begin with the rows of its last step.
     */
    void failed(Prepared now, SessionLocal session) {
        if (now != statement || !isOneLook && !isPointChange) {
            CatalogueNumbers.forget(now);
            session.clearViewIndexCache();
        }
    }

    /** It begins in a transaction: what results count that were kept before? */
    void beginsIn(Transaction now, SessionLocal session, LockPolicy policy) {
        boolean isFirst = transaction != now.getSequenceNum();
        transaction = now.getSequenceNum();
        if (isResultless) {
            return;
        }
        if (changesUnseen || KeptResults.isAnythingChanged(session)) {
            KeptResults.forget(session);
        } else if (isFirst || KeptResults.serveOneStatement(session, policy)) {
            KeptResults.forget(session, policy);
        }
    }

    /** May it find something else although no table has changed? */
    boolean changesUnseen() {
        return changesUnseen;
    }

    /** Does each statement of a transaction read what has been committed by then? */
    static boolean readsWhatIsCommitted(Transaction transaction) {
        IsolationLevel level = transaction.getIsolationLevel();
        return level == IsolationLevel.READ_COMMITTED || level == IsolationLevel.READ_UNCOMMITTED;
    }

    /** Has a transaction that keeps one snapshot taken it? */
    static boolean hasItsSnapshot(Transaction transaction) {
        return transaction.getIsolationLevel() == IsolationLevel.SERIALIZABLE && transaction.hasStatementDependencies();
    }

    /** What it looks for, as far as that is what its condition says. */
    ExactKey key(Prepared now) {
        return now == statement ? key : ExactKey.NONE;
    }

    /** Runs it, if it is a query. Where H2 trips over an index that has just gone, it is repeated. */
    ResultInterface query(Prepared now, long maxRows, StorageSession own) {
        try {
            return key(now).query(now, maxRows);
        } catch (DbException e) {
            throw e;
        } catch (RuntimeException e) {
            long plan = CatalogueNumbers.of(now);
            for (MVTable table : tables) {
                Dependencies.check(own, table, plan);
            }
            throw e;
        }
    }

    /** Runs it, if it changes rows; returns how many it has changed. */
    long change(Prepared now, SessionLocal session) {
        RowChange one = now == statement ? point : null;
        if (one == null) {
            return key(now).update(now);
        }
        Value number = key.number();
        return number == null ? one.run(session) : one.run(session, number);
    }

    /** What it reads. Not to be changed. */
    HashSet<MVMap<Object, VersionedValue<Object>>> maps() {
        return maps;
    }
}
