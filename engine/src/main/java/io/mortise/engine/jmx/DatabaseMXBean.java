package io.mortise.engine.jmx;

import java.util.List;
import java.util.Map;

/**
 * An open database, as JMX shows it: {@code io.mortise:type=Database,name="shop"}. It is there while the setting JMX is
 * TRUE and the database is open.
 *
 * <p>Who may use JMX of this process sees and may end what an administrator sees and may end. Keys of rows and names of
 * advisory locks are left out unless EVENT_KEYS is TRUE. All methods can be called from any thread; they take no lock
 * and wait for nobody. They throw IllegalArgumentException with the reason, which every client knows.
 */
public interface DatabaseMXBean {
    /** The tables that {@link #show} knows. */
    List<String> getTables();

    /** How many rows {@link #show} lists at most. */
    int getMostRows();

    /**
     * The database in figures: sessions, open transactions and the age of the oldest, waits now and so far, deadlocks,
     * timeouts, refused and ended statements. A client may take each for itself, to draw or to alert.
     */
    Map<String, Long> getFigures();

    /** SYS.LOCKS: who holds and wants what. */
    String locks();

    /** SYS.LOCK_WAITS: who waits for whom. */
    String waits();

    /** SYS.BLOCKING_TREE: who holds whom up, as a tree. */
    String blockingTree();

    /** SYS.SESSIONS: who is connected and does what. */
    String sessions();

    /**
     * A table: a line of column names, then a line a row, with tabs between and an empty cell for NULL. If there are
     * more rows, a last line says so.
     *
     * @param table its name, with or without the schema, in any case
     */
    String show(String table);

    /**
     * What KILL SESSION does.
     *
     * @param session its number in SYS.SESSIONS
     * @param how CANCEL the statement, ROLLBACK the transaction, or DISCONNECT
     */
    void kill(int session, String how);
}
