package io.mortise.engine.storage.transaction;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.slot.LookingMutex;
import io.mortise.engine.storage.slot.NoSlot;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.h2.command.Command;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;

/** What a session is told that finds no slot for its transaction: which sessions have them. Thread-safe. */
public final class SlotRefusals {
    private final OpenTransactions transactions;
    private final LongSupplier clock;
    private final Supplier<? extends List<? extends SessionWriter>> sessions;

    /** @param sessions all that are open */
    public SlotRefusals(
            OpenTransactions transactions,
            LongSupplier clock,
            Supplier<? extends List<? extends SessionWriter>> sessions) {
        this.transactions = transactions;
        this.clock = clock;
        this.sessions = sessions;
    }

    /** Why the innermost statement, which begins, may not: it needs a transaction, and there is no slot for another. */
    public Optional<SQLException> refusal(SessionLocal session) {
        Command command = LookingMutex.isLooking(session) ? session.getCurrentCommand() : null;
        return command != null && NoSlot.concerns(command) ? Optional.of(noSlot()) : Optional.empty();
    }

    /** Nothing is locked or written in a transaction that is good for looking only. */
    public void check(SessionLocal session) {
        if (LookingMutex.isLooking(session)) {
            throw DbException.convert(noSlot());
        }
    }

    /** The same error, if H2 has found no slot itself. */
    public SQLException translate(SQLException fromBelow) {
        return NoSlot.isBehind(fromBelow) ? noSlot() : fromBelow;
    }

    private SQLException noSlot() {
        return RoutedErrors.of(NoSlot.error(oldestFirst()), "").getSQLException();
    }

    /** Which sessions have slots, the oldest transaction first; those that have locked nothing too. */
    private List<NoSlot.Open> oldestFirst() {
        record Found(long number, NoSlot.Open open) {}
        long now = clock.getAsLong();
        List<Found> found = new ArrayList<>();
        for (SessionWriter session : sessions.get()) {
            Transaction transaction = H2Reflection.transaction(session.h2());
            if (transaction != null && transactions.ofStore().holds(transaction)) {
                LockOwner owner = session.owner();
                long millis = owner.isActive() ? (now - owner.startNanos()) / 1_000_000 : -1;
                NoSlot.Open open = new NoSlot.Open(owner.session(), millis, owner.idleSince() != 0);
                found.add(new Found(transaction.getSequenceNum(), open));
            }
        }
        found.sort(Comparator.comparingLong(Found::number));
        return found.stream().map(Found::open).toList();
    }
}
