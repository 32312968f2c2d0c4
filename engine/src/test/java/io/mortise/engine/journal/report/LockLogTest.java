package io.mortise.engine.journal.report;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.CLOCK;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.ROW_2;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.granted;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LockLogTest {
    private static final LockSnapshot LONG_WAIT = new LockSnapshot(
            NOW,
            List.of(
                    granted(FIVE, ACCOUNTS, LockMode.IX, CREDIT),
                    granted(FIVE, ROW_1, LockMode.X, CREDIT),
                    pending(SEVEN, ACCOUNTS, LockMode.S, DEBIT, holds(FIVE, LockMode.IX))),
            Map.of());

    @TempDir
    Path folder;

    @Test
    void aLongWaitIsWrittenInKognitiosFormat() throws IOException {
        LockLog log = log(10_000);

        log.waitIsLong(LONG_WAIT);
        log.close();

        assertThat(Files.readAllLines(folder.resolve("locking")))
                .containsExactly(
                        "22-11_12:00:00_GMT: DA: DUMPING LOCKS: Locks held for longer than da_dump_lkti",
                        "22-11_12:00:00_GMT: DA: Locks granted:",
                        "22-11_12:00:00_GMT: DA: Session 5 TNo    209 type EX ROW table     39 row hash 10",
                        "22-11_12:00:00_GMT: DA: Session 5 TNo    209 type EX ROW table     39 row hash 20",
                        "22-11_12:00:00_GMT: DA: Locks pending:",
                        "22-11_12:00:00_GMT: DA: Session 7 TNo    214 type SH TAB table     39 row hash -2147483648");
    }

    @Test
    void aDeadlockIsWrittenWithItsMessage() throws IOException {
        LockLog log = log(10_000);

        log.deadlockFound(crossedTransfers());
        log.close();

        assertThat(Files.readAllLines(folder.resolve("locking")))
                .hasSize(8)
                .first()
                .isEqualTo(
                        "22-11_12:00:00_GMT: DA: Lock Manager: session 7 transaction 214 requested EX ROW on table 39."
                                + " Deadlock detected: dependency cycle of sessions 7, 5.");
    }

    @Test
    void aSerializationFailureIsWrittenWithItsMessage() throws IOException {
        LockLog log = log(10_000);

        log.failed(NOW, () -> "Serialization failure: one\n  hint      run it again");
        log.close();

        assertThat(Files.readAllLines(folder.resolve("locking")))
                .containsExactly(
                        "22-11_12:00:00_GMT: DA: Serialization failure: one",
                        "22-11_12:00:00_GMT: DA:   hint      run it again");
    }

    @Test
    void aFileThatHasGrownIsPutAsideAndTheOldestGoes() throws IOException {
        LockLog log = log(1);

        for (int i = 0; i < 5; i++) {
            log.waitIsLong(LONG_WAIT);
        }
        log.close();

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("locking", "locking.1", "locking.2");
        }
    }

    private LockLog log(long bytes) throws IOException {
        LockLog.Place place = new LockLog.Place(folder.resolve("locking"), ZoneId.of("Europe/London"), bytes, 2, 1);
        return new LockLog(
                place,
                NAMES,
                CLOCK,
                () -> Stream.of(granted(FIVE, ROW_2, LockMode.X, CREDIT), granted(FIVE, ROW_1, LockMode.X, CREDIT)));
    }
}
