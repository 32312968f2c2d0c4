package io.mortise.engine.storage.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions set numbers for their statements aside, so that their threads do not meet in one counter. */
final class StatementNumbersTest {
    private final AtomicLong last = new AtomicLong();

    private StatementNumbers session() {
        return new StatementNumbers(count -> last.getAndAdd(count) + 1);
    }

    @Test
    void noNumberIsGivenTwiceAndASessionsOwnOnlyGrow() {
        StatementNumbers one = session();
        StatementNumbers two = session();
        Set<Long> seen = new HashSet<>();
        long before = 0;

        for (int i = 0; i < 1_000; i++) {
            long number = one.next();
            assertThat(number).isGreaterThan(before);
            before = number;
            assertThat(seen.add(number)).isTrue();
            if (i % 3 == 0) {
                assertThat(seen.add(two.next())).isTrue();
            }
        }
        assertThat(last.get()).as("set aside beyond those in use").isLessThanOrEqualTo(seen.size() + 2 * 64L);
    }

    @Test
    void aSessionThatRunsFewTakesThemOneByOneAtFirst() {
        assertThat(session().next()).isEqualTo(1);
        assertThat(session().next()).isEqualTo(2);
        assertThat(session().next()).isEqualTo(3);
    }

    @Test
    void theCommonCounterIsAskedOnceForMany() {
        AtomicLong asked = new AtomicLong();
        StatementNumbers numbers = new StatementNumbers(count -> {
            asked.incrementAndGet();
            return last.getAndAdd(count) + 1;
        });

        for (int i = 1; i <= 6_400; i++) {
            assertThat(numbers.next()).isEqualTo(i);
        }
        assertThat(asked.get()).isLessThan(6_400 / 64 + 7);
    }

    @Test
    void numbersGoOnBehindThoseThatFillAnInteger() {
        last.set(1L << 40);
        StatementNumbers numbers = session();

        for (int i = 1; i <= 200; i++) {
            assertThat(numbers.next()).isEqualTo((1L << 40) + i);
        }
    }

    @Test
    @Timeout(60)
    void threadsThatComeToOneSessionAtOnceGetDifferentOnes() throws Exception {
        StatementNumbers numbers = session();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Callable<List<Long>> work = () -> {
                List<Long> mine = new ArrayList<>();
                for (int i = 0; i < 5_000; i++) {
                    mine.add(numbers.next());
                }
                return mine;
            };
            Set<Long> seen = new HashSet<>();
            for (Future<List<Long>> done : threads.invokeAll(List.of(work, work, work))) {
                assertThat(done.get()).isSorted();
                seen.addAll(done.get());
            }
            assertThat(seen).hasSize(15_000);
        } finally {
            threads.shutdownNow();
        }
    }
}
