package io.mortise.engine.storage.transaction;

import io.mortise.engine.journal.TransactionEntry;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitRule;
import io.mortise.engine.lock.WaitWatch;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.text.UserName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.h2.engine.Database;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.util.ParserUtil;
import org.h2.util.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * The branches of distributed transactions that are prepared and that no session has any more, because it has gone or a
 * crash came between. Each keeps its locks, as the owner of them that its session was, until somebody ends it: so it is
 * waited for as everybody else is. Thread-safe.
 *
 * <p>A branch goes by the number of the session that prepared it. One that was found when the database was opened gets
 * a number that no session has had, and locks its tables anew; its rows are its in storage.
 */
public final class LeftBranches {
    private static final String ROWS = "table.";
    private static final WaitRule AT_ONCE = new WaitRule(0, WaitWatch.NOTHING);
    private static final VarHandle LAST_SESSION;

    static {
        try {
            LAST_SESSION = MethodHandles.privateLookupIn(Database.class, MethodHandles.lookup())
                    .findVarHandle(Database.class, "nextSessionId", int.class); // H2 adds one, then uses it.
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final Database database;
    private final LockManager locks;
    private final OpenTransactions transactions;
    private final Map<Transaction, Branch> left = new ConcurrentHashMap<>();
    private volatile TransactionEntry.State lastEnd = TransactionEntry.State.COMMITTED;

    private record Branch(LockOwner owner, Writings writings, KeptKeys keptKeys, Consumer<TransactionEntry.State> onEnd)
            implements Writer {}

    public LeftBranches(Database database, LockManager locks, OpenTransactions transactions) {
        this.database = database;
        this.locks = locks;
        this.transactions = transactions;
    }

    /** Does it wait for its coordinator? */
    public static boolean isPrepared(@Nullable Transaction transaction) {
        return transaction != null && transaction.getStatus() == Transaction.STATUS_PREPARED;
    }

    /** H2's transactions of all that are left. */
    public Stream<Transaction> all() {
        return left.keySet().stream();
    }

    /** Who holds their locks. */
    public List<OwnerId> owners() {
        return left.values().stream().map(branch -> branch.owner.id()).toList();
    }

    /** Has one of them written what names this slot of the store's? */
    public boolean hasWritten(int slot) {
        return all().anyMatch(branch -> branch.getId() == slot);
    }

    /**
     * The database is open: takes up those that were prepared before. Nobody else locks anything yet.
     *
     * @param tables by their numbers; empty for one that no others can see
     */
    public void takeUp(IntFunction<Optional<LockTarget.Table>> tables) {
        database.getStore().getTransactionStore().getOpenTransactions().stream()
                .filter(LeftBranches::isPrepared)
                .forEach(transaction -> takeUp(transaction, tables));
    }

    private void takeUp(Transaction transaction, IntFunction<Optional<LockTarget.Table>> tables) {
        LockOwner owner = locks.register(numberOfNobody(), UserName.NONE);
        locks.begin(owner);
        KeptKeys keys = new KeptKeys(owner);
        keys.remove(StatementRecord.NONE); // Perhaps.
        enter(new Branch(owner, new Writings(), keys, how -> locks.unregister(owner)), transaction);
        for (int table : changed(transaction)) {
            tables.apply(table).ifPresent(target -> locks.acquire(owner, target, LockMode.IX, AT_ONCE));
        }
    }

    private int numberOfNobody() {
        synchronized (database) { // as H2 does
            int next = (int) LAST_SESSION.get(database) + 1;
            LAST_SESSION.set(database, next);
            return next;
        }
    }

    private static Set<Integer> changed(Transaction transaction) {
        Set<Integer> tables = new TreeSet<>();
        for (Iterator<TransactionStore.Change> all = transaction.getChanges(0); all.hasNext(); ) {
            String map = all.next().mapName;
            if (map.startsWith(ROWS)) {
                tables.add(Integer.valueOf(map.substring(ROWS.length())));
            }
        }
        return tables;
    }

    /** As it has to be spelled in a statement. */
    private static String spelled(String name) {
        return ParserUtil.isSimpleIdentifier(name, true, false) ? name : StringUtils.quoteIdentifier(name);
    }

    /**
     * The session that has prepared it goes, and stays registered with the lock manager.
     *
     * @param onEnd told once how the branch has ended, and to take it from there
     */
    public void leave(Writer session, Transaction transaction, Consumer<TransactionEntry.State> onEnd) {
        StoreReflection.leaveToOthers(transaction);
        enter(new Branch(session.owner(), session.writings(), session.keptKeys(), onEnd), transaction);
    }

    private void enter(Branch branch, Transaction transaction) {
        locks.begin(branch.owner);
        if (!branch.owner.occupation().isPrepared()) {
            branch.owner.occupation().prepared(spelled(transaction.getName()));
        }
        transactions.enter(branch, transaction);
        locks.leaveInDoubt(branch.owner);
        left.put(transaction, branch);
        if (transaction.getStatus() == Transaction.STATUS_CLOSED) {
            end(transaction, lastEnd); // In this moment, by a session that did not find it here.
        }
    }

    /** A session has ended a branch: those that are over give back what they hold. */
    public void ended(TransactionEntry.State how) {
        lastEnd = how;
        if (!left.isEmpty()) {
            all().filter(branch -> branch.getStatus() == Transaction.STATUS_CLOSED)
                    .forEach(branch -> end(branch, how));
        }
    }

    private void end(Transaction transaction, TransactionEntry.State how) {
        Branch branch = left.remove(transaction);
        if (branch != null) {
            transactions.leave(branch, transaction.getId());
            branch.onEnd.accept(how);
        }
    }
}
