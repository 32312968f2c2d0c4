package io.mortise.engine.storage.name;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitRule;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that a session has locked, for its transaction (ADVISORY_LOCK), for itself (SESSION_LOCK) or for both. Used
 * by the thread that runs the session's statement.
 *
 * <p>Both lock the same names, and a session never waits for itself. So the lock table has one lock a name: the
 * transaction's until the session wants it too, and the session's from then on. Who has asked for it stands here.
 */
public final class HeldNames {
    private final LockManager locks;
    private final LockOwner owner;
    private static final Map<String, Held> NONE = Map.of();
    /** In the order in which they were locked. Made with the first: most sessions lock none. */
    private Map<String, Held> held = NONE;

    private static final class Held {
        /** Is the lock in the lock table the session's? */
        boolean isSessions;
        /** Does the transaction hold it? */
        boolean inTransaction;
        /** How often the session has locked it, and not unlocked it yet. */
        long count;
    }

    public HeldNames(LockManager locks, LockOwner owner) {
        this.locks = locks;
        this.owner = owner;
    }

    private Map<String, Held> made() {
        if (held == NONE) {
            held = new LinkedHashMap<>();
        }
        return held;
    }

    /** Is there a lock on this name, the transaction's or the session's? */
    public boolean has(String name) {
        return held.containsKey(name);
    }

    /** The transaction has this name from now on: it has acquired it, or the session had it. */
    public void lockedInTransaction(String name) {
        made().computeIfAbsent(name, unused -> new Held()).inTransaction = true;
    }

    /** Gives back what the transaction has locked; false if it has not. The session keeps what it has locked. */
    public boolean unlockInTransaction(String name) {
        Held known = held.get(name);
        if (known == null || !known.inTransaction) {
            return false;
        }
        known.inTransaction = false;
        giveBackUnwanted(name, known);
        return true;
    }

    /** The session locks a name, once more if it has it. */
    public WaitOutcome lock(String name, WaitRule rule) {
        Held known = held.get(name);
        if (known == null) {
            return acquire(name, rule);
        }
        if (!known.isSessions) {
            locks.handToSession(owner, new LockTarget.Name(name));
            known.isSessions = true;
        }
        known.count++;
        return new WaitOutcome.Acquired(0);
    }

    private WaitOutcome acquire(String name, WaitRule rule) {
        Held wanted = new Held();
        made().put(name, wanted); // Before it is locked: an Error must not leave a lock that nobody can unlock.
        try {
            WaitOutcome outcome = locks.acquireForSession(owner, new LockTarget.Name(name), rule);
            if (outcome instanceof WaitOutcome.Acquired) {
                wanted.isSessions = true;
                wanted.count = 1;
            }
            return outcome;
        } finally {
            if (wanted.count == 0) {
                held.remove(name);
            }
        }
    }

    /** Takes back one {@link #lock}; false if there was none. */
    public boolean unlock(String name) {
        Held known = held.get(name);
        if (known == null || known.count == 0) {
            return false;
        }
        known.count--;
        giveBackUnwanted(name, known);
        return true;
    }

    private void giveBackUnwanted(String name, Held known) {
        if (known.count == 0 && !known.inTransaction) {
            held.remove(name);
            release(name, known);
        }
    }

    private void release(String name, Held known) {
        OwnerId holder = known.isSessions ? OwnerId.of(owner.session()) : owner.id();
        locks.release(holder, new LockTarget.Name(name));
    }

    /** What the transaction has locked, the oldest first. */
    public List<String> ofTransaction() {
        return held.entrySet().stream()
                .filter(entry -> entry.getValue().inTransaction)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The transaction has ended, and all its locks have been given back: what is the session's stays. */
    public void transactionEnded() {
        if (held == NONE || held.isEmpty()) {
            return; // Asked at each end of a transaction: no iterator is made.
        }
        for (Iterator<Map.Entry<String, Held>> all = held.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Held> entry = all.next();
            Held known = entry.getValue();
            known.inTransaction = false;
            if (known.count == 0) {
                all.remove();
                if (known.isSessions) {
                    release(entry.getKey(), known);
                }
            }
        }
    }
}
