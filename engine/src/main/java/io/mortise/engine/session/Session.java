package io.mortise.engine.session;

import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.backend.ListedSession;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.InFlightGate;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.text.UserName;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with the engine; runs one statement at a time. A named one has as many connections as give its name,
 * any other has one. Thread-safe.
 */
public final class Session {
    private static final System.Logger LOG = System.getLogger(Session.class.getName());

    private final ClientSession storage;
    private final InFlightGate gate;
    private final String name;
    private final Instant loginTime; // of one that does not say so itself
    private final int timeoutSeconds;
    private volatile Settings settings; // written under this
    // Three that are written under this: most sessions have one client, no limits and no name.
    private volatile int limits;
    private volatile long detached;
    private volatile List<Client> clients = List.of();
    private final AtomicReference<Optional<Future<?>>> scheduled = new AtomicReference<>(Optional.empty());
    private final Warnings warnings = new Warnings();
    private volatile boolean dropped;
    private volatile @Nullable Instant closesAt;

    /** One of the connections that share the session, as the session sees it. */
    interface Client {
        /** Has this statement come by this connection, and is it the last that has? */
        boolean runs(long statement);

        ConnectionState state();

        /** Ends what it, among those that share the session, has in flight. */
        void endOwn(WaitEnd reason);
    }

    /** @param settings of the connection that makes it; the timeout of a named session is fixed then */
    Session(ClientSession storage, InFlightGate gate, Settings settings) {
        this.storage = storage;
        this.gate = gate;
        this.name = settings.get(Setting.SESSION_ID);
        this.timeoutSeconds = settings.get(Setting.SESSION_TIMEOUT);
        this.loginTime = storage instanceof ListedSession ? Instant.EPOCH : Instant.now();
        this.settings = settings;
        storage.notices().to(text -> warn(new SQLWarning(text, "01000")));
    }

    /** As they were given by the connection that made it, or have been set since. */
    Settings settings() {
        return settings;
    }

    /** Its limits have been given, for the n-th time; returns n. */
    synchronized int limited() {
        return ++limits;
    }

    int limitsGiven() {
        return limits;
    }

    /**
     * Gives a setting another value, for the connection that runs this statement where it is the connection's.
     *
     * @return false if it cannot be changed any more
     */
    <T> boolean set(Setting<T> setting, String text, long statement) {
        T value = setting.parse(text);
        switch (setting.keeper()) {
            case CONNECTION ->
                clients.stream()
                        .filter(client -> client.runs(statement))
                        .forEach(client -> client.state().set(setting, value));
            case SESSION -> keep(setting, value);
            case CONNECTING, STORAGE, DATABASE, ADMINISTRATORS -> {
                return false;
            }
        }
        return true;
    }

    private synchronized <T> void keep(Setting<T> setting, T value) {
        settings = settings.with(setting, value);
    }

    /** The value that counts for the connection that runs this statement; empty where nobody has given one. */
    Optional<String> setting(Setting<?> setting, long statement) {
        return clients.stream()
                .filter(client -> client.runs(statement))
                .map(client -> client.state().settings())
                .filter(own -> own.names().contains(setting))
                .findFirst()
                .or(() -> Optional.of(settings()).filter(own -> own.names().contains(setting)))
                .map(own -> own.text(setting));
    }

    public int id() {
        return storage.id();
    }

    /** Is the database open in another process? */
    public boolean isElsewhere() {
        return storage.isElsewhere();
    }

    public String name() {
        return name;
    }

    public UserName user() {
        return storage.user();
    }

    public ClientSession storage() {
        return storage;
    }

    /** The lock manager of the database this session is in: who holds what, and who waits. For the testkit. */
    public LockManager locks() {
        return storage.locks();
    }

    /** What people call the targets of those locks. */
    public TargetNames targetNames() {
        return storage.targetNames();
    }

    /**
     * What a client may ask a connection for by its type: the session, its lock manager, the names of lock targets, or
     * the owner of its locks. Also the locks that only storage knows (none if the database is open in another process),
     * or where the locks are told that a server manages. All but the first know nothing of H2.
     */
    public <T> Optional<T> part(Class<T> type) {
        LockSnapshot.Rest rest = storage::rowLocks;
        List<?> parts = List.of(this, locks(), targetNames(), rest, storage.owner());
        return type == Object.class
                ? Optional.empty()
                : Stream.concat(parts.stream(), storage.locksOfServer().stream())
                        .filter(type::isInstance)
                        .map(type::cast)
                        .findFirst();
    }

    InFlightGate gate() {
        return gate;
    }

    boolean isNamed() {
        return !name.isEmpty();
    }

    int timeoutSeconds() {
        return timeoutSeconds;
    }

    /** The last connection has gone, for the n-th time; returns n. */
    synchronized long detach() {
        closesAt = Instant.now().plusSeconds(timeoutSeconds);
        return ++detached;
    }

    /** It is to go at some time, unless a connection comes back; whatever was scheduled before is void. */
    void staysFor(Optional<Future<?>> goodbye) {
        scheduled.getAndSet(goodbye).ifPresent(before -> before.cancel(false));
    }

    /** When it goes, if no connection comes; empty while one is there. */
    public Optional<Instant> closesAt() {
        return clients.isEmpty() ? Optional.ofNullable(closesAt) : Optional.empty();
    }

    /** Where its connections were opened, or their requests begun, if they were told to remember. */
    public Optional<String> borrowSite() {
        String sites = clients.stream()
                .flatMap(client -> client.state().borrowSite().stream())
                .distinct()
                .collect(Collectors.joining(", "));
        return Optional.of(sites).filter(site -> !site.isEmpty());
    }

    long detached() {
        return detached;
    }

    /**
     * Rolls back before anything else begins; what fails is seen when the session is used again. {@link #runNext}
     * follows.
     */
    void rollBackNext() {
        gate.putOff(this::rollBackNow);
    }

    /** Runs what was put off, unless somebody is inside who will do so. Returns after so long at the latest. */
    void runNext(long millis) {
        SessionEnd.await(SessionEnd.atLength(storage, gate::runPutOff), millis);
    }

    private void rollBackNow() {
        try {
            storage.connection().rollback();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "rolling back session " + id(), e);
        }
    }

    /**
     * Nothing begins in it any more, and what it has open is rolled back as soon as nothing runs. It is closed when its
     * connections have moved on: until then they may be reading what it has answered.
     */
    void drop() {
        dropped = true;
        gate.whenLeft(this::rollBackNow);
    }

    boolean isDropped() {
        return dropped;
    }

    /** Closes it behind the caller's back, as soon as nothing runs. */
    void end() {
        gate.whenFree(new SessionEnd(storage));
    }

    Instant loginTime() {
        return storage instanceof ListedSession listed ? listed.loginTime() : loginTime;
    }

    List<Client> clients() {
        return clients;
    }

    synchronized void attach(Client client) {
        clients = clients.isEmpty()
                ? List.of(client)
                : Stream.concat(clients.stream(), Stream.of(client)).toList();
    }

    synchronized void detach(Client client) {
        clients = clients.size() == 1 && clients.get(0) == client
                ? List.of()
                : clients.stream().filter(other -> other != client).toList();
    }

    /**
     * Ends one statement for this reason, be it in flight or in line. No other is hit, though it should begin this
     * instant.
     *
     * @return false if it is neither
     */
    boolean end(long statement, WaitEnding ending) {
        return gate.endWaits(waiting -> waiting.id() == statement, ending)
                || gate.ifRunning(statement, () -> storage.end(statement, ending));
    }

    /** The statement in flight, running or streaming. */
    public Optional<StatementRecord> inFlight() {
        return gate.inFlight();
    }

    /** What waits in line for this session, first come first. */
    public List<StatementRecord> inLine() {
        return gate.inLine();
    }

    /** A warning for the caller of the statement in flight. */
    public void warn(SQLWarning warning) {
        warnings.add(String.valueOf(warning.getMessage()), String.valueOf(warning.getSQLState()));
    }

    /** The warnings since the last call. */
    Optional<SQLWarning> takeWarnings() {
        return warnings.take();
    }

    void dropWarnings() {
        warnings.drop();
    }
}
