package io.mortise.engine.storage.session;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.journal.TransactionEntry.State;
import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitRule;
import io.mortise.engine.policy.WantedLock;
import io.mortise.engine.storage.definition.GoneTable;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.slot.LeftTransaction;
import io.mortise.engine.storage.statement.BegunTables;
import io.mortise.engine.storage.transaction.KeptKeys;
import io.mortise.engine.storage.transaction.LeftBranches;
import io.mortise.engine.storage.transaction.OldestResult;
import io.mortise.engine.storage.waiting.DefinitionWait;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.h2.message.DbException;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The tables that a session's transaction has locked, and the ways a lock is taken and given back. Used by the thread
 * that runs the session's statement, under H2's mutex of the session.
 *
 * <p>H2 keeps a list of the locked tables too, and tells each at the end of the transaction: the first to hear it gives
 * all locks back. A statement that changes the catalogue may end H2 transactions in the middle. Its locks stay until it
 * is over: else what others write in between would be lost with the table that they wrote to.
 */
public final class TransactionLocks implements NameLocks.Taking {
    private static final System.Logger LOG = System.getLogger(TransactionLocks.class.getName());
    private static final int FEW = 4;
    private static final LockableTable[] NO_TABLES = {};
    private static final LockMode[] NO_MODES = {};

    private final StorageSession session;
    private final OpenDatabase storage;
    private final LockManager locks;
    private final LockOwner owner;

    private int size;
    /** The first few stay when they are unlocked: the next transaction mostly locks the same, and writes none. */
    private LockableTable[] tables = NO_TABLES;

    private LockMode[] modes = NO_MODES; // made with the first lock: a client may connect, and lock none
    /** The slot of the H2 transaction under which others find this one; 0 while they cannot. */
    private int slot;

    private boolean lockedAhead; // of the commit that comes next
    private boolean kept; // past the end of a transaction of H2's
    /** Does H2 tell of the end of the transaction even if it has locked no table? */
    private boolean toldOfEnd;

    private final BegunTables begun;
    private final KeptKeys keptKeys;
    private final SessionWaits waits;
    /** For whom the system session locks; null in any other session. */
    private @Nullable OwnerId behalf;

    TransactionLocks(StorageSession session, OpenDatabase storage) {
        this.session = session;
        this.storage = storage;
        this.locks = storage.locks();
        this.owner = session.owner();
        this.keptKeys = new KeptKeys(owner);
        this.waits = session.waits();
        this.begun = new BegunTables(() -> session.statements().record().id());
    }

    /** What a definition needs is locked, and the commit before it is next. */
    void commitsAhead() {
        session.serial().commitsInH2().ifPresent(error -> {
            throw DbException.convert(error);
        });
        lockedAhead = true;
    }

    /** The mode in which the transaction has locked a table; null if it has not. */
    public @Nullable LockMode mode(LockableTable table) {
        for (int i = size - 1; i >= 0; i--) {
            if (tables[i] == table) {
                return modes[i];
            }
        }
        return null;
    }

    /** Locks a table, waiting as long as the session has been told. */
    public boolean lock(LockableTable table, LockMode wanted) {
        return lock(table, wanted, SessionWaits.AS_TOLD);
    }

    /**
     * Locks a table, waiting if need be, and sees to it that H2 tells when the transaction ends.
     *
     * @return true if it was locked exclusively before
     */
    public boolean lock(LockableTable table, LockMode wanted, int timeoutMillis) {
        LockMode held = mode(table);
        if (held != null && held.covers(wanted)) {
            alters(table, wanted); // LOCK TABLE may have been before.
            if (begun.isAny() && begun.misses(table, table.alterations())) { // One inside this statement has locked it.
                throw GoneTable.repeated(table);
            }
            return held == LockMode.X;
        }
        // A definition that has lost its transaction takes out of the catalogue what H2 has in memory.
        if (!table.isMeta() || !session.statements().isDefinition()) {
            waits.checkNotLost();
        }
        if (slot == 0) {
            showSlot();
        }
        if (session.isSystem()) {
            return lockForAnother(table, wanted);
        }
        boolean waited = hearingOfTheEnd(() -> take(table, held, wanted, timeoutMillis));
        enter(table, held == null ? wanted : held.join(wanted));
        if (waited || wanted == LockMode.S || wanted == LockMode.SIX) {
            session.statements().lookAgain();
        }
        return false;
    }

    private boolean take(LockableTable table, @Nullable LockMode held, LockMode wanted, int timeoutMillis) {
        boolean waited = (!areIntents(held, wanted) || !locks.tryIntent(owner, table.gate(), wanted))
                && acquire(table.target(), wanted, rule(table, wanted, timeoutMillis));
        Spot.TABLE_LOCKED.pass();
        if (table.isGoneFor(session.statements()) || begun.misses(table, table.alterations())) {
            if (held == null) {
                // H2 uses the number of a table again: the next one with it must not meet a lock that means this one.
                locks.release(owner.id(), table.target());
            }
            throw table.isGoneFor(session.statements()) ? gone(table) : GoneTable.repeated(table);
        }
        begun.locked(table, table.alterations());
        return waited;
    }

    /** A statement that has not locked the table yet begins to look at how it is defined. */
    public void looksAt(LockableTable table) {
        if (mode(table) == null) {
            begun.begins(table, H2Reflection.depth(session.h2()), table.alterations());
        }
    }

    /**
     * H2 writes sequences down in a session of its own, on the thread of the one that needs a value. It is that one
     * which waits, and which others may wait for.
     */
    private boolean lockForAnother(LockableTable table, LockMode wanted) {
        StorageSession running = storage.running();
        StorageSession asking = running == null ? session : running;
        // One row of the catalogue is changed, by the one session that does this: only definitions must stay away.
        boolean isSequence = table.isMeta()
                && asking != session
                && !asking.statements().isEmpty()
                && !asking.statements().isDefinition();
        LockMode mode = isSequence && wanted == LockMode.X ? LockMode.IX : wanted;
        if (!areIntents(null, mode) || !locks.tryIntent(asking.owner(), table.gate(), mode)) {
            asking.waits()
                    .checkGranted(locks.acquire(
                            asking.owner(), table.target(), mode, asking.waits().rule(SessionWaits.AS_TOLD)));
        }
        // A definition keeps its own to its end.
        behalf = table.isMeta() && asking.holdsCatalog() ? null : asking.owner().id();
        enter(table, mode);
        return false;
    }

    /** H2's own session is about to write a sequence for this one: {@link #lockForAnother} finds the lock there. */
    public void awaitCatalog(LockableTable catalog) {
        boolean runs = !session.isSystem() && !session.statements().isEmpty();
        if (runs && !locks.tryIntent(owner, catalog.gate(), LockMode.IX)) {
            waits.checkGranted(locks.acquire(owner, catalog.target(), LockMode.IX, waits.rule(SessionWaits.AS_TOLD)));
        }
    }

    private void giveBackForAnother(LockableTable table) {
        OwnerId other = behalf;
        if (other != null) {
            locks.release(other, table.target());
        }
    }

    public KeptKeys keptKeys() {
        return keptKeys;
    }

    private static boolean areIntents(@Nullable LockMode held, LockMode wanted) {
        return (held == null || held == LockMode.IS) && (wanted == LockMode.IX || wanted == LockMode.IS);
    }

    // From now on others can find out whose an uncommitted row is, and storage never waits for anybody.
    private void showSlot() {
        storage.slotRefusals().check(session.h2());
        Transaction transaction = session.h2().getTransaction();
        StoreReflection.neverWait(transaction);
        slot = transaction.getId();
        storage.transactions().enter(session, transaction);
    }

    /**
     * Takes locks that are not H2's: facets, schemas, rights. They are given back with the others at the end of the
     * transaction, or with the statement if H2 has no table to tell of that end.
     */
    public void request(List<WantedLock> requests) {
        request(requests, SessionWaits.AS_TOLD);
    }

    /** The same, waiting for so long for each. */
    public void request(List<WantedLock> requests, int timeoutMillis) {
        for (WantedLock request : requests) {
            if (request.target() instanceof LockTarget.Table) {
                continue; // Locked where H2 locks it.
            }
            hearingOfTheEnd(() -> acquire(request.target(), request.mode(), waits.rule(timeoutMillis)));
            if (request.target() instanceof LockTarget.GlobalPermission) {
                // H2 lets the catalogue go in the middle of some definitions: no table may be left to tell it.
                hearOfTheEnd();
            }
        }
    }

    /** How it waits for another's definition. */
    public DefinitionWait definitionWait() {
        return new DefinitionWait(locks, owner, waits);
    }

    /** Has the transaction that took them ended, within a statement that goes on? */
    public boolean isKept() {
        return kept;
    }

    @Override
    public void take(LockTarget.Name name, int timeoutMillis) {
        locks.begin(owner);
        hearingOfTheEnd(() -> acquire(name, LockMode.X, waits.rule(timeoutMillis)));
        hearOfTheEnd();
    }

    @Override
    public void begin() {
        locks.begin(owner);
        hearOfTheEnd();
    }

    /** Sees to it that H2 tells of the end of the transaction, whatever it has locked. */
    private void hearOfTheEnd() {
        if (!toldOfEnd) {
            if (size == 0) {
                begun();
            }
            toldOfEnd = true;
            TransactionEnd.hear(session.h2(), new TransactionEnd(storage.database(), this::ended));
        }
    }

    /**
     * What an Error ends in the middle may hold a lock that H2 knows nothing of. A refusal is no such end: it is
     * settled with the statement.
     */
    private boolean hearingOfTheEnd(BooleanSupplier acquisition) {
        boolean isOver = false;
        try {
            boolean waited = acquisition.getAsBoolean();
            isOver = true;
            return waited;
        } catch (DbException refused) {
            isOver = true;
            throw refused;
        } finally {
            if (!isOver) {
                hearOfTheEnd();
            }
        }
    }

    private boolean acquire(LockTarget target, LockMode mode, WaitRule rule) {
        WaitOutcome outcome = locks.acquire(owner, target, mode, rule);
        if (outcome instanceof WaitOutcome.Acquired granted) {
            return granted.waitedNanos() > 0;
        }
        throw waits.refusal(outcome);
    }

    /** Waits for who has a row in storage, by its slot now, and keeps no lock on it that was not there before. */
    public void awaitRow(Holding holder, LockTarget.Row row, LockMode mode, IntSupplier slotNow) {
        boolean had = locks.holds(owner, row);
        waits.checkGranted(locks.acquireFrom(holder, owner, row, mode, waits.rule(SessionWaits.AS_TOLD, slotNow)));
        if (!had) {
            locks.release(owner.id(), row);
        }
    }

    private void begun() {
        session.journal().transactionStarted(owner.id().transaction(), owner.startNanos());
    }

    // Not for the catalogue: by then the statement has its table, and whoever wants that waits for it.
    private WaitRule rule(LockableTable table, LockMode wanted, int timeoutMillis) {
        WaitRule rule = waits.rule(timeoutMillis);
        return wanted == LockMode.X && !table.isMeta() && session.statements().waitsLast()
                ? new WaitRule(rule.timeoutMillis(), rule.watch(), WaitRule.Place.LAST)
                : rule;
    }

    private void alters(LockableTable table, LockMode mode) {
        if (mode == LockMode.X && !table.isMeta() && session.statements().isDefinition()) {
            table.alterationBegins();
        }
    }

    private void enter(LockableTable table, LockMode mode) {
        alters(table, mode);
        for (int i = 0; i < size; i++) {
            if (tables[i] == table) {
                modes[i] = mode;
                return;
            }
        }
        if (size == tables.length) {
            int room = Math.max(FEW, size * 2);
            tables = Arrays.copyOf(tables, room);
            modes = Arrays.copyOf(modes, room);
        }
        if (tables[size] != table || modes[size] != mode) { // The collector minds each write of a reference.
            tables[size] = table;
            modes[size] = mode;
        }
        if (size == 0 && !toldOfEnd) {
            begun();
        }
        size++;
        // The order of a definition is H2's own, and nobody can choose another.
        if (!table.isMeta() && !session.statements().isDefinition()) {
            session.journal().tableTaken(table.target(), mode, owner.statement());
        }
        TransactionEnd.hear(session.h2(), table);
    }

    /** The table was dropped, replaced by its altered copy, or lost an index, before the lock on it was granted. */
    private DbException gone(LockableTable table) {
        if (session.statements().isDefinition()) {
            return GoneTable.replaced();
        }
        return session.statements().kind().locksSelectedRows()
                ? GoneTable.error(session.h2(), session.statements().prepared())
                : GoneTable.repeated(table);
    }

    /** H2 says that the session is done with a table: at its transaction's end, or before it with the meta table. */
    public void unlock(LockableTable table) {
        Transaction transaction = H2Reflection.transaction(session.h2());
        if (goesOn(transaction)) {
            giveBack(table);
        } else if (size > 0) {
            end(transaction == null ? State.ROLLED_BACK : State.COMMITTED);
        }
    }

    /** H2 says that the transaction has ended, to one who has locked something besides tables. */
    void ended() {
        Transaction transaction = H2Reflection.transaction(session.h2());
        if (!goesOn(transaction) && (size > 0 || toldOfEnd)) {
            end(transaction == null ? State.ROLLED_BACK : State.COMMITTED);
        }
    }

    private boolean goesOn(@Nullable Transaction transaction) {
        return transaction != null && transaction.getStatus() == Transaction.STATUS_OPEN && session.isOpen();
    }

    private void giveBack(LockableTable table) {
        for (int i = 0; i < size; i++) {
            if (tables[i] == table) {
                table.lockEnds(session, modes[i]);
                size--;
                System.arraycopy(tables, i + 1, tables, i, size - i);
                System.arraycopy(modes, i + 1, modes, i, size - i);
                giveBackForAnother(table);
                locks.release(owner.id(), table.target());
                return;
            }
        }
    }

    /** H2 gives tables their number late: who has asked a view in between makes it ask again at the next number. */
    private void locksEnd() {
        boolean hasChanged = false;
        for (int i = 0; i < size; i++) {
            tables[i].lockEnds(session, modes[i]);
            hasChanged |= modes[i].covers(LockMode.IX);
        }
        if (hasChanged) {
            OldestResult.isNewerThanNow(session.h2(), storage.database());
        }
    }

    private void end(State how) {
        if (!session.isOpen() && LeftBranches.isPrepared(H2Reflection.transaction(session.h2()))) {
            return; // It keeps its locks: see leaveNothing.
        }
        hideSlot();
        if (how == State.COMMITTED) {
            session.serial().committed();
        } else {
            session.serial().rolledBack();
        }
        if (lockedAhead) {
            giveBackWeak();
        }
        if (session.isOpen() && (lockedAhead || session.statements().isDefinition())) {
            lockedAhead = false;
            session.statements().transactionEnded();
            kept = true;
            return;
        }
        giveAllBack(how);
    }

    /** What the definition that follows needs is locked exclusively. */
    private void giveBackWeak() {
        for (int i = size - 1; i >= 0; i--) {
            if (modes[i] != LockMode.X) {
                giveBack(tables[i]);
            }
        }
    }

    /** The session is no more: rolls back what is still open, unless that is prepared, for another session to end. */
    void leaveNothing(Runnable gone) {
        Transaction left = H2Reflection.transaction(session.h2());
        session.serial().gone();
        if (left != null && LeftBranches.isPrepared(left)) {
            storage.transactions().left().leave(session, left, how -> {
                session.journal().transactionEnded(storage.clock().getAsLong(), how);
                gone.run();
            });
            return;
        }
        hideSlot();
        locksEnd();
        if (left != null && left.getStatus() == Transaction.STATUS_OPEN) {
            try {
                LeftTransaction.undo(storage.database().getStore().getMvStore(), left);
            } catch (DbException | MVStoreException e) {
                LOG.log(System.Logger.Level.WARNING, "session " + session.id() + " could not be rolled back", e);
            }
        }
        gone.run();
    }

    private void hideSlot() {
        if (slot != 0) {
            storage.transactions().leave(session, slot);
            slot = 0;
        }
    }

    private void giveAllBack(State how) {
        locksEnd();
        try {
            Spot.TRANSACTION_ENDED.pass();
            for (int i = 0; i < size; i++) {
                giveBackForAnother(tables[i]);
            }
        } finally {
            begun.clear();
            forgetTables();
            kept = false;
            lockedAhead = false;
            toldOfEnd = false;
            session.statements().transactionEnded();
            locks.releaseAll(owner);
            Spot.TABLES_RELEASED.pass();
            if (how == State.COMMITTED && session.isOpen() && !session.isAutoCommit()) {
                session.notices().namesGivenBack(session.names().transactionCommitted());
            } else {
                session.names().transactionEnded();
            }
            session.journal().transactionEnded(storage.clock().getAsLong(), how);
        }
    }

    /** A transaction of many tables keeps none of them alive, and one that defines none that it has dropped. */
    private void forgetTables() {
        if (size > FEW || kept || lockedAhead) {
            tables = new LockableTable[FEW];
            modes = new LockMode[FEW];
        }
        size = 0;
    }

    /** The statement that kept its locks is over: the commit with which H2 may end it gives them back. */
    public void statementOver() {
        // It has locks, but no table, or none because the first was refused: H2 will tell of no end.
        if (size == 0 && !toldOfEnd && owner.isActive()) {
            giveAllBack(State.COMMITTED);
        }
        if (!kept) {
            return;
        }
        if (H2Reflection.transaction(session.h2()) == null) {
            giveAllBack(State.COMMITTED);
            return;
        }
        kept = false;
        if (toldOfEnd) {
            TransactionEnd.hear(session.h2(), new TransactionEnd(storage.database(), this::ended));
        }
        for (int i = 0; i < size; i++) {
            TransactionEnd.hear(session.h2(), tables[i]);
        }
    }
}
