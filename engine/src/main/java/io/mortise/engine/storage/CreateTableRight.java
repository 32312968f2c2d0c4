package io.mortise.engine.storage;

import org.h2.engine.SessionLocal;

/** Placeholder for the next step. */
final class CreateTableRight {
    private CreateTableRight() {}

    static void lend(StorageSession session) {}

    static void handBack(SessionLocal session) {}
}
