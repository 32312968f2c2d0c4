package io.mortise.engine.storage.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.UserName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WritingsTest {
    private static final StatementRecord A = statement("A");
    private static final StatementRecord B = statement("B");
    private static final StatementRecord C = statement("C");

    private final Writings writings = new Writings();

    private static StatementRecord statement(String sql) {
        return new StatementRecord(1, 1, new UserName("SA"), "", sql, 0, Thread.currentThread());
    }

    @Test
    void aPlaceIsOfTheLastStatementThatBeganBeforeIt() {
        writings.begins(0, A);
        writings.begins(3, B);

        assertThat(writings.at(0)).isSameAs(A);
        assertThat(writings.at(2)).isSameAs(A);
        assertThat(writings.at(3)).isSameAs(B);
        assertThat(writings.at(1000)).isSameAs(B);
    }

    @Test
    void aStatementThatHasWrittenNothingIsNotThere() {
        writings.begins(0, A);
        writings.begins(0, B);

        assertThat(writings.at(0)).isSameAs(B);
    }

    @Test
    void aRollBackTakesBackWhatLiesBehindIt() {
        writings.begins(0, A);
        writings.begins(3, B);
        writings.begins(7, C);
        writings.begins(5, A);

        assertThat(writings.at(4)).isSameAs(B);
        assertThat(writings.at(5)).isSameAs(A);
        assertThat(writings.at(9)).isSameAs(A);
    }

    @Test
    void afterTheEndNothingIsKnown() {
        writings.begins(0, A);
        writings.ended();

        assertThat(writings.at(0)).isSameAs(StatementRecord.NONE);
    }

    @Test
    void aMillionRunsOfOneStatementAreAllKnown() {
        writings.begins(0, A);
        for (int place = 1; place < 1_000_000; place++) {
            writings.begins(place, statement("B"));
        }

        assertThat(writings.at(0).sql()).isEqualTo("A");
        assertThat(writings.at(1).sql()).isEqualTo("B");
        assertThat(writings.at(999_999).sql()).isEqualTo("B");
    }

    @Test
    void ofAMillionDifferentStatementsTheLastAreKnownAndNoneIsTakenForAnother() {
        for (int place = 0; place < 1_000_000; place++) {
            writings.begins(place, statement(Integer.toString(place)));
        }

        for (int place = 1_000_000 - Writings.MOST / 2; place < 1_000_000; place++) {
            assertThat(writings.at(place).sql()).isEqualTo(Integer.toString(place));
        }
        assertThat(writings.at(0)).isSameAs(StatementRecord.NONE);
        assertThat(writings.at(900_000)).isSameAs(StatementRecord.NONE);
    }

    /** Against a list with one element a place. */
    @Test
    void randomStatementsAndRollBacks() {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        List<StatementRecord> log = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            StatementRecord next = statement("S" + random.nextInt(3));
            writings.begins(log.size(), next);
            for (int rows = random.nextInt(4); rows > 0; rows--) {
                log.add(next);
            }
            if (random.nextInt(20) == 0) {
                int savepoint = log.size() - random.nextInt(Math.min(log.size(), 50) + 1);
                log.subList(savepoint, log.size()).clear();
            }
            int place = log.isEmpty() ? 0 : log.size() - 1 - random.nextInt(Math.min(log.size(), 2000));
            if (!log.isEmpty() && place >= log.size() - 1000) {
                assertThat(writings.at(place).sql())
                        .as("seed " + seed)
                        .isEqualTo(log.get(place).sql());
            }
        }
    }
}
