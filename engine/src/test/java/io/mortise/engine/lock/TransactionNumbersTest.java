package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Sessions take the numbers of their transactions in blocks; who is the youngest goes by the time. No threads. */
final class TransactionNumbersTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 39);

    private final Parties parties = new Parties();
    private final LockTable table = new LockTable(new Victims(parties), queue -> {});
    private final AtomicLong last = new AtomicLong();

    private LockOwner owner(int session) {
        LockOwner owner = new LockOwner(session, new UserName("SA"));
        parties.add(owner);
        return owner;
    }

    @Test
    void noNumberIsGivenTwiceAndASessionsOwnOnlyGrow() {
        LockOwner one = owner(1);
        LockOwner two = owner(2);
        Set<Long> seen = new HashSet<>();
        long before = 0;

        for (int i = 0; i < 1_000; i++) {
            long number = one.nextNumber(last);
            assertThat(number).isGreaterThan(before);
            before = number;
            assertThat(seen.add(number)).isTrue();
            if (i % 3 == 0) {
                assertThat(seen.add(two.nextNumber(last))).isTrue();
            }
        }
        assertThat(last.get()).as("set aside beyond those in use").isLessThanOrEqualTo(seen.size() + 2 * 64L);
    }

    @Test
    void aSessionThatBeginsFewTakesThemOneByOneAtFirst() {
        assertThat(owner(1).nextNumber(last)).isEqualTo(1);
        assertThat(owner(2).nextNumber(last)).isEqualTo(2);
        assertThat(owner(3).nextNumber(last)).isEqualTo(3);
    }

    @Test
    void theYoungestIsWhoBeganLastWhateverItsNumber() {
        LockOwner old = owner(1);
        LockOwner young = owner(2);
        old.begin(500, 10);
        young.begin(3, 20);
        request(old, 1);
        request(young, 2);
        assertThat(request(old, 2)).isInstanceOf(Decision.Waiting.class);

        assertThat(request(young, 1))
                .isInstanceOfSatisfying(
                        Decision.Deadlock.class,
                        found -> assertThat(found.victim()).isEqualTo(young.id()));
    }

    private Decision request(LockOwner owner, long row) {
        return table.request(new LockRequest(
                owner.id(),
                new LockTarget.Row(TABLE, row),
                LockMode.X,
                StatementRecord.NONE,
                owner.startNanos(),
                WaitRule.Place.IN_LINE));
    }
}
