package io.mortise.postgres.server;

import java.util.Optional;

/**
 * A kind of server: what to ask one who holds what, and who is there. The answers have the same columns for all kinds.
 * Stateless.
 */
public interface ServerKind {
    /** What it is called. */
    String product();

    /**
     * The query for its locks. The columns, in this order:
     *
     * <ol>
     *   <li>number of the session; kind of lock; number, schema and name of the table; page and place in it
     *   <li>number of the transaction that is waited for, by two names; three parts of another object's name
     *   <li>mode as PostgreSQL calls it; is it granted? seconds of waiting; number of the transaction; kind of relation
     *   <li>mode in the server's words; node; key of the row; numbers of sessions in its way, with commas between
     * </ol>
     *
     * @param monitor the application that is left out
     */
    String locks(String monitor);

    /**
     * The query for its clients. The columns, in this order:
     *
     * <ol>
     *   <li>session; number and name of the user; application; address; start
     *   <li>state; does it wait for a lock? seconds in that state
     *   <li>seconds of its transaction, null for none; seconds of its statement; the statement
     * </ol>
     */
    String clients(String monitor);

    /** The statement that ends what a session runs. */
    String cancel(int session);

    /** The statement that ends a session. */
    String terminate(int session);

    /** Why it cannot do what a command of ours asks for, and what to do; empty if it can. */
    default Optional<String> refusal(String command) {
        return Optional.empty();
    }

    /**
     * What a server is, by what it says of itself.
     *
     * @param cockroach what it says in {@code crdb_version}; empty if it says nothing
     * @param version what it says in {@code server_version}
     * @param citus the version of that extension; empty if it is not there
     */
    static ServerKind of(String cockroach, String version, String citus) {
        if (!cockroach.isEmpty()) {
            return new Cockroach();
        }
        return version.contains("-YB-") ? new Yugabyte() : citus.isEmpty() ? new PlainPostgres() : new Citus();
    }
}
