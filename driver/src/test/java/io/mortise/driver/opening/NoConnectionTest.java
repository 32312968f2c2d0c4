package io.mortise.driver.opening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where no session has begun, none is said to have ended; and whoever comes during an opening hears who opens. */
@Timeout(120)
final class NoConnectionTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static SQLException refused(String url) {
        SQLException refused = assertThrows(
                SQLException.class,
                () -> DriverManager.getConnection(url, "sa", "").close());
        assertThat(refused.getMessage()).contains("No connection was made.").doesNotContain("rolled back", "session");
        return refused;
    }

    private static void assertNotReached(String url, String why) {
        SQLException refused = refused(url);
        assertThat((Throwable) refused)
                .isInstanceOf(SQLNonTransientConnectionException.class)
                .hasMessageContaining(why);
        assertThat(refused.getSQLState() + " " + refused.getErrorCode()).isEqualTo("08001 90067");
    }

    @Test
    void nobodyListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }

        assertNotReached(
                "jdbc:mortise:h2:tcp://localhost:" + port + "/mem:shop;LOCK_TIMEOUT=5", "at localhost:" + port + ".");
        assertNotReached("jdbc:mortise:h2:tcp://nobody.invalid/mem:shop", "host of nobody.invalid is not known");
    }

    @Test
    void whatListensIsNoDatabase() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            String url = "jdbc:mortise:h2:tcp://localhost:" + server.getLocalPort() + "/mem:shop";
            for (String answer : new String[] {"", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"}) {
                CompletableFuture<Void> hangsUp = CompletableFuture.runAsync(
                        () -> answer(server, answer), step -> new Thread(step, "hangs up").start());
                assertNotReached(url, "is not a database that is served");
                hangsUp.join();
            }
        }
    }

    private static void answer(ServerSocket server, String answer) {
        try (Socket client = server.accept();
                OutputStream out = client.getOutputStream()) {
            out.write(answer.getBytes(StandardCharsets.US_ASCII));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whoeverComesWhileAnotherProcessOpensIsToldWhoThatIs() throws Exception {
        String url = "jdbc:mortise:file:" + folder.resolve("shop");
        SlowOpening.make(url);
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dslow",
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        SlowOpening.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(says.readLine()).isEqualTo("opening");

            SQLException refused = refused(url);

            assertThat(refused.getErrorCode()).isEqualTo(90020);
            assertThat(refused.getMessage())
                    .contains("Process " + other.pid() + " on host ", SlowOpening.class.getName());
            other.getOutputStream().write('\n');
            other.getOutputStream().flush();
            assertThat(says.readLine()).isEqualTo("open");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }
}
