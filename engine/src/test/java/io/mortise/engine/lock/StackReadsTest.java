package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StackReadsTest {
    private static final long MILLISECOND = 1_000_000;

    private final StackReads reads = new StackReads();

    @Test
    void aThreadIsReadOnceForAllWhoAskAtATime() {
        StatementRecord here = statement(1);

        List<StackTraceElement> first = reads.of(here, 0);

        assertThat(reads.of(here, 49 * MILLISECOND)).isSameAs(first);
        assertThat(reads.of(here, 50 * MILLISECOND)).isNotSameAs(first);
    }

    @Test
    void anotherStatementOfTheThreadIsReadAnew() {
        assertThat(reads.of(statement(2), 0)).isNotSameAs(reads.of(statement(1), 0));
    }

    @Test
    void ofADeepStackTheTopIsKept() {
        assertThat(deep(5_000)).hasSize(200);
    }

    private List<StackTraceElement> deep(int calls) {
        return calls == 0 ? reads.of(statement(1), 0) : deep(calls - 1);
    }

    private static StatementRecord statement(long id) {
        return new StatementRecord(id, 1, new UserName("SA"), "", "SELECT 1", 0, Thread.currentThread());
    }
}
