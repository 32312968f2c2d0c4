package io.mortise.engine.lock;

import io.mortise.engine.text.UserName;
import java.util.Optional;

/** A lock room with two sessions in it and nothing locked. Each method is for one of the threads of a test. */
final class Stage {
    static final LockTarget.Table TABLE = new LockTarget.Table(1, 39);
    static final LockTarget.Schema SCHEMA = new LockTarget.Schema(1);
    static final LockTarget.Row ROW = new LockTarget.Row(TABLE, 7);
    static final LockTarget.RowKey KEY = new LockTarget.RowKey(TABLE, 7);

    final Parties parties = new Parties();
    final FastPath fastPath = new FastPath(parties);
    final Arbiter arbiter = new Arbiter(parties, fastPath);
    final LockOwner weak = arrive(1);
    final LockOwner strong = arrive(2);
    /** Of the weak owner's transaction; storage has it on its rows. */
    final OwnerId holder = weak.id();

    private LockOwner arrive(int session) {
        LockOwner owner = new LockOwner(session, new UserName("SA"));
        parties.add(owner);
        owner.begin(session, 0);
        return owner;
    }

    /** Takes an intent lock around the mutex; false if that cannot be. */
    boolean takeIntent() {
        return weak.slots().take(fastPath.gate(TABLE), LockMode.IX, fastPath);
    }

    /** Shares a key around the mutex; false if that can not be. */
    boolean shareKey() {
        return fastPath.gate(TABLE).tryShareKey(weak, KEY);
    }

    /** Does anybody but the strong owner share the key, or want it? */
    boolean isKeyKept() {
        return fastPath.gate(TABLE).isShared(KEY, strong) || fastPath.mayBeContended(KEY);
    }

    /** Ends the weak owner's transaction. */
    void end() {
        OwnerId ended = weak.id();
        if (weak.end()) {
            arbiter.releaseAll(weak, ended, 0);
        }
    }

    /** Gives back the one table before the transaction ends. */
    void giveBack() {
        weak.giveBack(TABLE);
        arbiter.release(weak.id(), TABLE, 0);
    }

    /** Asks for a strong lock; its waiter may be granted later, when the weak owner lets go. */
    Waiter askStrong(LockTarget target) {
        return ask(target, Optional.empty());
    }

    /** Asks for the row that storage says is the weak owner's. */
    Waiter askRow() {
        return ask(ROW, Optional.of(new Holding(holder, StatementRecord.NONE)));
    }

    private Waiter ask(LockTarget target, Optional<Holding> from) {
        LockRequest request =
                new LockRequest(strong.id(), target, LockMode.X, StatementRecord.NONE, 0, WaitRule.Place.IN_LINE);
        return arbiter.ask(new Waiter(request, WaitRule.upTo(Long.MAX_VALUE)), from)
                .waiter();
    }

    static boolean isGranted(Waiter waiter) {
        return waiter.isOver() && waiter.end() instanceof Waiter.WithLock;
    }
}
