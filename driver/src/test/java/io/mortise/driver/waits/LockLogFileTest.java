package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file that LOCK_LOG names, in Kognitio's format. It is complete when the database is closed. */
@Timeout(120)
final class LockLogFileTest {
    private static final String TAKE = "UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = %d";
    private static final String STAMP = "\\d\\d-\\d\\d_\\d\\d:\\d\\d:\\d\\d_\\S+: DA: ";

    @TempDir
    Path folder;

    @Test
    void aWaitOfDaDumpLktiLeavesADumpOfAllLocks() throws Exception {
        int holds;
        int waits;
        try (Ring ring = Ring.of(Side.MORTISE, 1_200, log() + ";DA_DUMP_LKTI=1")) {
            Actor holder = ring.actor("holder");
            Actor waiter = ring.actor("waiter");
            holds = holder.id();
            waits = waiter.id();
            holder.runs("LOCK TABLE ACCOUNTS IN SHARE MODE");
            holder.runs(TAKE.formatted(2));

            assertThat(waiter.starts(TAKE.formatted(1)).code()).isEqualTo("HYT00 50200");
        }

        String granted = STAMP + "Session " + holds + " TNo +\\d+ type ";
        assertThat(linesOf("locking"))
                .anyMatch(line -> line.matches(STAMP + "DUMPING LOCKS: Locks held for longer than da_dump_lkti"))
                .anyMatch(line -> line.matches(STAMP + "Locks granted:"))
                .anyMatch(line -> line.matches(granted + "EX TAB table +\\d+ row hash -2147483648"))
                .anyMatch(line -> line.matches(granted + "EX ROW table +\\d+ row hash -?\\d+"))
                .anyMatch(line -> line.matches(STAMP + "Locks pending:"))
                .last()
                .asString()
                .matches(STAMP + "Session " + waits + " TNo +\\d+ type EX ROW table +\\d+ row hash -?\\d+");
    }

    @Test
    void aDeadlockIsWrittenWithTheTextOfItsException() throws Exception {
        String message;
        try (Ring ring = Ring.of(Side.MORTISE, 600_000, log())) {
            Actor a = ring.actor("a");
            Actor b = ring.actor("b");
            a.runs(TAKE.formatted(1));
            b.runs(TAKE.formatted(2));
            Attempt waits = a.waits(TAKE.formatted(2));
            message = String.valueOf(b.starts(TAKE.formatted(1)).failure().getMessage());
            waits.result();
        }

        List<String> expected = new ArrayList<>(message.lines().toList());
        expected.add(1, "  " + expected.remove(0)); // The sentence is first for the client, Kognitio's line in its log.
        assertThat(linesOf("locking").stream().map(line -> line.replaceFirst(STAMP, "")))
                .isEqualTo(expected);
    }

    @Test
    void withoutAWaitWorthTellingThereIsNoFile() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE, 50, log())) {
            ring.actor("holder").runs(TAKE.formatted(1));
            ring.actor("waiter").starts(TAKE.formatted(1)).failure();
        }

        assertThat(folder.resolve("locking")).doesNotExist();
    }

    private String log() {
        return ";LOCK_LOG=" + folder.resolve("locking");
    }

    private List<String> linesOf(String name) throws Exception {
        return Files.readAllLines(folder.resolve(name));
    }
}
