package io.mortise.engine.view;

import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.journal.report.HeldUp;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.virtual.Reader;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Locks, waits and sessions as of one instant: what all tables that one statement reads are made from. Thread-safe.
 *
 * <p>Row locks that only storage knows are read beside it and may be younger.
 */
final class Moment {
    private final Sources sources;
    private final LockSnapshot locks;
    private final Map<Integer, SessionRow> sessions = new TreeMap<>();
    /** What runs on which thread. */
    private final Map<Long, Integer> byThread = new HashMap<>();

    private final Map<Integer, LockRow> pending = new HashMap<>();
    private final Standing standing;
    private final Map<Integer, Optional<String>> callSites = new ConcurrentHashMap<>();
    /** By thread; read when the first is asked for. */
    private volatile Optional<Map<Long, HeldUp>> heldUp = Optional.empty();

    Moment(Sources sources) {
        this.sources = sources;
        List<SessionRow> connected = sources.sessions().get();
        LockSnapshot managed = ofSessions(sources.locks().get());
        for (LockRow row : managed.rows()) {
            if (!row.granted()) {
                pending.put(row.owner().session(), row);
            }
        }
        this.standing = new Standing(managed.rows());
        this.locks = SlotLines.addTo(managed, connected);
        connected.forEach(session -> sessions.put(session.id(), session));
        connected.stream()
                .filter(session -> session.statement().id() != 0 && state(session) == SessionRow.State.RUNNING)
                .forEach(session -> byThread.put(session.statement().thread().getId(), session.id()));
    }

    /** The system lock outlives transactions, so its owner is not the session's; to the reader it is that session. */
    private static LockSnapshot ofSessions(LockSnapshot snapshot) {
        List<LockRow> rows = snapshot.rows().stream()
                .map(row -> row.target() instanceof LockTarget.System ? row.of(ofSession(row.owner())) : row)
                .toList();
        return new LockSnapshot(snapshot.atNanos(), rows, snapshot.parties());
    }

    private static OwnerId ofSession(OwnerId owner) {
        return new OwnerId(Math.abs(owner.session()), owner.transaction());
    }

    long nanos() {
        return locks.atNanos();
    }

    List<LockRow> locks() {
        return locks.rows();
    }

    /** Every lock: those of the lock manager, then those that only storage knows. To be closed. */
    Stream<LockRow> allLocks() {
        Set<Held> known = new HashSet<>();
        locks.rows().stream()
                .filter(LockRow::granted)
                .forEach(row -> known.add(new Held(row.owner().session(), row.target())));
        Stream<LockRow> rows = sources.rowLocks().get();
        return Stream.concat(
                        locks.rows().stream(),
                        rows.filter(row -> !known.contains(new Held(row.owner().session(), row.target()))))
                .onClose(rows::close);
    }

    /** What serializable transactions have noted of their reads; may be younger. */
    Stream<Sources.ReadNote> notes() {
        return sources.notes().get();
    }

    private record Held(int session, LockTarget target) {}

    /** Those connected, in the order of their numbers. */
    List<SessionRow> sessions() {
        return List.copyOf(sessions.values());
    }

    Optional<SessionRow> session(int id) {
        return Optional.ofNullable(sessions.get(id));
    }

    /** What a session does. Whether it waits is told by the locks of this moment, whatever it did a moment ago. */
    SessionRow.State state(SessionRow session) {
        if (pending.containsKey(session.id())) {
            return SessionRow.State.LOCK_WAIT;
        }
        return session.state() == SessionRow.State.LOCK_WAIT ? SessionRow.State.RUNNING : session.state();
    }

    /**
     * The same in words, and more exact where a statement runs and its thread is held up: {@code BLOCKED}, {@code IN
     * IO}.
     */
    String stateText(SessionRow session) {
        return heldUp(session).map(HeldUp::state).orElse(state(session).text());
    }

    /** The monitor that the thread of a session is blocked on, and who has it; or in which call it reads or writes. */
    Optional<String> blockedOn(SessionRow session) {
        return heldUp(session).map(by -> by.on() + sessionOf(by.owner()));
    }

    private String sessionOf(long thread) {
        Integer session = byThread.get(thread);
        return session == null ? "" : " (session " + session + ")";
    }

    /**
     * Only where a statement runs: looking stops those threads for an instant, all of them at once and once a moment.
     */
    private Optional<HeldUp> heldUp(SessionRow session) {
        if (session.statement().id() == 0 || state(session) != SessionRow.State.RUNNING) {
            return Optional.empty();
        }
        if (heldUp.isEmpty()) {
            heldUp = Optional.of(HeldUp.of(sessions.values().stream()
                    .filter(each -> each.statement().id() != 0 && state(each) == SessionRow.State.RUNNING)
                    .map(each -> each.statement().thread())
                    .toList()));
        }
        return heldUp.map(threads -> threads.get(session.statement().thread().getId()));
    }

    /** What a session waits for. */
    Optional<LockRow> pending(int session) {
        return Optional.ofNullable(pending.get(session));
    }

    /** How many locks the sessions hold, and how many wait for them. */
    Standing standing() {
        return standing;
    }

    Optional<Party> party(OwnerId owner) {
        return Optional.ofNullable(locks.parties().get(owner.session()));
    }

    /** The owner, if it is a prepared branch that no session has any more. */
    Optional<Party> branchInDoubt(OwnerId owner) {
        return party(owner).filter(party -> party.doing() == Party.Doing.IN_DOUBT);
    }

    UserName user(OwnerId owner) {
        return session(owner.session())
                .map(SessionRow::user)
                .or(() -> party(owner).map(Party::user))
                .orElse(UserName.NONE);
    }

    /** What a session runs, or ran last. */
    StatementRecord statement(OwnerId owner) {
        return session(owner.session())
                .map(SessionRow::statement)
                .or(() -> party(owner).map(Party::statement))
                .orElse(StatementRecord.NONE);
    }

    /**
     * Where the thread of a statement stands now, in the application's code. Read once a moment and session: it stops
     * that thread for an instant.
     */
    Optional<String> callSite(StatementRecord statement) {
        return statement.id() == 0
                ? Optional.empty()
                : callSites.computeIfAbsent(
                        statement.session(),
                        unused -> CallSite.of(List.of(statement.thread().getStackTrace())));
    }

    TargetNames.Name name(LockTarget target) {
        return sources.names().of(target);
    }

    /** What this reader may be shown of it. */
    Sight sight(Reader reader) {
        return Sight.of(reader, sources.names());
    }

    /**
     * What this reader may be shown of what was there at that time: the number of a table that has gone may be
     * another's.
     */
    Sight sight(Reader reader, long atNanos) {
        return Sight.of(reader, sources.names(), atNanos);
    }

    OffsetDateTime time(long nanos) {
        return time(sources.clock(), nanos);
    }

    static OffsetDateTime time(EngineClock clock, long nanos) {
        return Cells.time(clock.at(nanos));
    }

    long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(0, nanos() - nanos));
    }

    /** How long a request waited, or has waited so far. */
    long waitedMillis(LockRow row) {
        return row.granted()
                ? TimeUnit.NANOSECONDS.toMillis(row.grantedNanos() - row.requestedNanos())
                : millisSince(row.requestedNanos());
    }
}
