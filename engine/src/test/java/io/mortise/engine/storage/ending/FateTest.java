package io.mortise.engine.storage.ending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.storage.ending.Fate.Reached;
import io.mortise.engine.text.UserName;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Told before the last moment, or after it: the order of these lines is the interleaving. */
final class FateTest {
    private static final WaitEnding CANCEL = WaitEnding.of(WaitEnd.CANCELLED);
    private static final WaitEnding ABORT = new WaitEnding(WaitEnd.ABORTED, 9);
    private static final WaitEnding CLOSE = new WaitEnding(WaitEnd.SESSION_CLOSED, 9);

    private final Fate fate = new Fate();

    private static StatementRecord statement(long id) {
        return new StatementRecord(id, 1, new UserName("SA"), "", "UPDATE T", 0, Thread.currentThread());
    }

    private Reached tell(WaitEnding ending) {
        return fate.tell(running -> true, ending);
    }

    @Test
    void whatIsToldBeforeTheLastMomentUndoesTheStatement() {
        assertThat(fate.start(statement(1))).isTrue();

        assertThat(tell(ABORT)).isEqualTo(Reached.STATEMENT);

        assertThat(fate.succeeds()).contains(ABORT);
        assertThat(fate.ends()).contains(ABORT);
        assertThat(fate.told()).isEmpty();
    }

    /** Connection.abort tells the statement, and then closes the connection in the ordinary way. */
    @Test
    void whoIsToldOfTheSessionsEndHearsOfNothingLess() {
        WaitEnding closed = WaitEnding.of(WaitEnd.CONNECTION_CLOSED);
        assertThat(fate.announce(statement(1))).isTrue();
        assertThat(tell(CLOSE)).isEqualTo(Reached.STATEMENT);
        assertThat(fate.ends()).contains(CLOSE);

        tell(closed);
        assertThat(fate.last()).contains(CLOSE);

        assertThat(fate.departs()).contains(closed);
        tell(closed);
        assertThat(fate.last()).contains(CLOSE);
    }

    @Test
    void whatIsToldAfterTheLastMomentFindsTheTransaction() {
        assertThat(fate.start(statement(1))).isTrue();
        assertThat(fate.succeeds()).isEmpty();

        assertThat(tell(ABORT)).isEqualTo(Reached.TRANSACTION);

        assertThat(fate.start(statement(2))).isFalse();
        assertThat(fate.takeDue()).contains(ABORT);
        assertThat(fate.takeDue()).isEmpty();
        assertThat(fate.start(statement(2))).isTrue();
    }

    @Test
    void whatAClientOfTheDriverIsToldAtTheLastMomentIsCarriedOutAsItGoesOut() {
        assertThat(fate.announce(statement(1))).isTrue();
        assertThat(fate.start(statement(1))).isTrue();
        assertThat(fate.succeeds()).isEmpty();

        assertThat(tell(CLOSE)).isEqualTo(Reached.STATEMENT);

        assertThat(fate.departs()).contains(CLOSE);
        assertThat(fate.last()).contains(CLOSE);
    }

    @Test
    void aCancelBetweenTwoRowsOfABatchIsHeardByTheNext() {
        assertThat(fate.announce(statement(1))).isTrue();
        assertThat(fate.start(statement(1))).isTrue();
        assertThat(fate.succeeds()).isEmpty();

        assertThat(fate.tell(1, CANCEL)).isTrue();

        assertThat(fate.start(statement(2))).isTrue();
        assertThat(fate.told()).contains(CANCEL);
        assertThat(fate.ends()).isEmpty();
        assertThat(fate.departs()).isEmpty();
    }

    @Test
    void theFurtherReachingEndingStaysWhicheverComesLast() {
        assertThat(fate.announce(statement(1))).isTrue();

        tell(CLOSE);
        tell(CANCEL);
        tell(ABORT);

        assertThat(fate.told()).contains(CLOSE);
    }

    @Test
    void aCancelReachesNobodyWhereNothingRuns() {
        assertThat(tell(CANCEL)).isEqualTo(Reached.NOBODY);
        assertThat(fate.told()).isEmpty();
    }

    @Test
    void aStatementThatIsToldBeforeItIsAnnouncedHearsOfItAndNoOtherDoes() {
        assertThat(fate.tell(2, CANCEL)).isFalse();

        assertThat(fate.announce(statement(1))).isTrue();
        assertThat(fate.told()).isEmpty();
        fate.departs();
        assertThat(fate.announce(statement(2))).isTrue();
        assertThat(fate.told()).contains(CANCEL);
    }

    @Test
    void whatCannotBeUndoneLeavesTheEndingToWhatComesNext() {
        assertThat(fate.start(statement(1))).isTrue();
        tell(CLOSE);

        fate.endsForGood();

        assertThat(fate.isDue()).isTrue();
        assertThat(fate.start(statement(2))).isFalse();
        assertThat(fate.takeDue()).contains(CLOSE);
    }

    @Test
    void nothingIsStoppedWhenWhatWasToldIsOver() {
        assertThat(fate.announce(statement(1))).isTrue();
        tell(ABORT);
        assertThat(fate.departs()).contains(ABORT);
        assertThat(fate.announce(statement(2))).isTrue();

        fate.whileTold(ending -> fail("the next one would be stopped by " + ending));
    }

    @Test
    @Timeout(60)
    void whatIsBeingStoppedEndsWhenThatIsDone() throws Exception {
        assertThat(fate.start(statement(1))).isTrue();
        tell(ABORT);
        AtomicBoolean over = new AtomicBoolean();
        Thread statement = new Thread(() -> {
            fate.ends();
            over.set(true);
        });

        fate.whileTold(ending -> {
            statement.start();
            while (statement.getState() != Thread.State.BLOCKED && !over.get()) {
                Thread.onSpinWait();
            }
            assertThat(over).isFalse();
        });

        statement.join();
        assertThat(fate.told()).isEmpty();
    }
}
