package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whoever has nobody in its way is granted in the call that makes it so, and not with the next change of its queue. */
class GrantedAtOnceTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 1);
    private static final LockTarget.Row ROW = new LockTarget.Row(TABLE, 1);
    private static final LockTarget.Row OTHER_ROW = new LockTarget.Row(TABLE, 2);
    private static final OwnerId A = new OwnerId(1, 101);
    private static final OwnerId B = new OwnerId(2, 102);
    private static final OwnerId C = new OwnerId(3, 103);
    private static final OwnerId D = new OwnerId(4, 104);

    private final LockTable table = new LockTable(
            new Victims(new Victims.Facts() {
                @Override
                public int priority(OwnerId owner) {
                    return 0;
                }

                @Override
                public long rowsChanged(OwnerId owner) {
                    return 0;
                }
            }),
            queue -> {});

    @Test
    void whoPassesAllThatWasInItsWayDoesNotWait() {
        table.request(ask(A, ROW, LockMode.S));
        table.request(ask(C, OTHER_ROW, LockMode.X));
        assertThat(table.request(ask(A, OTHER_ROW, LockMode.X))).isInstanceOf(Decision.Waiting.class);
        assertThat(table.request(ask(B, ROW, LockMode.X))).isInstanceOf(Decision.Waiting.class);
        // A waits for C, so C stands before B. If it waited there, it would wait for nobody, and A for ever.
        assertThat(table.request(ask(C, ROW, LockMode.S))).isInstanceOf(Decision.Granted.class);
        table.releaseAll(C, 2);
        assertThat(table.takeGranted()).contains(A);
    }

    @Test
    void whoStandsBeforeNewcomersAndStillHasAHolderInItsWayWaits() {
        table.request(ask(A, ROW, LockMode.X));
        table.request(ask(C, OTHER_ROW, LockMode.X));
        table.request(ask(D, OTHER_ROW, LockMode.X));
        table.request(ask(B, ROW, LockMode.X));
        assertThat(table.request(ask(C, ROW, LockMode.S))).isInstanceOf(Decision.Waiting.class);
        table.releaseAll(A, 2);
        assertThat(table.takeGranted()).containsExactly(C);
    }

    @Test
    void whoIsSaidToHoldWhatItWaitsForLooksAgain() {
        table.requestFrom(ask(A, ROW, LockMode.X), ask(B, ROW, LockMode.X));
        table.request(ask(C, ROW, LockMode.X));
        table.requestFrom(ask(C, ROW, LockMode.X), ask(D, ROW, LockMode.X));
        assertThat(table.takeGranted()).containsExactly(C);
    }

    private static LockRequest ask(OwnerId owner, LockTarget target, LockMode mode) {
        return new LockRequest(owner, target, mode, StatementRecord.NONE, 1, WaitRule.Place.IN_LINE);
    }
}
