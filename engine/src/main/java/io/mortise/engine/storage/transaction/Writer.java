package io.mortise.engine.storage.transaction;

import io.mortise.engine.lock.LockOwner;

/** Whose a transaction is, as others come to know of it through the values it has written. Thread-safe. */
public interface Writer {
    LockOwner owner();

    /** Which statement of the open transaction has written what. */
    Writings writings();

    /** What foreign keys have made the transaction lock. */
    KeptKeys keptKeys();
}
