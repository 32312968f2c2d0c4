package io.mortise.engine.storage.session;

import io.mortise.engine.backend.ListedSession;
import io.mortise.engine.backend.Notices;
import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.policy.Situation;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.storage.closing.LostWrites;
import io.mortise.engine.storage.ending.ClosedByAnother;
import io.mortise.engine.storage.ending.Endings;
import io.mortise.engine.storage.ending.LateEnding;
import io.mortise.engine.storage.ending.SessionMutex;
import io.mortise.engine.storage.h2.ErrorTranslation;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.h2.SqlTypes;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.name.HeldNames;
import io.mortise.engine.storage.serial.SerialSession;
import io.mortise.engine.storage.serial.Surroundings;
import io.mortise.engine.storage.statement.RunningStatements;
import io.mortise.engine.storage.statement.StatementJournal;
import io.mortise.engine.storage.transaction.KeptKeys;
import io.mortise.engine.storage.transaction.SessionWriter;
import io.mortise.engine.storage.transaction.SnapshotAge;
import io.mortise.engine.storage.transaction.Writings;
import io.mortise.engine.storage.waiting.Refusals;
import io.mortise.engine.storage.waiting.SessionWaits;
import io.mortise.engine.storage.waiting.Unserialized;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.EngineThread;
import io.mortise.engine.virtual.Reader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.h2.engine.SessionLocal;
import org.h2.engine.User;
import org.h2.jdbc.JdbcResultSet;
import org.h2.message.DbException;
import org.h2.util.NetworkConnectionInfo;
import org.jspecify.annotations.Nullable;

/**
 * An H2 session, by whatever route it came, and what the engine knows of it. Thread-safe: everything but
 * {@link #connection()} may be asked from any thread while a statement runs.
 */
public final class StorageSession implements SessionSettings.Place, ListedSession, SessionWriter {
    private final OpenDatabase storage;
    private final SessionLocal h2;
    private final int id;
    private final UserName user;
    /** Not the one that H2's session has at the moment: see {@link CreateTableRight}. */
    private final User h2User;

    private final boolean system;
    private final LockOwner owner;
    private final RunningStatements statements;
    private final TransactionLocks locks;
    private final SerialSession serial;
    private final Refusals refusals;
    private final SessionWaits waits;
    private final NameLocks names;
    private final StatementJournal journal;
    private final Notices notices = new Notices();
    private final SnapshotAge snapshotAge = new SnapshotAge();
    private final LostWrites lostWrites;
    private final Writings writings = new Writings();
    private final CreateTableRight createTableRight;
    private volatile @Nullable Connection connection;
    private volatile String applicationName = "";
    /** Was the session in autocommit when the statement began? While it calls a function H2 turns that off. */
    private volatile boolean commitsStatement;

    private final Endings endings;

    public StorageSession(OpenDatabase storage, SessionLocal h2) {
        this.storage = storage;
        this.h2 = h2;
        this.id = h2.getId();
        this.h2User = H2Reflection.user(h2);
        this.user = new UserName(h2User.getName(), h2User);
        this.createTableRight = new CreateTableRight(storage.tableEngine());
        this.system = h2User == storage.database().getSystemUser();
        this.owner = storage.locks().register(id, user);
        this.journal = new StatementJournal(owner, storage.journal(), storage.clock(), storage::setStatementsAside);
        this.endings = new Endings(h2, owner.occupation(), new Ground());
        this.statements = new RunningStatements(this, journal);
        this.refusals = new Refusals(
                this::reader, endings, storage.database().getStore().getMvStore(), this::unserialized);
        this.lostWrites = new LostWrites(storage.database());
        this.waits = new SessionWaits(this, journal.entries(), storage.transactions(), refusals);
        this.serial = new SerialSession(
                this,
                storage.serializing(),
                refusals,
                new Surroundings(statements::isDefinition, statements::record, storage, waits));
        this.locks = new TransactionLocks(this, storage);
        this.names = new NameLocks(waits, statements, new HeldNames(storage.locks(), owner), locks);
        if (storage.database().findSetting("DEFAULT_LOCK_TIMEOUT") == null && !system) {
            setLockTimeout(storage.policy().lockTimeoutMillis());
        }
    }

    private Unserialized unserialized() {
        return new Unserialized(
                this,
                this::reader,
                storage.journal(),
                new Unserialized.Ground(
                        statements::record, storage.clock(), storage.targetNames(), serial::writerOf, serial::why));
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public UserName user() {
        return user;
    }

    public boolean isAdmin() {
        // Dropped, the user's object is what it was, but valid no more.
        return system || h2User.isValid() && h2User.isAdmin();
    }

    @Override
    public boolean isSystem() {
        return system;
    }

    @Override
    public LockOwner owner() {
        return owner;
    }

    @Override
    public LockManager locks() {
        return storage.locks();
    }

    @Override
    public TargetNames targetNames() {
        return storage.targetNames();
    }

    @Override
    public Stream<LockRow> rowLocks() {
        return storage.rowLocks();
    }

    /** The database that the session is in. */
    public OpenDatabase storage() {
        return storage;
    }

    /** H2's own JDBC connection; a session that came by another route than the driver gets one that shares it. */
    @Override
    public Connection connection() {
        Connection own = connection;
        return own == null ? h2.createConnection(false) : own;
    }

    public void connectedBy(Connection ownConnection) {
        connection = ownConnection;
    }

    @Override
    public boolean isOpen() {
        return !h2.isClosed();
    }

    @Override
    public Optional<SQLException> closedMeanwhile() {
        return h2.isClosed() && ending().isEmpty() && !storage.isShutDownHere()
                ? Optional.of(RoutedErrors.closedAtItsEnd())
                : lostWrites.failed();
    }

    @Override
    public Optional<SQLException> lostWrites() {
        return lostWrites.unheard();
    }

    /**
     * H2 closes a session as its statement ends, if another one shuts the database down or has it to itself. Then it
     * skips the commit, and says that all is well. So it does where nothing can be written any more.
     */
    public void acknowledge() {
        if (h2.isClosed() || lostWrites.isFailed()) {
            closedMeanwhile().ifPresent(RoutedErrors::raise);
        }
    }

    @Override
    public boolean isElsewhere() {
        return false;
    }

    @Override
    public boolean isAutoCommit() {
        return h2.getAutoCommit();
    }

    /** Will the statement that runs be committed as it ends? Also true inside a function that it calls. */
    public boolean commitsStatement() {
        return commitsStatement;
    }

    @Override
    public String isolation() {
        return h2.getIsolationLevel().getSQL();
    }

    /**
     * Ends the statement in flight for this reason, be it running or waiting for a lock, and returns at once. While
     * nothing runs, the transaction is rolled back, or the session closed, here and now. If a thread is inside that
     * cannot be told, that happens as soon as it is out.
     */
    @Override
    public void end(WaitEnding reason) {
        endings.mark(reason);
        endings.carryOut();
    }

    @Override
    public boolean end(long statement, WaitEnding reason) {
        boolean isInner = owner.statement().id() == statement && owner.idleSince() == 0;
        return endings.carryOut(statement, reason) || isInner && endings.carryOutAround(reason);
    }

    @Override
    public void endIdle(long idleSince, WaitEnding reason) {
        SessionMutex.tryEnter(h2, () -> {
            if (isOpen() && owner.idleSince() == idleSince && owner.isActive()) {
                endings.leave(reason);
            }
        });
    }

    /** Its transaction has to give way, and somebody waits. Returns at once; false if no thread can do it. */
    public boolean giveWay() {
        return EngineThread.tryRun("mortise-ending-" + id, endings::giveWay);
    }

    private final class Ground implements Endings.Ground {
        @Override
        public boolean tryEnter(Runnable action) {
            return SessionMutex.tryEnter(h2, action);
        }

        @Override
        public void enter(Runnable action) {
            SessionMutex.enter(h2, action);
        }

        @Override
        public void stop(WaitEnding reason) {
            if (!storage.locks().endWait(id, reason)) {
                Optional.ofNullable(h2.getCurrentCommand()).ifPresent(command -> command.cancel());
            }
        }

        @Override
        public boolean hasTransaction() {
            return H2Reflection.transaction(h2) != null;
        }

        @Override
        public boolean isToGiveWay() {
            return serial.isToGiveWay();
        }

        @Override
        public SQLException error(WaitEnding reason) {
            return refusals.ended(reason);
        }
    }

    @Override
    public Optional<WaitEnding> ending() {
        return endings.fate().last();
    }

    @Override
    public Optional<WaitEnding> told() {
        return endings.fate().told();
    }

    @Override
    public void rollBackLost() {
        if (statements.isEmpty()) {
            endings.rollBackLost();
        }
    }

    /**
     * A record, with the engine's next statement id and the time now, of a statement that a client hands to this
     * session on the current thread.
     *
     * @param queryId the client's name for it; empty if it gave none
     */
    @Override
    public StatementRecord describe(String sql, String queryId) {
        return journal.describe(sql, queryId);
    }

    /**
     * The next statement that begins in this session, outside any other, is this one. Its locks and its entry in the
     * journal refer to it, and no second record is made. Called by the thread that is about to run it.
     */
    @Override
    public void announce(StatementRecord statement) {
        endings.announce(statement);
        statements.announce(statement);
    }

    @Override
    public void departed() {
        endings.departed();
    }

    @Override
    public Optional<SQLException> loss() {
        return endings.loss();
    }

    /** For a command that ends several sessions: all are marked before the first is ended. */
    public Endings endings() {
        return endings;
    }

    /** The session as the reader of a virtual table, in the statement that it runs now. */
    public Reader reader() {
        return new Reader(id, user, isAdmin(), owner.statement().id(), storage.rightsOf(h2User));
    }

    @Override
    public int queryTimeout() {
        return h2.getQueryTimeout();
    }

    @Override
    public void setQueryTimeout(int millis) {
        SessionSettings.setQueryTimeout(h2, millis);
    }

    @Override
    public void setReadOnly(boolean isReadOnly) {
        serial.safe().setReadOnly(isReadOnly);
    }

    @Override
    public boolean isReadOnly() {
        return serial.safe().isReadOnly();
    }

    @Override
    public void setShowingValues(boolean isShowing) {
        statements.batch().setShowingValues(isShowing);
    }

    @Override
    public boolean isDatabaseReadOnly() {
        return storage.database().isReadOnly();
    }

    @Override
    public String catalog() {
        return storage.name();
    }

    /** Does H2 still produce the rows of this result of its own while they are read? */
    @Override
    public boolean isStreaming(ResultSet result) {
        return result instanceof JdbcResultSet h2Result
                && h2Result.getResult() != null
                && h2Result.getResult().isLazy();
    }

    @Override
    public void setLockTimeout(long millis) {
        long wanted = millis < 0 ? storage.policy().lockTimeoutMillis() : millis;
        h2.setLockTimeout((int) Math.min(wanted, Integer.MAX_VALUE));
    }

    @Override
    public Optional<String> caveat() {
        return Optional.empty();
    }

    @Override
    public void setApplicationName(String name) {
        applicationName = name;
    }

    @Override
    public String clientInfo() {
        NetworkConnectionInfo network = h2.getNetworkConnectionInfo();
        return applicationName.isEmpty() && network != null ? "tcp client " + network.getClient() : applicationName;
    }

    @Override
    public Instant loginTime() {
        return SqlTypes.instant(h2.getSessionStart());
    }

    /** {@inheritDoc} In this process every statement is found without it. */
    @Override
    public void runBy(Statement statement) {
        // The command that H2 runs is the session's current one.
    }

    @Override
    public void unlockSystem() {
        storage.systemLock().release(this);
    }

    @Override
    public SQLException inWordsOf(String clients, SQLException error) {
        return ErrorTranslation.of(clients, error);
    }

    /** {@inheritDoc} Here it was thrown as the client gets it, but for two errors of which H2 has other words. */
    @Override
    public SQLException translate(SQLException fromBelow) {
        return LateEnding.behind(lostWrites.heard(fromBelow))
                .or(() -> ClosedByAnother.said(fromBelow, h2, storage::isEnding))
                .orElseGet(() -> storage.slotRefusals().translate(fromBelow));
    }

    @Override
    public void apply(Settings settings) throws SQLException {
        SessionSettings.apply(settings, this);
    }

    @Override
    public SessionLocal h2() {
        return h2;
    }

    @Override
    public Notices notices() {
        return notices;
    }

    public SessionJournal journal() {
        return journal.entries();
    }

    public CreateTableRight createTableRight() {
        return createTableRight;
    }

    @Override
    public Writings writings() {
        return writings;
    }

    @Override
    public RunningStatements statements() {
        return statements;
    }

    @Override
    public KeptKeys keptKeys() {
        return locks.keptKeys();
    }

    /** The serializable transaction that it is in, if that locks nothing it reads. */
    @Override
    public SerialSession serial() {
        return serial;
    }

    public SnapshotAge snapshotAge() {
        return snapshotAge;
    }

    public TransactionLocks transactionLocks() {
        return locks;
    }

    /** Has the transaction locked the catalogue, so that nobody else can change it? */
    public boolean holdsCatalog() {
        LockableTable catalog = storage.table(LockableTable.META_TABLE);
        return catalog != null && locks.mode(catalog) == LockMode.X;
    }

    /** The circumstances of the innermost statement, for the policy. */
    public Situation situation() {
        return StatementKinds.situation(statements.kind(), h2);
    }

    /** How it waits for locks. */
    public SessionWaits waits() {
        return waits;
    }

    /** The names of the application's own that it has locked. */
    public NameLocks names() {
        return names;
    }

    @Override
    public SQLException error(WaitOutcome outcome) {
        return DbException.toSQLException(waits.refusal(outcome));
    }

    /** A statement begins that is not inside another; what was decided before it is carried out. */
    public void started() {
        // Written only where it changes: a volatile write is a fence, and this is every statement.
        boolean commits = h2.getAutoCommit();
        if (commitsStatement != commits) {
            commitsStatement = commits;
        }
        endings.start(owner.statement());
    }

    /**
     * Does H2 end the transaction, or the session? It drops local temporary tables then, and asks for the lock on the
     * catalogue, although no row of that is theirs; who ends waits for nobody.
     */
    public boolean isLeaving() {
        boolean isAboutRowsOnly = statements.isEmpty() || StatementKinds.isAboutRowsOnly(statements.type());
        return !system && (h2.isClosed() || H2Reflection.transaction(h2) == null && isAboutRowsOnly);
    }

    /**
     * H2 has closed the session, or failed to half-way: rolls back what is left, unless it is prepared; {@code gone}
     * runs when that is over.
     */
    public void leaveNothing(Runnable gone) {
        locks.leaveNothing(gone);
    }

    /** The outermost statement has failed with this: settles what that leaves behind. */
    public void over(SQLException error) {
        endings.failed(error);
        if (isOpen()) {
            locks.statementOver();
        }
    }
}
