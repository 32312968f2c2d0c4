package io.mortise.engine.storage.row;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;

/**
 * The row locks that only storage knows. Reads them out of the undo logs of the open transactions, page by page: ten
 * million are listed without being held in memory, and nobody is held up. Thread-safe.
 *
 * <p>A row stands in the log once for each change; it is listed at the last, which is the one that its version names. A
 * page is dropped if the transaction has ended since the page was begun: its slot may be another's by now.
 */
public final class ImplicitRowLocks {
    private static final int PAGE = 1000;
    private static final String ROWS = "table.";
    private static final long LOG_ID = (1L << 40) - 1;

    private final OpenDatabase storage;

    public ImplicitRowLocks(OpenDatabase storage) {
        this.storage = storage;
    }

    /** Every one, oldest transaction first, newest row first; what ends while it is read may be missing. */
    public Stream<LockRow> all() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(new All(), 0), false);
    }

    /**
     * All transactions' rows, one after another. A flatMap would read all rows of a transaction before it shows one.
     */
    private final class All implements Iterator<LockRow> {
        private final Iterator<Transaction> transactions = storage.database()
                .getStore()
                .getTransactionStore()
                .getOpenTransactions()
                .iterator();
        private Iterator<LockRow> rows = Collections.emptyIterator();

        @Override
        public boolean hasNext() {
            while (!rows.hasNext() && transactions.hasNext()) {
                Transaction transaction = transactions.next();
                Optional<LockOwner> owner = storage.transactions()
                        .entry(transaction)
                        .map(entry -> entry.session().owner());
                rows = owner.<Iterator<LockRow>>map(known -> new Pages(transaction, known))
                        .orElse(Collections.emptyIterator());
            }
            return rows.hasNext();
        }

        @Override
        public LockRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return rows.next();
        }
    }

    /** One transaction's rows. One thread. */
    private final class Pages implements Iterator<LockRow> {
        private final Transaction transaction;
        private final LockOwner session;
        private final OwnerId owner;
        private final Iterator<TransactionStore.Change> changes;
        private long logId;
        private Iterator<LockRow> page = Collections.emptyIterator();

        Pages(Transaction transaction, LockOwner session) {
            this.transaction = transaction;
            this.session = session;
            this.owner = session.id();
            this.logId = transaction.setSavepoint(); // nothing but its position in the log
            this.changes = transaction.getChanges(0);
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext() && isOpen() && changes.hasNext()) {
                page = read();
            }
            return page.hasNext();
        }

        @Override
        public LockRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return page.next();
        }

        private boolean isOpen() {
            int status = transaction.getStatus();
            return (status == Transaction.STATUS_OPEN || status == Transaction.STATUS_PREPARED)
                    && session.id().equals(owner);
        }

        private Iterator<LockRow> read() {
            List<LockRow> rows = new ArrayList<>();
            for (int i = 0; i < PAGE && changes.hasNext(); i++) {
                TransactionStore.Change change = changes.next();
                logId--;
                if (change.mapName.startsWith(ROWS) && change.key instanceof Long key) {
                    row(change.mapName, key).ifPresent(rows::add);
                }
            }
            return isOpen() ? rows.iterator() : Collections.emptyIterator();
        }

        private Optional<LockRow> row(String map, long key) {
            LockableTable table = storage.table(Integer.parseInt(map.substring(ROWS.length())));
            if (table == null || table.isGone() || table.isPrivate()) {
                return Optional.empty();
            }
            VersionedValue<SearchRow> version = table.primary().getMVMap().get(key);
            if (version == null
                    || OpenTransactions.slotOf(version) != transaction.getId()
                    || (version.getOperationId() & LOG_ID) != logId) {
                return Optional.empty();
            }
            StatementRecord takenBy = storage.transactions().takenBy(version);
            long since = takenBy != StatementRecord.NONE ? takenBy.startNanos() : session.startNanos();
            return Optional.of(new LockRow(
                    owner,
                    new LockTarget.Row(table.target(), key),
                    LockMode.X,
                    true,
                    since,
                    since,
                    takenBy,
                    true,
                    List.of(),
                    0));
        }
    }

    /**
     * What a roll-back to a savepoint does not take back: that the client has seen the rows. Storage frees those that
     * were locked or changed since the savepoint, so where reads lock, they are shared before it does. One thread, for
     * one roll-back.
     */
    public static final class ReadsBack {
        private final StorageSession session;
        private final Prepared rollback;
        private final Map<String, Set<Long>> seen = new HashMap<>();

        /** To be called at the start of every statement. */
        public static void keep(StorageSession session) {
            if (session.statements().type() == CommandInterface.ROLLBACK_TO_SAVEPOINT) {
                session.statements().prepared().ifPresent(rollback -> new ReadsBack(session, rollback).keep());
            }
        }

        private ReadsBack(StorageSession session, Prepared rollback) {
            this.session = session;
            this.rollback = rollback;
        }

        private void keep() {
            SessionLocal h2 = session.h2();
            Transaction transaction = H2Reflection.transaction(h2);
            OptionalLong savepoint = StoreReflection.savepoint(h2, rollback);
            if (transaction == null || savepoint.isEmpty() || !session.owner().isActive()) {
                return;
            }
            List<LockTarget.Row> rows = new ArrayList<>();
            long changes = transaction.setSavepoint() - savepoint.getAsLong(); // its position now, and nothing else
            Iterator<TransactionStore.Change> newestFirst = transaction.getChanges(0);
            for (; changes > 0 && newestFirst.hasNext(); changes--) {
                add(newestFirst.next(), rows);
            }
            if (!rows.isEmpty()) {
                session.locks().shareTaken(session.owner(), rows);
            }
        }

        private void add(TransactionStore.Change change, List<LockTarget.Row> rows) {
            boolean wasThere = change.value != null; // What the transaction has inserted itself is gone.
            if (wasThere
                    && change.mapName.startsWith(ROWS)
                    && change.key instanceof Long key
                    && seen.computeIfAbsent(change.mapName, any -> new HashSet<>())
                            .add(key)) {
                LockableTable table =
                        session.storage().table(Integer.parseInt(change.mapName.substring(ROWS.length())));
                if (table != null && !table.isGone() && isToStay(table)) {
                    rows.add(new LockTarget.Row(table.target(), key));
                }
            }
        }

        private boolean isToStay(LockableTable table) {
            LockMode held = session.transactionLocks().mode(table);
            return table.locksWhatItReads(session.h2()) && (held == null || !held.covers(LockMode.S));
        }
    }
}
