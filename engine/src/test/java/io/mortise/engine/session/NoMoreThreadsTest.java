package io.mortise.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.ConnectRequest;
import io.mortise.engine.Engine;
import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.setting.Settings;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a connection holds is given back, also where the process may have no thread to do it on. */
@Timeout(60)
final class NoMoreThreadsTest {
    /** A way for a connection to end that does not wait for it. */
    private record End(String name, Consumer<Attachment> way) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<End> ends() {
        return Stream.of(
                new End("abandoned", Attachment::abandon),
                new End(
                        "aborted, and the executor rejects it",
                        attachment -> attachment.abort(task -> {
                            throw new RejectedExecutionException("the test's own");
                        })));
    }

    @AfterEach
    void lift() {
        Ambush.lift();
    }

    @ParameterizedTest
    @MethodSource("ends")
    void theCallerDoesItThen(End end) throws SQLException {
        String url = "jdbc:h2:mem:" + UUID.randomUUID();
        Attachment attachment = Engine.connect(new ConnectRequest(url, "SA", "", Map.of(), Settings.DEFAULTS));
        Ambush.lay(Spot.THREAD_WANTED, Ambush::fail);

        end.way.accept(attachment);

        assertThat(Ambush.lift()).as("no thread was wanted").isFalse();
        assertThat(attachment.session().storage().isOpen()).isFalse();
    }
}
