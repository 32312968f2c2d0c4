package io.mortise.postgres.session;

import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.virtual.Reader;
import io.mortise.postgres.lock.Look;
import io.mortise.postgres.lock.Told;
import io.mortise.postgres.server.Backend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** What a look says of waits, for a report of one. Thread-safe once it is made. */
final class Seen {
    private static final AtomicLong LAST_DEADLOCK = new AtomicLong();

    private final Look look;
    private final List<LockRow> rows;
    /** By session: those who wait, and whom they wait for. */
    private final Map<Integer, Party> parties = new HashMap<>();

    /**
     * Notes now what those who wait, and those in their way, run, and where their threads stand: it is another thing
     * later.
     */
    Seen(PostgresDatabase database, Look look) {
        this.look = look;
        Others others = new Others(database, look);
        this.rows = new Told(look, others::owner, others::statement).rows();
        for (LockRow row : rows) {
            if (!row.granted()) {
                note(row.owner(), others);
                row.blockers().forEach(blocker -> note(blocker.owner(), others));
            }
        }
    }

    private void note(OwnerId owner, Others others) {
        Backend backend = look.backends().get(owner.session());
        parties.computeIfAbsent(
                owner.session(), unused -> backend == null ? others.gone(owner) : others.reported(backend));
    }

    long nanos() {
        return look.nanos();
    }

    Optional<LockRow> pending(int pid) {
        return rows.stream()
                .filter(row -> !row.granted() && row.owner().session() == pid)
                .findFirst();
    }

    /** Keys were read with the user's own rights. */
    Sight sight(PostgresSession session) {
        long since = look.nanos() - (1L << 60);
        Reader reader = new Reader(session.id(), session.user(), session.seesAll(), 0, table -> OptionalLong.of(since));
        return Sight.of(reader, look);
    }

    WaitReport report(LockRow request, long waitedNanos, long timeoutMillis) {
        List<Party> blockers = request.blockers().stream()
                .filter(blocker -> blocker.kind() == EdgeKind.HOLDS)
                .map(blocker -> party(blocker.owner()))
                .toList();
        List<LockRow> queue = request.blockers().stream()
                .filter(blocker -> blocker.kind() == EdgeKind.QUEUED_AHEAD)
                .flatMap(blocker -> pending(blocker.owner().session()).stream())
                .toList();
        return new WaitReport(
                withoutTakers(request), party(request.owner()), waitedNanos, timeoutMillis, queue, blockers);
    }

    /** The server does not remember which statement took a lock. */
    private static LockRow withoutTakers(LockRow request) {
        List<Blocker> blockers = request.blockers().stream()
                .filter(blocker -> blocker.kind() == EdgeKind.HOLDS)
                .map(blocker -> new Blocker(blocker.owner(), blocker.kind(), blocker.mode(), StatementRecord.NONE))
                .toList();
        return new LockRow(
                request.owner(),
                request.target(),
                request.mode(),
                false,
                request.requestedNanos(),
                request.grantedNanos(),
                request.statement(),
                false,
                blockers,
                0);
    }

    private Party party(OwnerId owner) {
        return Objects.requireNonNull(parties.get(owner.session()));
    }

    /**
     * The deadlock between these processes, each of which waits for the next.
     *
     * @return empty if not all of them were seen to wait
     */
    Optional<DeadlockReport> deadlock(List<Integer> cycle, int victim) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < cycle.size(); i++) {
            int next = cycle.get((i + 1) % cycle.size());
            Optional<LockRow> waits = pending(cycle.get(i));
            if (waits.isEmpty()) {
                return Optional.empty();
            }
            EdgeKind kind = waits.get().blockers().stream()
                    .filter(blocker -> blocker.owner().session() == next)
                    .map(Blocker::kind)
                    .findFirst()
                    .orElse(EdgeKind.HOLDS);
            LockRow request = withoutTakers(waits.get());
            members.add(new Member(party(request.owner()), request, kind));
        }
        return members.stream().anyMatch(member -> member.party().owner().session() == victim)
                ? Optional.of(new DeadlockReport(
                        LAST_DEADLOCK.incrementAndGet(), look.nanos(), List.copyOf(members), owner(members, victim)))
                : Optional.empty();
    }

    private static OwnerId owner(List<Member> members, int session) {
        return members.stream()
                .map(member -> member.party().owner())
                .filter(owner -> owner.session() == session)
                .findFirst()
                .orElseThrow();
    }
}
