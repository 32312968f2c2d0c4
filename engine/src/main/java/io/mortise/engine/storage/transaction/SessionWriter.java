package io.mortise.engine.storage.transaction;

import org.h2.engine.SessionLocal;

/** A session that runs its transactions. Thread-safe. */
public interface SessionWriter extends Writer {
    SessionLocal h2();
}
