package io.mortise.engine.storage.session;

import io.mortise.engine.journal.Journal;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.storage.checkpoint.CheckpointLatch;
import io.mortise.engine.storage.serial.Serializing;
import io.mortise.engine.storage.serial.Surroundings;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.transaction.SlotRefusals;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.virtual.Reader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.h2.command.CommandContainer;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.engine.User;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/** An open database as its sessions, tables and rows see it: H2's own, and what lies over it. Thread-safe. */
public interface OpenDatabase extends Surroundings.Tables {
    Database database();

    /** What {@code DATABASE()} returns. */
    default String name() {
        return database().getShortName();
    }

    LockManager locks();

    LockPolicy policy();

    EngineClock clock();

    TargetNames targetNames();

    /** What has happened in this database since it was opened. */
    Journal journal();

    OpenTransactions transactions();

    /** What runs in the place of a statement on rows that H2 has read for a session; itself, perhaps. */
    CommandContainer placed(StorageSession session, CommandContainer read, String text);

    /** The serializable transactions that lock nothing they read. */
    Serializing serializing();

    /** The name of the class that makes the tables. */
    String tableEngine();

    CheckpointLatch checkpoints();

    /** What those are told for whose transaction there is no place. */
    SlotRefusals slotRefusals();

    SystemLock systemLock();

    /** What the engine knows of an H2 session; this may be the first that it hears of it. */
    StorageSession session(SessionLocal session);

    /** The open sessions, H2's own two of them included. */
    List<StorageSession> sessions();

    /** The session of the statement that this thread runs; null if it runs in another database, or for none. */
    @Nullable
    StorageSession running();

    /** The table of this number; null if there is none. */
    @Nullable
    LockableTable table(int id);

    @Override
    default Optional<LockTarget.Table> sharedTable(int id) {
        LockableTable table = table(id);
        return table == null ? Optional.empty() : table.shared();
    }

    @Override
    default Optional<LockTarget.Table> sharedTable(Table table) {
        return table instanceof LockableTable lockable ? lockable.shared() : sharedTable(table.getId());
    }

    void remember(LockableTable table);

    void forget(LockableTable table);

    Reader.Rights rightsOf(User user);

    /** The row locks that only storage knows; there may be millions. Holds nobody up; to be closed. */
    Stream<LockRow> rowLocks();

    /** Sets so many numbers of statements aside for one session, and returns the first of them. */
    long setStatementsAside(int count);

    /** A wait has ended inside H2, which the lock manager should have made. */
    void tripped();

    /** Sees to it that the engine hears of every statement: somebody else may have taken its place. */
    void listen();

    /**
     * Does H2 close the database? All clients have gone then, or are on their way, and H2 does what is left in sessions
     * of its own.
     */
    boolean isClosing();

    /** Is it being closed, or shut down by a session that waits for the others to go? */
    boolean isEnding();

    /** Is it the calling thread that shuts it down, or tried to? */
    boolean isShutDownHere();
}
