package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ten thousand requests in one queue, and in ten thousand. The times belong to the benchmark; here it is the answers.
 */
@Timeout(300)
class ManyWaitersTest {
    private static final int MANY = 10_000;
    private static final LockTarget.Table HOT = new LockTarget.Table(1, 1);

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
    void theOneThatClosesACycleThroughThemAllIsFound() {
        LockTarget.Table wanted = new LockTarget.Table(1, 2);
        request(0, HOT);
        request(MANY, wanted);
        for (int session = 1; session <= MANY; session++) {
            assertThat(request(session, HOT)).isInstanceOf(Decision.Waiting.class);
        }
        Decision decision = request(0, wanted);
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Deadlock.class,
                        deadlock -> assertThat(deadlock.members())
                                .as("the shortest way round, not the longest")
                                .hasSize(2));
    }

    @Test
    void aChainOfTenThousandIsFollowedToItsEnd() {
        for (int session = 0; session < MANY; session++) {
            request(session, new LockTarget.Table(2, session));
        }
        for (int session = 0; session < MANY - 1; session++) {
            assertThat(request(session, new LockTarget.Table(2, session + 1))).isInstanceOf(Decision.Waiting.class);
        }
        Decision decision = request(MANY - 1, new LockTarget.Table(2, 0));
        assertThat(decision).isInstanceOfSatisfying(Decision.Deadlock.class, deadlock -> {
            assertThat(deadlock.members()).hasSize(MANY);
            assertThat(deadlock.victim().session()).isEqualTo(MANY - 1);
        });
    }

    @Test
    void theyAreServedInTheOrderOfTheirComing() {
        request(0, HOT);
        for (int session = 1; session <= MANY; session++) {
            request(session, HOT);
        }
        List<Integer> served = new ArrayList<>();
        for (int session = 0; session < MANY; session++) {
            table.releaseAll(new OwnerId(session, session + 1), 1);
            table.takeGranted().forEach(owner -> served.add(owner.session()));
        }
        assertThat(served).isSorted().hasSize(MANY);
    }

    private Decision request(int session, LockTarget target) {
        OwnerId owner = new OwnerId(session, session + 1);
        return table.request(
                new LockRequest(owner, target, LockMode.X, StatementRecord.NONE, 1, WaitRule.Place.IN_LINE));
    }
}
