package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The algebra of the modes: everything else follows from the one table. */
class LockModeTest {
    private static final LockMode[] MODES = LockMode.values();

    @Test
    void compatibilityIsSymmetric() {
        for (LockMode one : MODES) {
            for (LockMode other : MODES) {
                assertThat(one.compatibleWith(other)).as(one + " " + other).isEqualTo(other.compatibleWith(one));
            }
        }
    }

    @Test
    void theTableIsTheStandardOne() {
        StringBuilder table = new StringBuilder();
        for (LockMode wanted : MODES) {
            for (LockMode held : MODES) {
                table.append(wanted.compatibleWith(held) ? '+' : '-');
            }
            table.append('\n');
        }
        assertThat(table).hasToString("++++-\n++---\n+-+--\n+----\n-----\n");
    }

    @Test
    void inAllTriplesAJoinCoversBothAndNothingWeakerDoes() {
        for (LockMode one : MODES) {
            for (LockMode other : MODES) {
                LockMode join = one.join(other);
                assertThat(join.covers(one) && join.covers(other)).isTrue();
                for (LockMode third : MODES) {
                    boolean coversBoth = third.covers(one) && third.covers(other);
                    assertThat(coversBoth).as(one + " " + other + " " + third).isEqualTo(third.covers(join));
                }
            }
        }
    }

    @Test
    void inAllTriplesWhatAStrongerModeToleratesAWeakerOneDoes() {
        for (LockMode strong : MODES) {
            for (LockMode weak : MODES) {
                for (LockMode held : MODES) {
                    boolean strongTolerates = strong.covers(weak) && strong.compatibleWith(held);
                    assertThat(weak.compatibleWith(held) || !strongTolerates)
                            .as(strong + " " + weak + " " + held)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void sharedIntentionsAnnounceSharedLocks() {
        assertThat(LockMode.S.intention()).isEqualTo(LockMode.IS);
        assertThat(LockMode.X.intention()).isEqualTo(LockMode.IX);
        assertThat(LockMode.SIX.intention()).isEqualTo(LockMode.IX);
    }
}
