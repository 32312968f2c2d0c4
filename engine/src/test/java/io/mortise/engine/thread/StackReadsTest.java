package io.mortise.engine.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class StackReadsTest {
    private static final long MILLISECOND = 1_000_000;

    private final StackReads reads = new StackReads();

    @Test
    void aThreadIsReadOnceForAllWhoAskAtATime() {
        List<StackTraceElement> first = here(1, 0);

        assertThat(here(1, 49 * MILLISECOND)).isSameAs(first);
        assertThat(here(1, 50 * MILLISECOND)).isNotSameAs(first);
    }

    @Test
    void anotherStatementOfTheThreadIsReadAnew() {
        assertThat(here(2, 0)).isNotSameAs(here(1, 0));
    }

    @Test
    void ofADeepStackTheTopIsKept() {
        assertThat(deep(5_000)).hasSize(200);
    }

    private List<StackTraceElement> deep(int calls) {
        return calls == 0 ? here(1, 0) : deep(calls - 1);
    }

    private List<StackTraceElement> here(long statement, long nowNanos) {
        return reads.of(statement, Thread.currentThread(), nowNanos);
    }
}
