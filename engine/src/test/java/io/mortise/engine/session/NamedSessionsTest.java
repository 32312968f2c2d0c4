package io.mortise.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.ConnectRequest;
import io.mortise.engine.Engine;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a named session goes: by an alarm clock that the test rings. */
@Timeout(60)
final class NamedSessionsTest {
    /** What was put off, and for how long. */
    private record Alarmed(long millis, Runnable action, CompletableFuture<?> scheduled) {}

    private final String url = "jdbc:h2:mem:" + UUID.randomUUID();
    private final List<Alarmed> alarms = new ArrayList<>();
    private final Sessions sessions =
            new Sessions(System::nanoTime, List::of, Optional::empty, new NamedSessions((millis, action) -> {
                Alarmed alarmed = new Alarmed(millis, action, new CompletableFuture<>());
                alarms.add(alarmed);
                return alarmed.scheduled();
            }));

    @SuppressWarnings("NullAway.Init")
    private Attachment keeper;

    @BeforeEach
    void open() throws SQLException {
        keeper = Engine.connect(new ConnectRequest(url, "SA", "", Map.of(), Settings.DEFAULTS));
    }

    @AfterEach
    void close() throws SQLException {
        keeper.connection().close();
    }

    private Attachment connect(String... timeout) throws SQLException {
        Map<Setting<?>, String> settings = new HashMap<>(Map.of(Setting.SESSION_ID, "s"));
        if (timeout.length > 0) {
            settings.put(Setting.SESSION_TIMEOUT, timeout[0]);
        }
        Attachment inH2 = Engine.connect(new ConnectRequest(url, "SA", "", Map.of(), Settings.DEFAULTS));
        return sessions.begin(inH2.session().storage(), Settings.of(settings));
    }

    private void ring(int alarm) {
        alarms.get(alarm).action().run();
    }

    @Test
    void theTimeoutCountsFromTheLastConnectionThatGoes() throws Exception {
        Attachment a = connect();
        Attachment b = connect();
        assertThat(b.session()).isSameAs(a.session());

        a.close();
        assertThat(alarms).isEmpty();
        b.close();

        assertThat(alarms)
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.millis()).isEqualTo(60_000));
        assertThat(a.session().storage().isOpen()).isTrue();
        ring(0);
        assertThat(a.session().storage().isOpen()).isFalse();
    }

    @Test
    void aConnectionThatComesBackKeepsTheSession() throws Exception {
        Attachment a = connect();
        a.close();
        Attachment again = connect();
        assertThat(again.session()).isSameAs(a.session());

        ring(0);
        assertThat(a.session().storage().isOpen()).as("somebody is there").isTrue();
        again.close();
        ring(0);
        assertThat(a.session().storage().isOpen())
                .as("the old schedule is void")
                .isTrue();
        ring(1);

        assertThat(a.session().storage().isOpen()).isFalse();
    }

    /** A session that is left and come back to a thousand times has one schedule, or none, and not a thousand. */
    @Test
    void aScheduleThatIsVoidIsForgotten() throws Exception {
        connect().close();
        connect().close();
        assertThat(alarms).extracting(alarm -> alarm.scheduled().isCancelled()).containsExactly(true, false);

        sessions.end();

        assertThat(alarms.get(1).scheduled()).as("the database has ended").isCancelled();
    }

    @Test
    void theTimeoutIsFixedWhenTheSessionIsMade() throws Exception {
        Attachment a = connect("5");
        Attachment b = connect("7");
        a.close();
        b.close();

        assertThat(alarms).extracting(Alarmed::millis).containsExactly(5_000L);
    }

    @Test
    void aSessionThatIsMadeAgainIsNotClosedByTheOldSchedule() throws Exception {
        Attachment first = connect();
        first.close();
        sessions.drop(first.session());
        Attachment second = connect();
        assertThat(second.session()).isNotSameAs(first.session());
        second.close();

        ring(0);
        assertThat(second.session().storage().isOpen()).isTrue();
        assertThat(connect().session()).as("its name is still its own").isSameAs(second.session());
    }

    @Test
    void itIsKnownWhenItGoes() throws Exception {
        Attachment a = connect();
        assertThat(a.session().closesAt()).isEmpty();
        a.close();

        assertThat(a.session().closesAt()).isPresent();
    }
}
