package io.mortise.engine.journal;

import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Found;
import io.mortise.engine.journal.failure.SerialFailure.Step;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
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
            sessions.apply(party).ifPresent(session -> past.ran(party, session));
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

    private void ran(OwnerId party, SessionJournal session) {
        boolean hasCommit = false;
        for (StatementEntry entry : session.recentStatements(party.transaction())) {
            if (known.add(entry.id()) && !entry.failed() && isBefore(entry.startNanos())) {
                steps.add(new Step(party, entry.user(), entry.startNanos(), entry.sql(), rows(entry)));
                hasCommit |= entry.sql().strip().equalsIgnoreCase(Step.COMMIT);
            }
        }
        if (!hasCommit) { // The victim's is none, or has been refused.
            session.recentEnd(party.transaction())
                    .filter(end -> end.state() == TransactionEntry.State.COMMITTED && isBefore(end.endNanos()))
                    .ifPresent(end -> steps.add(new Step(party, end.user(), end.endNanos(), Step.COMMIT, 1)));
        }
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
