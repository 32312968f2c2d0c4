package io.mortise.house;

import java.util.Map;

/**
 * A limit that one package or file may pass, and why. The tables here are the only place for them; a waiver that is not
 * needed any more fails the build too. Immutable.
 *
 * @param limit how many top-level types, or lines, it may have
 * @param reason why it is one all the same
 */
record Waiver(int limit, String reason) {
    /** Types, by package. */
    static final Map<String, Waiver> PACKAGES = Map.of(
            "io.mortise.engine.lock",
            new Waiver(
                    40, "the vocabulary of locking: two thirds are small immutable values that belong to one another"),
            "io.mortise.driver",
            new Waiver(20, "JDBC hands out a dozen kinds of objects, and each needs a class that knows the others"),
            "io.mortise.engine.view",
            new Waiver(20, "one class for each family of tables, and the moment they all read"),
            "io.mortise.engine.error",
            new Waiver(20, "an exception that a caller may catch by its class needs a class, and its facts a record"));

    /** Lines, by the file's name. */
    static final Map<String, Waiver> FILES = Map.ofEntries(
            Map.entry(
                    "LockManager",
                    new Waiver(425, "the one door of the lock room: a third of it is what its callers must know")),
            Map.entry(
                    "Attachment",
                    new Waiver(532, "every door between the driver and a session: ways in, ways out, ways to end it")),
            Map.entry(
                    "LockingTable",
                    new Waiver(450, "H2's table, overridden: what H2 calls in one class has to stand in one class")),
            Map.entry("Setting", new Waiver(320, "every setting has its row here, and a row is five lines")),
            Map.entry(
                    "StorageSession",
                    new Waiver(
                            557,
                            "all that the engine asks of one of H2's sessions; a third of it is what callers must know")),
            Map.entry(
                    "Storage",
                    new Waiver(
                            360,
                            "an open database: whoever stands on it asks one line a question, and half of it is that")),
            Map.entry(
                    "H2Reflection",
                    new Waiver(
                            370,
                            "every access to what H2's database keeps to itself, in one place so that it can be counted")),
            Map.entry(
                    "InFlightGate",
                    new Waiver(410, "the whole of one rule: who is inside a session, who is next, who was told to go")),
            Map.entry(
                    "Arbiter",
                    new Waiver(
                            424,
                            "all that is done under the one mutex: what it guards is checked within one class only")),
            Map.entry(
                    "TransactionLocks",
                    new Waiver(
                            541, "whatever a transaction takes it gives back: each way in stands beside its way out")),
            Map.entry(
                    "LockTable",
                    new Waiver(
                            436,
                            "one decision in one place: a request, a grant and a release read each other's invariants")));

    /** Methods that may have a fifth parameter, and why. */
    static final Map<String, String> PARAMETERS = Map.of(
            "StatementRecord.<init>",
            "the record's own constructor, but for the length that follows from the text",
            "LockManager.acquireFrom",
            "acquire, and who is to be asked: on the path that must not allocate");
}
