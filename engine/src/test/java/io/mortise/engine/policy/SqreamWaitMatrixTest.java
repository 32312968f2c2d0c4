package io.mortise.engine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.LockTarget.Table;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SQream's published table of who waits for whom, read off the requests of the policy. */
class SqreamWaitMatrixTest {
    private static final Table NBA = new Table(2, 1);
    private static final LockPolicy POLICY = new SqreamPolicy(3_000);

    private static final String[] OPERATIONS = {"SELECT", "INSERT", "DELETE, TRUNCATE", "DDL"};

    private static List<StatementKind> kinds(String operation) {
        return switch (operation) {
            case "SELECT" -> List.of(StatementKind.SELECT);
            case "INSERT" -> List.of(StatementKind.INSERT);
            case "DELETE, TRUNCATE" -> List.of(StatementKind.DELETE, StatementKind.TRUNCATE, StatementKind.UPDATE);
            default -> List.of(StatementKind.TABLE_DDL);
        };
    }

    @Test
    void theMatrixIsSqreams() {
        String matrix = matrix();
        System.out.println(matrix);
        assertThat(matrix).isEqualTo("""
                Operation         SELECT            INSERT            DELETE, TRUNCATE  DDL
                SELECT            Concurrent        Concurrent        Concurrent        Concurrent
                INSERT            Concurrent        Concurrent        Concurrent        Wait
                DELETE, TRUNCATE  Concurrent        Concurrent        Wait              Wait
                DDL               Concurrent        Wait              Wait              Wait
                """);
    }

    @Test
    void aMergeWaitsForWhatAnInsertOrAnUpdateWaitsFor() {
        for (StatementKind other : StatementKind.values()) {
            boolean expected = waits(StatementKind.INSERT, other) || waits(StatementKind.UPDATE, other);
            assertThat(waits(StatementKind.MERGE, other))
                    .as("MERGE behind %s", other)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aTableLockedInShareModeIsReadByAllAndWrittenByNone() {
        assertThat(waits(StatementKind.LOCK_TABLE_SHARE, StatementKind.LOCK_TABLE_SHARE))
                .isFalse();
        assertThat(waits(StatementKind.SELECT, StatementKind.LOCK_TABLE_SHARE)).isFalse();
        assertThat(waits(StatementKind.INSERT, StatementKind.LOCK_TABLE_SHARE)).isTrue();
        assertThat(waits(StatementKind.DELETE, StatementKind.LOCK_TABLE_SHARE)).isTrue();
        assertThat(waits(StatementKind.TABLE_DDL, StatementKind.LOCK_TABLE_SHARE))
                .isTrue();
    }

    @Test
    void droppingASchemaWaitsForEveryWriterInIt() {
        for (StatementKind kind :
                List.of(StatementKind.INSERT, StatementKind.UPDATE, StatementKind.TRUNCATE, StatementKind.TABLE_DDL)) {
            assertThat(waits(StatementKind.SCHEMA_DDL, kind)).as("%s", kind).isTrue();
        }
        assertThat(waits(StatementKind.SCHEMA_DDL, StatementKind.SELECT)).isFalse();
    }

    private static String matrix() {
        StringBuilder text = new StringBuilder();
        line(text, "Operation", OPERATIONS);
        for (String row : OPERATIONS) {
            String[] cells = new String[OPERATIONS.length];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = cell(row, OPERATIONS[i]);
            }
            line(text, row, cells);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String head, String[] cells) {
        StringBuilder line = new StringBuilder(String.format("%-18s", head));
        for (String cell : cells) {
            line.append(String.format("%-18s", cell));
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    // All kinds of a row must agree with all kinds of a column; if they do not, the cell says so and the test fails.
    private static String cell(String row, String column) {
        List<Boolean> answers = kinds(row).stream()
                .flatMap(waiter -> kinds(column).stream().map(holder -> waits(waiter, holder)))
                .distinct()
                .toList();
        if (answers.size() > 1) {
            return "divided";
        }
        return answers.get(0) ? "Wait" : "Concurrent";
    }

    private static boolean waits(StatementKind waiter, StatementKind holder) {
        List<WantedLock> held = requests(holder);
        return requests(waiter).stream()
                .anyMatch(wanted -> held.stream()
                        .anyMatch(lock -> lock.target().equals(wanted.target())
                                && !wanted.mode().compatibleWith(lock.mode())));
    }

    private static List<WantedLock> requests(StatementKind kind) {
        Situation situation = Situation.of(kind, Isolation.READ_COMMITTED, Situation.Mode.AUTOCOMMIT);
        return POLICY.requests(
                situation,
                switch (kind) {
                    case SELECT, SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE, SELECT_FOR_UPDATE, OTHER ->
                        Footprint.of(NBA, TableAccess.READ);
                    case INSERT, UPDATE, DELETE, MERGE -> Footprint.of(NBA, TableAccess.WRITE);
                    case TRUNCATE, TABLE_DDL, LOCK_TABLE_SHARE, LOCK_TABLE_EXCLUSIVE ->
                        Footprint.of(NBA, TableAccess.WHOLE);
                    case SCHEMA_DDL -> Footprint.of(new LockTarget.Schema(NBA.schema()));
                    case RIGHTS, LOCK_SYSTEM -> Footprint.nothing();
                });
    }
}
