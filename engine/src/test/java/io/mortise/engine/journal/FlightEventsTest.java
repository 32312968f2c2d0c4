package io.mortise.engine.journal;

import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.ROW_2;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static io.mortise.engine.scene.Scene.statement;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitOutcome.Acquired;
import io.mortise.engine.scene.Doctors;
import io.mortise.engine.text.UserName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlightEventsTest {
    private final Journal journal = new Journal(100, NAMES);

    @TempDir
    Path folder;

    private static final StatementRecord CALL = statement(39, SEVEN, "BOB", "CALL TRANSFER()", "http-12");

    @Test
    void aLockWaitNamesItsBlocker() throws IOException {
        LockRow request = pending(SEVEN, ROW_2, LockMode.X, DEBIT.inside(CALL), holds(FIVE, LockMode.X, CREDIT));

        RecordedEvent event = recorded("mortise.LockWait", () -> {
            journal.waitStarted(request);
            journal.waitEnded(request, Duration.ofMillis(3), new Acquired(3));
        });

        assertThat(event.getInt("session")).isEqualTo(7);
        assertThat(event.getLong("transaction")).isEqualTo(214);
        assertThat(event.getInt("blockingSession")).isEqualTo(5);
        assertThat(event.getLong("blockingTransaction")).isEqualTo(209);
        assertThat(event.getString("blockers"))
                .matches("session 5 HOLDS EX ROW for \\d+ ms, taken by " + Pattern.quote(CREDIT.sql()));
        assertThat(event.getString("lock")).isEqualTo("EX ROW on PUBLIC.ACCOUNTS(hidden)");
        assertThat(event.getString("outcome")).isEqualTo("GRANTED");
        assertThat(event.getString("sql")).isEqualTo(DEBIT.sql());
        assertThat(event.getString("outerSql")).isEqualTo(CALL.sql());
    }

    @Test
    void aWaitThatAnErrorHasEndedIsAnEventOfItsOwn() throws IOException {
        LockRow request = pending(SEVEN, ROW_2, LockMode.X, DEBIT, holds(FIVE, LockMode.X, CREDIT));

        RecordedEvent event = recorded("mortise.LockWait", () -> {
            journal.waitStarted(request);
            journal.waitBroken(request, Duration.ofMillis(3));
        });

        assertThat(event.getString("outcome")).isEqualTo("ERROR");
    }

    @Test
    void keysAreInEventsOnlyIfAsked() throws IOException {
        LockRow row = pending(SEVEN, ROW_2, LockMode.X, DEBIT, holds(FIVE, LockMode.X));
        LockRow name = pending(SEVEN, new LockTarget.Name("payroll"), LockMode.X, DEBIT, holds(FIVE, LockMode.X));

        assertThat(lockOf(name)).isEqualTo("EX on name (hidden)");
        journal.flight().setShowingKeys(true);
        assertThat(lockOf(row)).isEqualTo("EX ROW on PUBLIC.ACCOUNTS(ID=2)");
        assertThat(lockOf(name)).isEqualTo("EX on name 'payroll'");
    }

    private String lockOf(LockRow request) throws IOException {
        return recorded("mortise.LockWait", () -> {
                    journal.waitStarted(request);
                    journal.waitEnded(request, Duration.ofMillis(3), new Acquired(3));
                })
                .getString("lock");
    }

    @Test
    void aDeadlockCarriesItsReport() throws IOException {
        RecordedEvent event = recorded("mortise.Deadlock", () -> journal.deadlockFound(crossedTransfers()));

        assertThat(event.getLong("id")).isOne();
        assertThat(event.getString("sessions")).isEqualTo("7, 5");
        assertThat(event.getInt("victim")).isEqualTo(7);
        assertThat(event.getString("report"))
                .contains("dependency cycle of sessions 7, 5.")
                .contains("PUBLIC.ACCOUNTS(hidden)")
                .doesNotContain("(ID=");
    }

    @Test
    void aSerializationFailureCarriesItsReport() throws IOException {
        RecordedEvent event = recorded("mortise.SerializationFailure", () -> journal.failed(Doctors.bothHaveRead()));

        assertThat(event.getLong("id")).isOne();
        assertThat(event.getString("kind")).isEqualTo("READ_WRITE");
        assertThat(event.getInt("session")).isEqualTo(7);
        assertThat(event.getLong("transaction")).isEqualTo(214);
        assertThat(event.getString("report"))
                .contains("gave way  session 7 transaction 214")
                .contains("PUBLIC.ACCOUNTS(hidden)")
                .doesNotContain("(ID=");
    }

    @Test
    void aRefusedStatementNamesTheOneInFlight() throws IOException {
        RecordedEvent event = recorded("mortise.SessionLocked", () -> FlightEvents.sessionLocked(SUM, "SELECT 1"));

        assertThat(event.getInt("session")).isEqualTo(5);
        assertThat(event.getString("inFlight")).isEqualTo(SUM.sql());
        assertThat(event.getString("thread")).isEqualTo("report-1");
        assertThat(event.getString("refused")).isEqualTo("SELECT 1");
    }

    @Test
    void aStatementThatRunsInsideAnotherIsAnEventOfItsOwn() throws IOException {
        SessionJournal session = journal.open(5, new UserName("SA"));
        try (Recording recording = recording("mortise.Statement")) {
            session.statementStarted(SUM);
            session.statementStarted(DEBIT);
            session.statementEnded(DEBIT, NOW, 1, 0);
            session.batchStarted(SUM);
            session.rowEnded(NOW, 2, 0);
            session.rowStarted();
            session.rowEnded(NOW, -1, 90);
            session.batchEnded();

            List<RecordedEvent> events = stop(recording);
            assertThat(events)
                    .extracting(
                            event -> event.getLong("id"),
                            event -> event.getInt("session"),
                            event -> event.getString("user"),
                            event -> event.getString("sql"),
                            event -> event.getLong("rows"),
                            event -> event.getInt("errorCode"),
                            event -> event.getLong("batchRows"))
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(42L, 7, "BOB", DEBIT.sql(), 1L, 0, -1L),
                            org.assertj.core.groups.Tuple.tuple(40L, 5, "SA", SUM.sql(), 2L, 90, 1L));
        }
    }

    private RecordedEvent recorded(String name, Runnable what) throws IOException {
        try (Recording recording = recording(name)) {
            what.run();
            List<RecordedEvent> events = stop(recording);
            assertThat(events).hasSize(1);
            return events.get(0);
        }
    }

    private static Recording recording(String name) {
        Recording recording = new Recording();
        recording.enable(name).withoutThreshold();
        recording.start();
        return recording;
    }

    private List<RecordedEvent> stop(Recording recording) throws IOException {
        Path file = folder.resolve("events.jfr");
        recording.stop();
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("mortise."))
                .toList();
    }
}
