package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import org.junit.jupiter.api.Test;

/** Whom others may look out for. */
class LockOwnerTest {
    private final LockOwner owner = new LockOwner(1, new UserName("SA"));

    @Test
    void whoHasWorkedForAMomentOnlyIsBrief() {
        owner.begin(7, 1_000);

        assertThat(owner.isBrief(1_079, 80)).isTrue();
        assertThat(owner.isBrief(1_080, 80)).isFalse();
        assertThat(owner.isBrief(1_000, 0)).isFalse();
    }

    @Test
    void whatItHasWaitedIsNoWork() {
        owner.begin(7, 1_000);
        owner.hasWaited(5_000);

        assertThat(owner.isBrief(6_079, 80)).isTrue();
        assertThat(owner.isBrief(6_080, 80)).isFalse();
    }

    @Test
    void theNextTransactionHasWorkedForNoTimeYet() {
        owner.begin(7, 1_000);
        owner.hasWaited(5_000);
        owner.end();
        owner.begin(8, 9_000);

        assertThat(owner.isBrief(9_079, 80)).isTrue();
        assertThat(owner.isBrief(9_080, 80)).isFalse();
    }

    @Test
    void whoWaitsOrLooksOutIsNotBrief() {
        owner.begin(7, 1_000);
        owner.occupation().setWaiting(true);
        assertThat(owner.isBrief(1_000, 80)).isFalse();
        owner.occupation().setWaiting(false);
        owner.setLookingOut(true);
        assertThat(owner.isBrief(1_000, 80)).isFalse();
        owner.setLookingOut(false);

        assertThat(owner.isBrief(1_000, 80)).isTrue();
    }

    @Test
    void aTransactionThatHasEndedCannotEnterTheTableAnyMore() {
        owner.begin(7, 1_000);
        OwnerId ended = owner.id();
        assertThat(owner.enters(ended)).isTrue();
        owner.end();

        assertThat(owner.enters(ended)).isFalse();
        assertThat(owner.isActive()).isFalse();
        assertThat(owner.id()).isEqualTo(OwnerId.of(1));
        owner.begin(8, 2_000);
        assertThat(owner.enters(ended)).isFalse();
        assertThat(owner.enters(owner.id())).isTrue();
    }
}
