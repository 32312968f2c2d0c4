package io.mortise.postgres.session;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import io.mortise.engine.error.LockFacts;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.journal.report.Hints.Remedies;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitReport;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says of a lock that was not to be had, or of a deadlock, who else took part, as the last look before it has seen it.
 * A wait that ended before anybody looked has only its own side. Immutable.
 */
final class Reports {
    private static final Pattern EDGE = Pattern.compile("Process (\\d+) waits for .*?; blocked by process (\\d+)");

    private final PostgresSession session;
    private final StatementRecord statement;

    Reports(PostgresSession session) {
        this.session = session;
        this.statement = session.course().announced();
    }

    SQLException lockTimeout(SQLException e) {
        long waited = System.nanoTime() - statement.startNanos();
        Optional<Seen> seen = seen();
        Optional<LockRow> request = seen.flatMap(found -> found.pending(session.id()));
        if (request.isEmpty()) {
            long millis = TimeUnit.NANOSECONDS.toMillis(waited);
            return new LockTimeout(
                    "The lock was not to be had" + Errors.afterwards(!session.isAutoCommit())
                            + " It is not known who has it: nobody had looked yet when the wait was over, after "
                            + millis + " ms. (" + e.getMessage() + ")",
                    new LockFacts(self(), "", millis, 0, List.of(), List.of()),
                    session.isAutoCommit());
        }
        WaitReport report = seen.get().report(request.get(), waited, session.lockTimeout());
        Sight sight = seen.get().sight(session);
        session.database()
                .journal()
                .waitEnded(
                        request.get(),
                        Duration.ofNanos(waited),
                        new WaitOutcome.Refused(WaitEnding.of(WaitEnd.TIMEOUT), report));
        return new LockTimeout(
                new LockMessages(sight, remedies()).timeout(report) + "\n  state    the statement was undone"
                        + Errors.afterwards(!session.isAutoCommit()),
                facts(report, sight),
                session.isAutoCommit());
    }

    private Remedies remedies() {
        return new Remedies(
                "put IDLE_IN_TRANSACTION_TIMEOUT=5000 in the URL: a transaction that stays idle for so many ms is rolled"
                        + " back",
                session.database().kind()::terminate);
    }

    private Optional<Seen> seen() {
        return session.database().watch().last(session.user(), statement.startNanos());
    }

    private static LockFacts facts(WaitReport report, Sight sight) {
        LockRow request = report.request();
        return new LockFacts(
                participant(report.waiter(), LockMessages.lockOf(request), sight),
                sight.place(request.target(), report.waiter().user()),
                TimeUnit.NANOSECONDS.toMillis(report.waitedNanos()),
                report.timeoutMillis(),
                List.of(),
                report.blockers().stream()
                        .map(party -> participant(party, "", sight))
                        .toList());
    }

    private static Participant participant(Party party, String lock, Sight sight) {
        boolean isSeen = sight.ofStatements(party.user());
        return new Participant(
                party.owner().session(),
                party.owner().transaction(),
                party.user().text(),
                lock,
                "",
                isSeen ? party.statement().sql() : "",
                party.statement().thread().getName(),
                party.idleNanos() < 0 ? Participant.RUNS : TimeUnit.NANOSECONDS.toMillis(party.idleNanos()),
                isSeen ? CallSite.of(party.stack()).orElse("") : "",
                "",
                party.doing().text());
    }

    private Participant self() {
        return new Participant(
                session.id(),
                session.owner().id().transaction(),
                session.user().text(),
                "",
                "",
                statement.sql(),
                statement.thread().getName(),
                Participant.RUNS,
                "",
                "",
                Party.Doing.RUNNING.text());
    }

    /** The server names the processes of the cycle; what each wants and has was seen before, if anybody looked. */
    SQLException deadlock(SQLException e) {
        List<Integer> cycle = cycle(e);
        Optional<DeadlockReport> report = seen().flatMap(found -> found.deadlock(cycle, session.id()));
        if (report.isEmpty()) {
            return new DeadlockException(
                    "Deadlock: PostgreSQL has failed this transaction to break it. Call rollback(), and run it again from its"
                            + " beginning. (" + e.getMessage() + ")",
                    new DeadlockFacts(0, List.of(), session.id()));
        }
        Sight sight = seen().orElseThrow().sight(session);
        session.database().journal().deadlockFound(report.get());
        List<DeadlockFacts.Link> links = new ArrayList<>();
        for (Member member : report.get().members()) {
            links.add(new DeadlockFacts.Link(
                    participant(member.party(), LockMessages.lockOf(member.waitsFor()), sight),
                    sight.place(member.waitsFor().target(), member.party().user())));
        }
        return new DeadlockException(
                new LockMessages(sight).deadlock(report.get()),
                new DeadlockFacts(report.get().id(), links, session.id()));
    }

    /** In waiting order, this session first; empty if the server does not tell. */
    private static List<Integer> cycle(SQLException e) {
        ServerErrorMessage message = e instanceof PSQLException server ? server.getServerErrorMessage() : null;
        String detail = message == null || message.getDetail() == null ? "" : message.getDetail();
        List<Integer> cycle = new ArrayList<>();
        Matcher edges = EDGE.matcher(detail);
        while (edges.find()) {
            cycle.add(Integer.valueOf(edges.group(1)));
        }
        return cycle;
    }

    /** In a transaction of PostgreSQL's, nothing else runs after it. */
    private static final class LockTimeout extends LockTimeoutException {
        private static final long serialVersionUID = 1;
        private final boolean isAlive;

        LockTimeout(String message, LockFacts report, boolean isAlive) {
            super(message, report);
            this.isAlive = isAlive;
        }

        @Override
        public boolean isTransactionAlive() {
            return isAlive;
        }
    }
}
