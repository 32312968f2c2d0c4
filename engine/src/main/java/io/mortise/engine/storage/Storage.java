package io.mortise.engine.storage;

import io.mortise.engine.journal.Journal;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.storage.blocker.BlockerMarks;
import io.mortise.engine.storage.branch.BranchesInDoubt;
import io.mortise.engine.storage.catalog.H2Catalog;
import io.mortise.engine.storage.checkpoint.CheckpointLatch;
import io.mortise.engine.storage.checkpoint.UnfinishedCommits;
import io.mortise.engine.storage.closing.CloseActions;
import io.mortise.engine.storage.closing.Closing;
import io.mortise.engine.storage.closing.LostWrites;
import io.mortise.engine.storage.command.OwnCommands;
import io.mortise.engine.storage.definition.UnfinishedAlters;
import io.mortise.engine.storage.file.SteadyFiles;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.SessionRoll;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.remote.DatabaseServer;
import io.mortise.engine.storage.remote.Occupant;
import io.mortise.engine.storage.row.ImplicitRowLocks;
import io.mortise.engine.storage.serial.Serializing;
import io.mortise.engine.storage.session.GivingWay;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.session.StorageSessions;
import io.mortise.engine.storage.session.SystemLock;
import io.mortise.engine.storage.table.H2Names;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.transaction.SlotRefusals;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.virtual.Reader;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.h2.command.CommandContainer;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.engine.User;
import org.h2.message.Trace;
import org.jspecify.annotations.Nullable;

/**
 * An open H2 database and the lock layer over it. Thread-safe.
 *
 * <p>There is one for each open database whose tables are made by {@link LockingTableEngine}, by whatever route it was
 * opened. It comes to be when H2 asks for its first table, and goes when the database closes.
 */
public final class Storage implements OpenDatabase {
    private static final OpenStorages<Storage> OPEN = new OpenStorages<>();

    private final Database database;
    private volatile LockPolicy policy;
    private final EngineClock clock = EngineClock.system();
    private final LockManager locks = new LockManager(clock);
    private final StorageSessions sessions = new StorageSessions(h2 -> new StorageSession(this, h2), this::departed);
    private final OpenTransactions transactions;
    private final Serializing serializing;
    private final SlotRefusals slotRefusals;
    private final CheckpointLatch checkpoints;
    private final StatementWatch watch;
    private final OwnCommands ownCommands;
    private final H2Names names;
    private final Journal journal;
    private final ImplicitRowLocks rowLocks = new ImplicitRowLocks(this);
    private final SystemLock systemLock = new SystemLock(locks, sessions::open);
    private final Closing closing = new Closing(locks);
    private final Map<Class<?>, Object> kept = new ConcurrentHashMap<>();
    private final AtomicLong lastStatement = new AtomicLong();
    private final AtomicLong tripwires = new AtomicLong();

    private Storage(Database database, OpeningOptions opening) {
        this.database = database;
        this.policy = opening.policy();
        this.checkpoints = CheckpointLatch.over(database.getStore().getMvStore(), this::storeClosed);
        this.transactions = new OpenTransactions(database, locks);
        this.serializing = new Serializing(database, transactions.left(), locks);
        this.slotRefusals = new SlotRefusals(transactions, clock, sessions::open);
        this.names = new H2Names(database);
        this.journal = new Journal(opening.journalSize(), names);
        BlockerMarks marks = new BlockerMarks(database.getStore().getTransactionStore(), sessions::transaction);
        List.of(journal, marks, GivingWay.over(serializing, sessions::open)).forEach(locks::addListener);
        this.watch = new StatementWatch(this);
        this.ownCommands =
                new OwnCommands(watch::hearsAlone, watch::checkOpen, database.getTrace(Trace.COMMAND), clock());
    }

    /** The storage over a database, made if need be. */
    static Storage of(Database database) {
        OpeningOptions opening = OpeningOptions.current();
        OPEN.enter(database, () -> new Storage(database, opening)).ifPresent(made -> made.begin(opening));
        return over(database).orElseThrow();
    }

    private void begin(OpeningOptions opening) {
        LoginSettings.opens();
        keep(UnfinishedAlters.class, () -> new UnfinishedAlters(database)); // Before anything is written.
        Occupant.note(database, ""); // Others are turned away from now on, and what follows may take long.
        SteadyFiles.settle(database.getStore().getMvStore());
        UnfinishedCommits.finishShort(database.getStore().getTransactionStore());
        locks.setBarging(opening.bargingMicros());
        watch.begin();
        H2Reflection.setSessions(database, new SessionRoll(this::comes, sessions::left));
        new H2Catalog(this).install(opening.catalog().apply(this));
    }

    /** The storage over a database; empty if that was opened without the table engine. */
    static Optional<Storage> over(Database database) {
        return OPEN.over(database);
    }

    /** The storage of the database that a session is in. */
    public static Storage of(StorageSession session) {
        return (Storage) session.storage();
    }

    /** H2 has opened the database. */
    void opened() {
        UnfinishedCommits.finish(database.getStore().getTransactionStore());
        serializing.lookForDoubts();
        transactions.left().takeUp(this::sharedTable);
    }

    /** Lets other processes attach, until the database closes or {@link DatabaseServer#stop()}. */
    public DatabaseServer serve(ServeAddress address) throws SQLException {
        DatabaseServer server = DatabaseServer.start(database, address, closing.actions());
        String host = address.host().isEmpty() ? "localhost" : address.host();
        String url = "jdbc:mortise:h2:tcp://" + host + ":" + server.address().port() + "/" + database.getShortName();
        Occupant.note(database, url);
        return server;
    }

    /** H2 is about to close the database. May be called twice: a listener of the user's may connect meanwhile. */
    void closed() {
        leave();
        closing.begin(Runnable::run);
        LostWrites.closes(database);
        BranchesInDoubt.keep(database);
    }

    /**
     * The store has closed. Nothing else is heard of a database that failed to open, panicked, or was left by a user
     * who is no administrator: H2 takes the listener away for those. Called under the store's mutex.
     */
    private void storeClosed() {
        StoreReflection.neverWaitForNext(database.getStore().getMvStore());
        leave();
        closing.begin(CloseActions::onItsOwnThread);
    }

    private void leave() {
        OPEN.leave(database);
        Occupant.erase(database);
    }

    @Override
    public boolean isClosing() {
        return closing.isClosed() || database.isClosing();
    }

    @Override
    public boolean isEnding() {
        return closing.isShuttingDown() || isClosing();
    }

    @Override
    public boolean isShutDownHere() {
        return closing.isShutDownHere();
    }

    Closing closing() {
        return closing;
    }

    /** Is a database of this name being shut down? H2 says only that it is open exclusively. */
    static boolean isShuttingDown(String databaseName) {
        return OPEN.any(
                open -> open.closing.isShuttingDown() && open.database.getName().equals(databaseName));
    }

    /** Runs something once the database has begun to close, however it ends: it may take a while. */
    public void onClose(Runnable action) {
        closing.actions().addSlow(action);
    }

    /** What a room above has for this database, one of each kind, while it is open; made when first asked for. */
    public <T> T keep(Class<T> kind, Supplier<T> maker) {
        return kind.cast(kept.computeIfAbsent(kind, missing -> maker.get()));
    }

    private void comes(SessionLocal session) {
        watch.takePlace();
        H2Catalog.putOnPath(database, session);
        systemLock.admit(sessions.of(session));
        LoginSettings.joins(session, ownCommands);
    }

    private void departed(StorageSession session) {
        session.leaveNothing(() -> {
            locks.unregister(session.owner());
            journal.close(session.journal());
        });
        systemLock.release(session);
    }

    @Override
    public LockManager locks() {
        return locks;
    }

    @Override
    public LockPolicy policy() {
        return policy;
    }

    /** The same policy with other parameters. Sessions with no lock timeout of their own wait by it from now on. */
    public void setPolicy(LockPolicy changed) {
        LockPolicy before = policy;
        policy = changed;
        for (StorageSession session : sessions()) {
            if (session.h2().getLockTimeout() == before.lockTimeoutMillis()) {
                session.setLockTimeout(-1);
            }
        }
    }

    @Override
    public EngineClock clock() {
        return clock;
    }

    @Override
    public TargetNames targetNames() {
        return names;
    }

    @Override
    public List<StorageSession> sessions() {
        return sessions.open();
    }

    public Optional<StorageSession> session(int number) {
        return sessions.open(number);
    }

    @Override
    public Journal journal() {
        return journal;
    }

    @Override
    public Stream<LockRow> rowLocks() {
        return rowLocks.all();
    }

    /** Waits that ended inside H2: each is one that the lock manager should have made. */
    public long tripwires() {
        return tripwires.get();
    }

    @Override
    public CheckpointLatch checkpoints() {
        return checkpoints;
    }

    @Override
    public void tripped() {
        tripwires.incrementAndGet();
    }

    @Override
    public long setStatementsAside(int count) {
        return lastStatement.getAndAdd(count) + 1;
    }

    @Override
    public void remember(LockableTable table) {
        names.add(table);
    }

    @Override
    public @Nullable LockableTable table(int id) {
        return names.table(id);
    }

    @Override
    public Reader.Rights rightsOf(User user) {
        return table -> names.readableSince(table, user);
    }

    @Override
    public void forget(LockableTable table) {
        names.remove(table);
        journal.forget(table.target());
    }

    @Override
    public StorageSession session(SessionLocal session) {
        return sessions.of(session);
    }

    @Override
    public SystemLock systemLock() {
        return systemLock;
    }

    @Override
    public SlotRefusals slotRefusals() {
        return slotRefusals;
    }

    @Override
    public Serializing serializing() {
        return serializing;
    }

    @Override
    public OpenTransactions transactions() {
        return transactions;
    }

    @Override
    public @Nullable StorageSession running() {
        return watch.current();
    }

    @Override
    public void listen() {
        watch.takePlace();
    }

    public OwnCommands ownCommands() {
        return ownCommands;
    }

    @Override
    public CommandContainer placed(StorageSession session, CommandContainer read, String text) {
        return ownCommands.of(session, read, text);
    }

    @Override
    public String tableEngine() {
        return LockingTableEngine.class.getName();
    }

    @Override
    public Database database() {
        return database;
    }
}
