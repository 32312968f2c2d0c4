package io.mortise.engine.storage.waiting;

import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.error.LockFacts;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.journal.failure.SerialFailure;
import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.serial.Refusal;
import io.mortise.engine.storage.ending.Endings;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.virtual.Reader;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Turns requests for locks that were not granted into the errors that the session gets. The exceptions are the engine's
 * own; see {@link RoutedErrors} for how they come through H2 unchanged. Used by the session's thread, outside any
 * mutex.
 */
public final class Refusals {
    private final Supplier<Reader> session;
    private final Endings endings;
    private final MVStore store;
    private final Supplier<Unserialized> making;
    /** Made when the first is told: most sessions never are. */
    private @Nullable Unserialized unserialized;

    /** @param session as a reader, who may be another the next time */
    public Refusals(Supplier<Reader> session, Endings endings, MVStore store, Supplier<Unserialized> unserialized) {
        this.session = session;
        this.endings = endings;
        this.store = store;
        this.making = unserialized;
    }

    private Unserialized unserialized() {
        Unserialized known = unserialized;
        if (known == null) {
            known = making.get();
            unserialized = known;
        }
        return known;
    }

    Endings endings() {
        return endings;
    }

    DbException of(WaitOutcome outcome) {
        if (outcome instanceof WaitOutcome.DeadlockVictim victim) {
            return deadlock(victim.report());
        }
        if (outcome instanceof WaitOutcome.Refused refused) {
            return refused(refused.ending(), refused.report());
        }
        throw new AssertionError("a granted request is no error");
    }

    private DbException deadlock(DeadlockReport report) {
        DeadlockWords words = new DeadlockWords(report, sight());
        endings.lose(() -> new RoutedErrors.Deadlock(words, words.characters()));
        return new RoutedErrors.Deadlock(words, words.characters()).routed();
    }

    DbException conflict(LockTarget.Row row, Optional<OwnerId> changedBy) {
        return convert(failed(unserialized().rowChanged(row, changedBy)));
    }

    DbException redefined(LockTarget.Table table) {
        return convert(failed(unserialized().tableChanged(table)));
    }

    DbException inDoubt(LockTarget.Table table, String branch) {
        return convert(failed(unserialized().inDoubt(table, branch)));
    }

    /**
     * What a serializable transaction that has to give way is told; it is lost. One failure, told as often as it asks.
     */
    public SQLException gaveWay(Refusal why) {
        return failed(unserialized().gaveWay(why));
    }

    /** The same where it is known only that it has to. */
    private SQLException gaveWay() {
        return failed(unserialized().gaveWay());
    }

    private SQLException failed(SerialFailure failure) {
        SerializationConflictException error = unserialized().error(failure);
        endings.lose(() -> new RoutedErrors.Conflict(error));
        return new RoutedErrors.Conflict(error);
    }

    /** Its client has been told, and no statement is there to see to it. */
    public void forgive() {
        endings.forgive();
    }

    private DbException refused(WaitEnding ending, WaitReport report) {
        MVStoreException failure = store.getPanicException();
        if (failure != null) { // Then it is not a holder's fault, however the wait has ended.
            return DbException.get(ErrorCode.DATABASE_IS_CLOSED, failure);
        }
        return switch (ending.end()) {
            case TIMEOUT ->
                convert(new RoutedErrors.LockTimeout(
                        new LockTimeoutException(new LockMessages(sight()).timeout(report), facts(report))));
            case CANCELLED, QUERY_TIMEOUT, KILLED, INTERRUPTED, ABORTED, CONNECTION_CLOSED -> ended(ending, report);
            case GAVE_WAY -> convert(gaveWay());
            case SESSION_CLOSED -> aborted(ending, report);
            case SHUTDOWN -> DbException.get(ErrorCode.DATABASE_IS_CLOSED);
            case DEADLOCK_VICTIM -> throw new AssertionError("a victim has a deadlock to show");
        };
    }

    private DbException ended(WaitEnding ending, WaitReport report) {
        String text = text(ending, report);
        return convert(endedBy(
                ending,
                () -> new RoutedErrors.StatementEnded(text, EndingTexts.reason(ending.end()), ending.bySession())));
    }

    private DbException aborted(WaitEnding ending, WaitReport report) {
        String text = text(ending, report);
        return convert(endedBy(ending, () -> new RoutedErrors.SessionAborted(text, ending.bySession())));
    }

    private SQLException endedBy(WaitEnding ending, Supplier<SQLException> error) {
        if (ending.end().endsTransaction()) {
            endings.loseUntilRolledBack(error);
        }
        return error.get();
    }

    /** What the session's client is told of an ending that did not find it waiting. */
    public SQLException ended(WaitEnding ending) {
        if (ending.end() == WaitEnd.GAVE_WAY) {
            return gaveWay();
        }
        if (ending.end() == WaitEnd.CANCELLED) {
            return DbException.get(ErrorCode.STATEMENT_WAS_CANCELED).getSQLException(); // As H2 says it.
        }
        return ending.end() == WaitEnd.SESSION_CLOSED
                ? new RoutedErrors.SessionAborted(
                        EndingTexts.ofSession(session.get().session(), ending), ending.bySession())
                : new RoutedErrors.StatementEnded(
                        EndingTexts.ofStatement(ending), EndingTexts.reason(ending.end()), ending.bySession());
    }

    private String text(WaitEnding ending, WaitReport report) {
        return EndingTexts.what(ending) + "; it had waited "
                + report.waitedNanos() / 1_000_000 + " ms for "
                + LockMessages.lockOf(report.request()) + " on "
                + sight().place(report.request().target(), report.waiter().user())
                + (ending.end().endsTransaction()
                        ? ". The transaction was rolled back."
                        : ". The transaction goes on.");
    }

    private static DbException convert(SQLException error) {
        return DbException.convert(error);
    }

    private LockFacts facts(WaitReport report) {
        LockRow request = report.request();
        return new LockFacts(
                participant(report.waiter(), LockMessages.lockOf(request), request.statement()),
                sight().place(request.target(), report.waiter().user()),
                report.waitedNanos() / 1_000_000,
                report.timeoutMillis(),
                report.queue().stream().map(this::queued).toList(),
                report.blockers().stream().map(party -> blocker(request, party)).toList());
    }

    /** What the session's user may be shown. */
    private Sight sight() {
        return Sight.of(session.get(), unserialized().names());
    }

    private Participant blocker(LockRow request, Party party) {
        Optional<LockRow.Blocker> edge = edge(request, party.owner());
        LockMode mode = edge.map(LockRow.Blocker::mode).orElse(request.mode());
        StatementRecord lockedBy = edge.map(LockRow.Blocker::statement).orElse(StatementRecord.NONE);
        return participant(party, LockMessages.lockOf(request.target(), mode), lockedBy);
    }

    static Optional<LockRow.Blocker> edge(LockRow request, OwnerId to) {
        return request.blockers().stream()
                .filter(edge -> edge.owner().equals(to))
                .findFirst();
    }

    private Participant participant(Party party, String lock, StatementRecord lockedBy) {
        return participant(sight(), party, lock, lockedBy);
    }

    static Participant participant(Sight sight, Party party, String lock, StatementRecord lockedBy) {
        boolean visible = sight.ofStatements(party.user());
        return new Participant(
                party.owner().session(),
                party.owner().transaction(),
                party.user().text(),
                lock,
                visible ? lockedBy.sql() : "",
                visible ? party.statement().sql() : "",
                sight.threadOf(party.statement()),
                party.idleNanos() == Party.RUNS ? Participant.RUNS : party.idleNanos() / 1_000_000,
                visible ? CallSite.of(party.stack()).orElse("") : "",
                visible ? outerSql(party.statement()) : "",
                party.doing().text());
    }

    private static String outerSql(StatementRecord statement) {
        return statement.outer().isEmpty() ? "" : statement.outermost().sql();
    }

    /** It waits itself, so what it runs is what asks for the lock. */
    private Participant queued(LockRow row) {
        StatementRecord statement = row.statement();
        String sql = session.get().maySee(statement.user()) ? statement.sql() : "";
        return new Participant(
                row.owner().session(),
                row.owner().transaction(),
                statement.user().text(),
                LockMessages.lockOf(row),
                sql,
                sql,
                statement.threadName(),
                -1,
                "",
                sql.isEmpty() ? "" : outerSql(statement),
                Party.Doing.LOCK_WAIT.text());
    }
}
