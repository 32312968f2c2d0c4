package io.mortise.engine.journal;

import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Found;
import io.mortise.engine.journal.failure.SerialFailure.Step;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.UserName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What the parties of a serialization failure had run, as far as it is remembered, in order. One thread. */
final class PastSteps {
    private final long atNanos;
    private final List<Step> steps = new ArrayList<>();
    private final Set<Long> known = new HashSet<>();

    private PastSteps(long atNanos) {
        this.atNanos = atNanos;
    }

    /** The last step is the one that was refused. */
    static List<Step> of(Found found, Function<OwnerId, Optional<SessionJournal>> sessions) {
        PastSteps past = new PastSteps(found.atNanos());
        known(found, past);
        for (OwnerId party : found.parties()) {
            Optional<UserName> committed = found.committed(party).map(Access::user);
            sessions.apply(party).ifPresent(session -> past.ran(party, session, committed));
        }
        found.accesses().forEach(past::accessed);
        past.steps.sort(Comparator.comparingLong(step -> step.atNanos() - found.atNanos()));
        past.steps.add(refused(found));
        return List.copyOf(past.steps);
    }

    private static void known(Found found, PastSteps past) {
        if (found.running() != StatementRecord.NONE) {
            past.known.add(found.running().outermost().id());
        }
    }

    private static Step refused(Found found) {
        StatementRecord running = found.running();
        return running == StatementRecord.NONE
                ? new Step(found.victim(), found.user(), found.atNanos(), Step.COMMIT, 1)
                : new Step(
                        found.victim(),
                        found.user(),
                        found.atNanos(),
                        running.outermost().sql(),
                        1);
    }

    /** @param committed whose it is, if it must have committed, though the journal may hear of that a moment later */
    private void ran(OwnerId party, SessionJournal session, Optional<UserName> committed) {
        boolean hasCommit = false;
        for (StatementEntry entry : session.recentStatements(party.transaction())) {
            if (known.add(entry.id()) && !entry.failed() && isBefore(entry.startNanos())) {
                steps.add(new Step(party, entry.user(), entry.startNanos(), entry.sql(), rows(entry)));
                hasCommit |= entry.sql().strip().equalsIgnoreCase(Step.COMMIT);
            }
        }
        if (!hasCommit) { // The victim's is none, or has been refused.
            commit(party, session.recentEnd(party.transaction()), committed).ifPresent(steps::add);
        }
    }

    private Optional<Step> commit(OwnerId party, Optional<TransactionEntry> end, Optional<UserName> committed) {
        if (end.isPresent() && end.get().state() != TransactionEntry.State.COMMITTED) {
            return Optional.empty();
        }
        return end.filter(known -> isBefore(known.endNanos()))
                .map(known -> new Step(party, known.user(), known.endNanos(), Step.COMMIT, 1))
                .or(() -> committed.map(user -> new Step(party, user, atNanos, Step.COMMIT, 1)));
    }

    /** The others go on while this is looked for. */
    private boolean isBefore(long nanos) {
        return nanos - atNanos <= 0;
    }

    private static long rows(StatementEntry entry) {
        return entry.isBatch() ? entry.batchRows() : 1;
    }

    /** The session has gone, or has run too much since. */
    private void accessed(Access access) {
        StatementRecord outermost = access.by().outermost();
        if (known.add(outermost.id())) {
            steps.add(new Step(access.owner(), access.user(), outermost.startNanos(), outermost.sql(), 1));
        }
    }
}
