package io.mortise.testkit;

import io.mortise.engine.lock.LockRow;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * One thing that a session was told to do. It has finished, has failed, or stands in a queue of the lock manager.
 *
 * <p>For the test's thread only; the session's thread puts in the result. Look at a step that failed or still waits
 * with one of the {@code expect} methods. Otherwise the next step of its session fails, or the end of the test.
 */
public final class Step {
    /**
     * How long a step that waits, while nobody runs, may go on waiting before it is said that it will not finish.
     * Nothing but the lock manager's slow tick can free it, so this is paid by failing tests only.
     */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final TestSession session;
    private final String text;
    private volatile @Nullable StepResult result;
    private boolean lookedAt;

    Step(TestSession session, String text) {
        this.session = session;
        this.text = text;
    }

    /** The step has finished without an error; waits for it, if somebody has let it go. */
    public Step expectFinished() {
        StepResult end = expectEnd("finish", shorter(GRACE, session.patience()));
        if (end.isFailure()) {
            throw failure("finish", "it " + end);
        }
        return this;
    }

    /** The step has finished and has changed so many rows. */
    public Step expectUpdated(long rows) {
        StepResult end = expectFinished().result();
        if (end.updateCount() != rows) {
            throw failure("change " + rows + " rows", "it " + end);
        }
        return this;
    }

    /** The step has finished and its query gave these rows, each with {@code " | "} between its columns. */
    public Step expectRows(String... rows) {
        List<String> found = expectFinished().result().rows();
        if (!found.equals(Arrays.asList(rows))) {
            String message = message("give " + Arrays.toString(rows), "it gave " + found);
            throw new AssertionFailedError(message, String.join("\n", rows), String.join("\n", found));
        }
        return this;
    }

    /** The step fails with this SQLSTATE, now or when its wait ends; returns what was thrown. */
    public SQLException expectError(String sqlState) {
        StepResult end = expectEnd("fail with " + sqlState, session.patience());
        if (end.failure().orElse(null) instanceof SQLException thrown && sqlState.equals(thrown.getSQLState())) {
            return thrown;
        }
        throw failure("fail with " + sqlState, "it " + end);
    }

    /** The step ends, well or not, now or when its wait does; returns how. */
    public StepResult expectEnd() {
        return expectEnd("end", session.patience());
    }

    /** The step stands in a queue of the lock manager. */
    public Step expectWaiting() {
        lookedAt = true;
        session.awaitStill();
        if (!isWaiting()) {
            throw failure("wait", "it " + result());
        }
        return this;
    }

    /**
     * The step waits, and each of these sessions is in its way: as a holder, or ahead of it in the queue. There may be
     * others; {@link #blockers()} are all of them.
     */
    public Step expectBlockedBy(String... sessions) {
        expectWaiting();
        List<String> blockers = blockers();
        if (!blockers.containsAll(List.of(sessions))) {
            throw failure("be blocked by " + String.join(" and ", sessions), "it is blocked by " + blockers);
        }
        return this;
    }

    /** Whom the step waits for: holders first, then those ahead in the queue; empty if it does not wait. */
    public List<String> blockers() {
        return waitsFor().map(LockRow::blockers).stream()
                .flatMap(List::stream)
                .map(blocker -> session.nameOf(blocker.owner().session()))
                .distinct()
                .toList();
    }

    public boolean isWaiting() {
        return waitsFor().isPresent();
    }

    /** Has it ended, well or not? */
    public boolean isOver() {
        return result != null;
    }

    boolean hasFailed() {
        return isOver() && result().isFailure();
    }

    /** How it ended. */
    public StepResult result() {
        StepResult end = result;
        if (end == null) {
            throw failure("be over", "it is not");
        }
        return end;
    }

    /** What the session was told to do. */
    public String text() {
        return text;
    }

    public TestSession session() {
        return session;
    }

    @Override
    public String toString() {
        return "%s: %s  %s".formatted(session.name(), text, isOver() ? result() : isWaiting() ? "waits" : "runs");
    }

    /** Called on the session's thread. */
    void ends(StepResult end) {
        result = end;
    }

    Optional<LockRow> waitsFor() {
        return isOver() ? Optional.empty() : session.waitsFor();
    }

    /** However it ends, it is no surprise. */
    Step expectEitherWay() {
        lookedAt = true;
        return this;
    }

    /** Fails if the step failed, or waits, and the test never asked. */
    void expectLookedAt() {
        boolean ended = isOver();
        if (!lookedAt && (!ended || result().isFailure())) {
            lookedAt = true;
            throw failure("finish (nothing else was expected)", ended ? "it " + result() : "it waits");
        }
    }

    /** Fails if the session is still at it, and cannot be given another step. */
    void expectOver() {
        expectLookedAt();
        if (!isOver()) {
            throw failure("be over before its next step", "it still waits");
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private StepResult expectEnd(String what, Duration patience) {
        lookedAt = true;
        session.awaitStill();
        if (!session.awaitEndOf(this, patience)) {
            throw failure(what, "it waits for " + String.join(" and ", blockers()));
        }
        return result();
    }

    private AssertionFailedError failure(String expected, String found) {
        Throwable cause = Stream.ofNullable(result)
                .flatMap(end -> end.failure().stream())
                .findFirst()
                .orElse(null);
        return new AssertionFailedError(message(expected, found), cause);
    }

    private String message(String expected, String found) {
        return "Expected session %s to %s in \"%s\", but %s.%n%n%s"
                .formatted(session.name(), expected, text, found, session.scene());
    }
}
