package io.mortise.engine.storage;

/** Shows virtual tables and functions to H2. */
final class H2Catalog {
    H2Catalog(Storage storage) {}

    void install(Catalog catalog) {}
}
