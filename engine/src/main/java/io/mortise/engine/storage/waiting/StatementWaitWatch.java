package io.mortise.engine.storage.waiting;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitWatch;
import io.mortise.engine.storage.ending.Endings;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.h2.command.Command;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * While a statement waits for a lock, looks for what H2 was told and the lock manager was not. That is a cancel, the
 * query timeout, the end of the session, or a row let go by a roll-back to a savepoint. Asked by the ticking thread.
 */
final class StatementWaitWatch implements WaitWatch {
    private final SessionLocal h2;
    private final Endings endings;
    private final OpenTransactions transactions;
    /** The slot of the transaction that has in storage what is waited for; empty if storage does not know. */
    private final Optional<IntSupplier> slotNow;

    private final @Nullable Command command;
    /** When H2 is to end the statement, as it was when the wait began; 0 for never. */
    private final long deadline;

    StatementWaitWatch(SessionLocal h2, Endings endings, OpenTransactions transactions, Optional<IntSupplier> slotNow) {
        this.h2 = h2;
        this.endings = endings;
        this.transactions = transactions;
        this.slotNow = slotNow;
        this.command = h2.getCurrentCommand();
        this.deadline = h2.getCancel();
    }

    @Override
    public Optional<WaitEnding> ending() {
        Optional<WaitEnding> told = endings.fate().told();
        if (told.isPresent()) {
            return told;
        }
        // Asked first: H2's ABORT_SESSION cancels what runs before it closes the session, and abort is the whole of it.
        if (h2.isClosed() || h2.getState() == SessionLocal.State.SUSPENDED) {
            return Optional.of(WaitEnding.of(WaitEnd.SESSION_CLOSED));
        }
        if (command != null && H2Reflection.isCancelled(command)) {
            return Optional.of(WaitEnding.of(WaitEnd.CANCELLED));
        }
        long cancelAt = h2.getCancel();
        if (cancelAt != 0 && System.nanoTime() - cancelAt >= 0) {
            return Optional.of(WaitEnding.of(cancelAt == deadline ? WaitEnd.QUERY_TIMEOUT : WaitEnd.CANCELLED));
        }
        return Optional.empty();
    }

    @Override
    public boolean hasLetGo(OwnerId holder) {
        return slotNow.filter(slot -> !transactions.isOwner(slot.getAsInt(), holder))
                .isPresent();
    }
}
