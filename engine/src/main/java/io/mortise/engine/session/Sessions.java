package io.mortise.engine.session;

import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.backend.ListedSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.InFlightGate;
import io.mortise.engine.session.gate.Parking;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.thread.ByNumber;
import io.mortise.engine.thread.EngineThread;
import io.mortise.engine.thread.HeldInterrupt;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Who is connected to one open database. Thread-safe. */
public final class Sessions {
    private static final long LOOK_MILLIS = 10;

    private final Parking parking;
    private final Supplier<? extends List<? extends ListedSession>> everybody;
    private final Attachment.Home home;
    private final ByNumber<Session> byId = new ByNumber<>(Session::id);
    private final NamedSessions named;
    private final TransactionLimits limits;
    private final AtomicBoolean listening = new AtomicBoolean();

    /**
     * @param nanoTime the engine's clock
     * @param everybody every session that storage knows, by whatever route it came
     * @param callSite where the calling thread stands in the application's code
     */
    public Sessions(
            LongSupplier nanoTime,
            Supplier<? extends List<? extends ListedSession>> everybody,
            Supplier<Optional<String>> callSite) {
        this(nanoTime, everybody, callSite, new NamedSessions());
    }

    Sessions(
            LongSupplier nanoTime,
            Supplier<? extends List<? extends ListedSession>> everybody,
            Supplier<Optional<String>> callSite,
            NamedSessions named) {
        this.parking = Parking.by(nanoTime);
        this.everybody = everybody;
        this.home = new Attachment.Home(
                parking, callSite, this::transactionOfThisThread, this::checkNotRunning, this::leave);
        this.limits = new TransactionLimits(nanoTime);
        this.named = named;
    }

    /**
     * A client of the driver has connected: in a session of its own, or in the one it names.
     *
     * @param storage belongs to the session from now on, or is closed if there is one already
     */
    public Attachment begin(ClientSession storage, Settings settings) throws SQLException {
        if (settings.get(Setting.SESSION_ID).isEmpty()) {
            return begun(storage, settings);
        }
        Attachment joined;
        synchronized (named) {
            Optional<Session> known = named.join(storage.user(), settings);
            if (known.isEmpty()) {
                Attachment attachment = begun(storage, settings);
                named.add(attachment.session());
                return attachment;
            }
            joined = attached(known.get(), settings);
        }
        storage.connection().close();
        return joined;
    }

    private Attachment begun(ClientSession storage, Settings settings) throws SQLException {
        Session session = new Session(storage, new InFlightGate(parking), settings);
        storage.apply(settings);
        Attachment attachment = attached(session, settings);
        byId.put(session);
        if (listening.compareAndSet(false, true)) {
            storage.locks().addListener(new WaitWarnings(this));
        }
        limits.watch(session);
        return attachment;
    }

    private Attachment attached(Session session, Settings settings) {
        Attachment attachment = new Attachment(home, session, settings);
        session.attach(attachment);
        return attachment;
    }

    /** Another session in whose open transaction the calling thread was last. */
    private Optional<Session> transactionOfThisThread(Session wanted) {
        Thread current = Thread.currentThread();
        return byId.all().stream()
                .filter(session -> session != wanted)
                .filter(session -> session.storage().owner().isActive())
                .filter(session -> session.storage().owner().statement().thread() == current)
                .findFirst();
    }

    /**
     * Gives a setting of a session another value, for the connection that runs this statement where it is the
     * connection's.
     *
     * @return false if the session came by another route than the driver, or the setting cannot be changed any more
     */
    public boolean set(int id, Setting<?> setting, String value, long statement) {
        Optional<Session> session = session(id);
        boolean changed =
                session.filter(found -> found.set(setting, value, statement)).isPresent();
        session.filter(found -> changed).ifPresent(limits::watch);
        return changed;
    }

    /** The value of a setting for the connection that runs this statement; empty where nobody has given one. */
    public Optional<String> setting(int id, Setting<?> setting, long statement) {
        return session(id).flatMap(found -> found.setting(setting, statement));
    }

    /** The driver's session of this number; empty if there is none, or if it came by another route. */
    public Optional<Session> session(int id) {
        return byId.find(id);
    }

    /**
     * Ends one statement for this reason, be it in flight or in line, by whatever route it came.
     *
     * @return false if it is neither
     */
    public boolean end(long statement, WaitEnding ending) {
        if (byId.all().stream().anyMatch(session -> session.end(statement, ending))) {
            return true;
        }
        // What came by another route, or runs inside another statement.
        return everybody.get().stream()
                .filter(storage -> runs(storage, statement))
                .anyMatch(storage -> storage.end(statement, ending));
    }

    /** Blocks until this statement is no longer in flight, or the caller gives up. */
    public void awaitEnd(long statement, BooleanSupplier givesUp) throws InterruptedException {
        if (HeldInterrupt.isUp()) {
            throw new InterruptedException();
        }
        CountDownLatch ended = new CountDownLatch(1);
        for (Session session : byId.all()) {
            if (session.inFlight().filter(running -> running.id() == statement).isPresent()) {
                session.gate().whenFree(ended::countDown);
            }
        }
        // Sessions of other routes have no gate to tell, and the caller may be told to give up: so look now and then.
        while (isInFlight(statement) && !givesUp.getAsBoolean()) {
            ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private boolean isInFlight(long statement) {
        return byId.all().stream()
                        .flatMap(session -> session.inFlight().stream())
                        .anyMatch(running -> running.id() == statement)
                || everybody.get().stream().anyMatch(storage -> runs(storage, statement));
    }

    private static boolean runs(ListedSession storage, long statement) {
        return storage.owner().idleSince() == 0 && storage.owner().statement().id() == statement;
    }

    /** A connection has gone. */
    private void leave(Session session, Attachment attachment) throws SQLException {
        session.detach(attachment);
        if (session.isNamed() && session.storage().isOpen()) {
            attachment.endOwn(session.clients().isEmpty() ? WaitEnd.CONNECTION_CLOSED : WaitEnd.CANCELLED);
            if (!session.isDropped()) {
                named.detached(session);
                return;
            }
            if (!session.clients().isEmpty()) {
                return;
            }
        }
        byId.remove(session);
        limits.forget(session);
        named.forget(session);
        SessionEnd.close(session.storage(), session.gate(), SessionEnd.LONGEST_MILLIS);
    }

    /**
     * Ends a named session with the statement that asks for it. Its name is free at once: the next statement of its
     * connections begins a new session.
     */
    public void drop(Session session) {
        named.forget(session);
        session.drop();
    }

    /** The database ends: H2 keeps what is left open, and all of the database with it. Waits for nothing. */
    public void end() {
        List<Session> left = named.clear();
        if (!left.isEmpty()) {
            EngineThread.run("mortise-named-end", () -> left.forEach(Session::end));
        }
    }

    /** Refuses an id that a running statement has: it could not be told from the other. */
    private void checkNotRunning(String queryId) throws SQLException {
        for (Session session : byId.all()) {
            Optional<StatementRecord> running =
                    session.inFlight().filter(statement -> statement.name().equals(queryId));
            if (running.isPresent()) {
                throw EngineError.QUERY_ID_IS_RUNNING.exception("Query with id = " + queryId
                        + " is already running. It runs in session " + session.id()
                        + ". The new statement has not begun. Give it another id, or none.");
            }
        }
    }

    /** Every session, as of now. */
    public List<SessionRow> snapshot() {
        return everybody.get().stream()
                .filter(storage -> storage.isOpen() && !storage.isSystem())
                .map(this::describe)
                .toList();
    }

    private SessionRow describe(ListedSession storage) {
        Optional<Session> ours = session(storage.id()).filter(session -> session.storage() == storage);
        LockOwner owner = storage.owner();
        Optional<StatementRecord> inFlight = ours.flatMap(Session::inFlight);
        StatementRecord innermost = owner.statement();
        StatementRecord statement = inFlight.orElse(innermost.outermost());
        SessionRow.State state = state(storage, ours);
        return new SessionRow(
                storage.id(),
                ours.map(Session::name).orElse(""),
                storage.user(),
                ours.map(Session::loginTime).orElseGet(storage::loginTime),
                ours.map(session -> said(session, ConnectionState::applicationName))
                        .orElseGet(storage::clientInfo),
                storage.isAutoCommit(),
                storage.isolation(),
                owner.id().transaction(),
                state,
                state.isIdle() ? owner.idleSince() : statement.startNanos(),
                statement,
                ours.map(session -> session.gate().inLine()).orElse(List.of()),
                owner.rowsChanged(),
                ours.map(session -> session.clients().size()).orElse(1),
                !state.isIdle() && storage.told().isPresent(),
                innermost.outermost().id() == statement.id() ? innermost : statement);
    }

    private static SessionRow.State state(ListedSession storage, Optional<Session> ours) {
        if (storage.locks().waiting(storage.id()).isPresent()) {
            return SessionRow.State.LOCK_WAIT;
        }
        if (ours.isPresent() && ours.get().gate().isStreaming()) {
            return SessionRow.State.STREAMING;
        }
        boolean running =
                storage.owner().idleSince() == 0 && storage.owner().statement().id() != StatementRecord.NONE.id();
        if (running || ours.flatMap(Session::inFlight).isPresent()) {
            return SessionRow.State.RUNNING;
        }
        return SessionRow.State.ofIdle(storage.owner());
    }

    /** The pool that a session belongs to, or what its connections call themselves; empty if neither is known. */
    public String calledBy(int id) {
        return session(id)
                .map(session -> said(session, ConnectionState::pool))
                .filter(pool -> !pool.isEmpty())
                .or(() -> session(id).map(session -> said(session, ConnectionState::applicationName)))
                .orElse("");
    }

    private static String said(Session session, Function<ConnectionState, String> word) {
        return session.clients().stream()
                .map(client -> word.apply(client.state()))
                .filter(name -> !name.isEmpty())
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
