package io.mortise.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.ConnectRequest;
import io.mortise.engine.Engine;
import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A limit that could not be carried out is tried again: one failed roll-back does not let a transaction live for ever.
 */
@Timeout(60)
final class TransactionLimitsTest {
    private static final int TRIES = 3;

    private final CountDownLatch tries = new CountDownLatch(TRIES);

    @Test
    void aRollBackThatThrowsIsTriedAgain() throws Exception {
        String url = "jdbc:h2:mem:" + UUID.randomUUID();
        Attachment inside = Engine.connect(new ConnectRequest(url, "SA", "", Map.of(), Settings.DEFAULTS));
        ClientSession storage = inside.session().storage();
        Sessions sessions = new Sessions(
                System::nanoTime,
                List::of,
                Optional::empty,
                new NamedSessions((millis, action) -> new CompletableFuture<>()));

        sessions.begin(failing(storage), Settings.of(Map.of(Setting.TRANSACTION_TIMEOUT, "10")));
        try (Connection connection = storage.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (1)");

            assertThat(tries.await(50, TimeUnit.SECONDS))
                    .as("it was tried %d times", TRIES - tries.getCount())
                    .isTrue();
            connection.rollback();
        }
    }

    /** It says that it ends what the limit is about, and throws: exceptions and an Error in turn. */
    private ClientSession failing(ClientSession storage) {
        return (ClientSession) Proxy.newProxyInstance(
                ClientSession.class.getClassLoader(),
                new Class<?>[] {ClientSession.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("end") && arguments.length == 1) {
                        tries.countDown();
                        throw tries.getCount() == 1
                                ? new StackOverflowError("injected")
                                : new IllegalStateException("injected");
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
