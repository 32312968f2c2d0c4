package io.mortise.engine.session.gate;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.SlotToken.Brief;
import io.mortise.engine.thread.HeldInterrupt;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Something that wants to enter a session's gate. Its thread parks; the thread that leaves, or ends the wait, unparks
 * it. Thread-safe.
 */
public final class SlotWaiter {
    private final StatementRecord statement;
    private final Object token;
    private volatile boolean admitted;
    private volatile @Nullable WaitEnding ending;

    private SlotWaiter(StatementRecord statement, Object token) {
        this.statement = statement;
        this.token = token;
    }

    public static SlotWaiter of(StatementRecord statement) {
        return new SlotWaiter(statement, statement);
    }

    public static SlotWaiter brief(StatementRecord call) {
        return new SlotWaiter(call, new Brief(call));
    }

    public StatementRecord statement() {
        return statement;
    }

    /** What stands in the gate while this is inside. */
    Object token() {
        return token;
    }

    boolean isBrief() {
        return token instanceof Brief;
    }

    /** The gate has been handed to this waiter. */
    void admit() {
        admitted = true;
        LockSupport.unpark(statement.thread());
    }

    public boolean isAdmitted() {
        return admitted;
    }

    /** Ends the wait, unless it has been admitted already. */
    public void end(WaitEnding reason) {
        ending = reason;
        LockSupport.unpark(statement.thread());
    }

    /** The same without a look at the thread, for others than it. */
    public Optional<WaitEnding> endingFromOutside() {
        return Optional.ofNullable(ending);
    }

    /** Why the wait is to end; empty while it is not. An interrupt counts, and the thread's flag stays as it is. */
    public Optional<WaitEnding> ending() {
        if (ending == null && statement.thread() == Thread.currentThread() && HeldInterrupt.isUp()) {
            ending = WaitEnding.of(WaitEnd.INTERRUPTED);
        }
        return Optional.ofNullable(ending);
    }
}
