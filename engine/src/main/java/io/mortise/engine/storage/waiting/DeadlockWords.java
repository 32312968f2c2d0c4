package io.mortise.engine.storage.waiting;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import io.mortise.engine.error.DeadlockFacts.Link;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.StatementRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the victim of a deadlock is told, made when somebody asks for it, and once. What its reader may see, and what
 * things are called, is settled before: nothing that changes later is asked. Thread-safe.
 */
final class DeadlockWords implements Supplier<DeadlockException> {
    /** A line of the report without its statements, and what is said before and behind the members. */
    private static final int LINES = 300;

    private final int characters;

    @GuardedBy("this")
    private @Nullable DeadlockReport report;

    @GuardedBy("this")
    private @Nullable DeadlockException made;

    private final Sight sight;

    /** @param sight of the victim, as it is now */
    DeadlockWords(DeadlockReport report, Sight sight) {
        this.report = report;
        this.sight = sight.settled(report);
        int length = LINES;
        for (Member member : report.members()) {
            length += LINES + 2 * member.party().statement().sql().length();
        }
        this.characters = length;
    }

    /** About how long the text is. */
    int characters() {
        return characters;
    }

    @Override
    public synchronized DeadlockException get() {
        DeadlockException known = made;
        if (known == null) {
            known = of(Objects.requireNonNull(report, "kept until the words are made"));
            made = known;
            report = null;
        }
        return known;
    }

    private DeadlockException of(DeadlockReport deadlock) {
        return new DeadlockException(new LockMessages(sight).deadlock(deadlock), facts(deadlock));
    }

    private DeadlockFacts facts(DeadlockReport deadlock) {
        List<Link> links = new ArrayList<>();
        int size = deadlock.members().size();
        for (int i = 0; i < size; i++) {
            Member member = deadlock.members().get(i);
            Member before = deadlock.members().get((i + size - 1) % size);
            Member next = deadlock.members().get((i + 1) % size);
            StatementRecord lockedBy = Refusals.edge(
                            before.waitsFor(), member.party().owner())
                    .map(LockRow.Blocker::statement)
                    .orElse(StatementRecord.NONE);
            links.add(new Link(
                    Refusals.participant(sight, member.party(), LockMessages.lockOf(member.waitsFor()), lockedBy),
                    sight.place(
                            member.waitsFor().target(),
                            member.party().user(),
                            next.party().user())));
        }
        return new DeadlockFacts(deadlock.id(), links, deadlock.victim().session());
    }
}
