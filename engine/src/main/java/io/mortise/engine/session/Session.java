package io.mortise.engine.session;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.storage.StorageSession;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with the engine; runs one statement at a time. A named one has as many connections as give its name, any
 * other has one. Thread-safe.
 */
public final class Session {
    private final StorageSession storage;
    private final InFlightGate gate;
    private final String name;
    private final Instant loginTime;
    private final List<Attachment> attachments = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable SQLWarning> warnings = new AtomicReference<>();

    private volatile String fate = "";

    /** @param name empty unless it is a named session */
    Session(StorageSession storage, InFlightGate gate, String name, Instant loginTime) {
        this.storage = storage;
        this.gate = gate;
        this.name = name;
        this.loginTime = loginTime;
    }

    public int id() {
        return storage.id();
    }

    public String name() {
        return name;
    }

    public String user() {
        return storage.user();
    }

    public StorageSession storage() {
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

    InFlightGate gate() {
        return gate;
    }

    Instant loginTime() {
        return loginTime;
    }

    List<Attachment> attachments() {
        return attachments;
    }

    /**
     * Ends one statement for this reason, be it in flight or in line. No other is hit, though it should begin this instant.
     *
     * @return false if it is neither
     */
    boolean end(long statement, WaitEnding ending) {
        return gate.endWaits(waiting -> waiting.id() == statement, ending)
                || gate.ifRunning(statement, () -> storage.end(ending));
    }

    /**
     * Rolls back and closes. What is in flight is cancelled; then this returns when the roll-back is done, after {@code
     * millis} at the latest: the rest goes on behind it, on the thread that ran the statement.
     */
    void close(long millis) throws SQLException {
        Closing closing = new Closing(storage.connection());
        gate.whenFree(closing);
        if (!closing.isDone()) {
            WaitEnding ending = WaitEnding.of(WaitEnd.SESSION_CLOSED);
            storage.end(ending);
            gate.endWaits(waiting -> true, ending);
            closing.await(millis);
        }
        closing.throwFailure();
    }

    /** The statement in flight, running or streaming. */
    public Optional<StatementRecord> inFlight() {
        return gate.inFlight();
    }

    /** What waits in line for this session, first come first. */
    public List<StatementRecord> inLine() {
        return gate.inLine();
    }

    /** Why it is about to be ended, for the error that says so. */
    void setFate(String why) {
        fate = ": " + why;
    }

    /** Empty, or a colon and why it was ended. */
    String fate() {
        return fate;
    }

    /** A warning for whoever runs the statement in flight. */
    public void warn(SQLWarning warning) {
        warnings.accumulateAndGet(warning, (known, added) -> {
            if (known == null || added == null) {
                return added;
            }
            known.setNextWarning(added);
            return known;
        });
    }

    /** The warnings since the last call. */
    Optional<SQLWarning> takeWarnings() {
        return warnings.get() == null ? Optional.empty() : Optional.ofNullable(warnings.getAndSet(null));
    }
}
