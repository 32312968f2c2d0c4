package io.mortise.engine.view.figure;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.journal.report.PastWait;
import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.EndedWait;
import io.mortise.engine.meter.Meters;
import io.mortise.engine.meter.Reading;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.view.Sources;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/** The figures of an open database. Thread-safe. */
public final class Figures implements DatabaseMeters, LockListener {
    private static final int SQL_SHOWN = 120;

    private final String database;
    private final Sources sources;
    private final LongAdder waits = new LongAdder();
    private final LongAdder waitNanos = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder deadlocks = new LongAdder();
    private final LongAdder refused = new LongAdder();

    public Figures(String database, Sources sources) {
        this.database = database;
        this.sources = sources;
    }

    @Override
    public String database() {
        return database;
    }

    @Override
    public Reading read() {
        long now = sources.clock().getAsLong();
        List<SessionRow> sessions = sources.sessions().get();
        List<SessionRow> open =
                sessions.stream().filter(session -> session.transaction() != 0).toList();
        LockSnapshot snapshot = sources.locks().get();
        List<LockRow> rows = snapshot.rows();
        List<LockRow> pending = rows.stream().filter(row -> !row.granted()).toList();
        SessionJournal.Counts counts = sources.journal().counts();
        return new Reading(
                byState(sessions),
                open.size(),
                oldest(snapshot.parties().values(), Party::startNanos, now),
                byKind(rows),
                open.stream().mapToLong(SessionRow::rowsChanged).sum(),
                pending.size(),
                oldest(pending, LockRow::requestedNanos, now),
                waits.sum(),
                TimeUnit.NANOSECONDS.toMillis(waitNanos.sum()),
                timeouts.sum(),
                deadlocks.sum(),
                refused.sum(),
                counts.statements(),
                counts.nanos());
    }

    private static Map<String, Long> byState(List<SessionRow> sessions) {
        Map<String, Long> counts = new TreeMap<>();
        Arrays.stream(SessionRow.State.values()).forEach(state -> counts.put(lower(state), 0L));
        sessions.forEach(session -> counts.merge(lower(session.state()), 1L, Long::sum));
        return counts;
    }

    private static Map<String, Long> byKind(List<LockRow> rows) {
        Map<String, Long> counts = new TreeMap<>();
        Arrays.stream(TargetKind.values()).forEach(kind -> counts.put(lower(kind), 0L));
        rows.stream()
                .filter(LockRow::granted)
                .forEach(row -> counts.merge(lower(TargetKind.of(row.target())), 1L, Long::sum));
        return counts;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <T> long oldest(Collection<T> all, ToLongFunction<T> since, long now) {
        return all.stream().mapToLong(since).min().stream()
                .map(first -> Math.max(0, TimeUnit.NANOSECONDS.toMillis(now - first)))
                .findFirst()
                .orElse(0);
    }

    @Override
    public List<String> whoIsBusy() {
        long now = sources.clock().getAsLong();
        return sources.sessions().get().stream()
                .filter(session -> session.state() != SessionRow.State.IDLE)
                .map(session -> line(session, now))
                .toList();
    }

    private static String line(SessionRow session, long now) {
        StatementRecord statement = session.statement();
        String sql = OneLine.ofSql(statement.sql());
        return "session " + session.id() + " " + session.state().text().toLowerCase(Locale.ROOT) + " for "
                + Math.max(0, TimeUnit.NANOSECONDS.toMillis(now - session.sinceNanos())) + " ms"
                + (statement.id() == 0 ? "" : ", thread \"" + OneLine.ofName(statement.threadName()) + "\"")
                + (sql.isEmpty() ? "" : session.state().isInFlight() ? ", runs " : ", ran last ")
                + OneLine.of(sql, SQL_SHOWN);
    }

    @Override
    public void refused() {
        refused.increment();
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        if (outcome.isTimeout()) {
            timeouts.increment();
        }
        count(request, waited, PastWait.word(outcome));
    }

    @Override
    public void waitBroken(LockRow request, Duration waited) {
        count(request, waited, "ERROR");
    }

    private void count(LockRow request, Duration waited, String outcome) {
        waits.increment();
        waitNanos.add(waited.toNanos());
        Meters.tell(listener -> listener.waited(new EndedWait(
                database, table(request.target()), outcome.toLowerCase(Locale.ROOT), waited, blocker(request))));
    }

    private static OptionalInt blocker(LockRow request) {
        return request.blockers().stream()
                .mapToInt(blocker -> Math.abs(blocker.owner().session()))
                .findFirst();
    }

    private String table(LockTarget target) {
        return target.inTable()
                .map(table -> sources.names().of(table))
                .map(name -> name.schema() + "." + name.table())
                .orElse("");
    }

    @Override
    public void deadlockFound(DeadlockReport report) {
        deadlocks.increment();
    }
}
