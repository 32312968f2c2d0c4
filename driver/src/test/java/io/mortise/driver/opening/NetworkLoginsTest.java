package io.mortise.driver.opening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.engine.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who attaches over the network stands in line, so that strangers do not keep the application from connecting. */
@Timeout(120)
final class NetworkLoginsTest {
    private static final int STRANGERS = 5;

    private final ExecutorService strangers = Executors.newFixedThreadPool(STRANGERS);
    private final String database = "mem:" + UUID.randomUUID();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Connection keeper;

    @BeforeEach
    void serve() throws SQLException {
        keeper = connect(database + ";SERVE=tcp:0", "");
    }

    @AfterEach
    void end() throws SQLException {
        strangers.shutdownNow();
        keeper.close();
    }

    @Test
    void ofManyWrongPasswordsH2LooksAtOne() throws Exception {
        forgiveWrongPasswords();
        String far = far(keeper, database);
        List<Future<?>> tries = new ArrayList<>();
        synchronized (Engine.class) { // Which H2 waits for behind a wrong password.
            for (int i = 0; i < STRANGERS; i++) {
                tries.add(strangers.submit(() -> connect(far, "wrong")));
            }
            awaitThreadsIn("Door.enter", STRANGERS - 1);
            awaitThreadsIn("Engine.validateUserAndPassword", 1);

            assertThat(threadsIn("Engine.validateUserAndPassword")).isEqualTo(1);
        }
        for (Future<?> refused : tries) {
            assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS)).hasMessageContaining("Wrong user name");
        }
        connect(far, "").close();
    }

    @Test
    void whoSaysNothingAndWhoStaysHoldNobodyUp() throws Exception {
        String far = far(keeper, database);
        int port = Integer.parseInt(far.replaceAll(".*localhost:(\\d+)/.*", "$1"));
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port);
                Connection first = connect(far, "");
                Connection second = connect(far, "")) {
            assertThat(silent.isConnected()).isTrue();
            assertThat(one(first, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo("3");
            assertThat(one(second, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo("3");
        }
    }

    /** H2 asks for the key of the file before it looks at the password. */
    @Test
    void anEncryptedFileIsAttachedToAsEver() throws Exception {
        String file = "file:" + folder.resolve("encrypted") + ";CIPHER=AES";
        try (Connection here = DriverManager.getConnection("jdbc:mortise:" + file + ";SERVE=tcp:0", "sa", "key word")) {
            String far = "jdbc:mortise:" + far(here, folder.resolve("encrypted") + ";CIPHER=AES");
            for (int i = 0; i < 2; i++) {
                try (Connection attached = DriverManager.getConnection(far, "sa", "key word")) {
                    assertThat(one(attached, "SELECT 42")).isEqualTo("42");
                }
            }
        }
    }

    /** Only the machine can bring that about, so it is asked until it has. */
    private static void awaitThreadsIn(String method, int count) {
        while (threadsIn(method) < count) {
            Thread.onSpinWait();
        }
    }

    private static long threadsIn(String method) {
        return Thread.getAllStackTraces().values().stream()
                .filter(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> (frame.getClassName() + "." + frame.getMethodName()).endsWith("." + method)))
                .count();
    }

    /** H2 waits longer after each wrong password, up to four seconds. */
    private static void forgiveWrongPasswords() throws ReflectiveOperationException {
        MethodHandles.privateLookupIn(Engine.class, MethodHandles.lookup())
                .findStaticVarHandle(Engine.class, "WRONG_PASSWORD_DELAY", long.class)
                .setVolatile(0L);
    }

    private static String far(Connection served, String name) throws SQLException {
        String address = one(served, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
        return "tcp://localhost:" + address.substring(address.lastIndexOf(':') + 1) + "/" + name;
    }

    private static Connection connect(String url, String password) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:" + url, "sa", password);
    }

    private static String one(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
