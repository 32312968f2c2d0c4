package io.mortise.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser, made by the command {@code web} in a process of its own: it reaches the shop by TCP. */
@Timeout(240)
final class PageElsewhereTest extends InBrowser {
    private static final String FIRST = "Open ";

    private static final String SECRET = "changeit";

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** The command, until it is closed. */
    private record Web(Process process, String url) implements AutoCloseable {
        static Web of(String database, String... more) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    program("java"),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "web",
                    database,
                    "--port",
                    "0"));
            command.addAll(List.of(more));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("MORTISE_KEY_STORE_PASSWORD", SECRET);
            Process process = builder.start();
            BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
            String line = Objects.requireNonNull(said.readLine());
            while (!line.startsWith(FIRST)) {
                line = Objects.requireNonNull(said.readLine(), line);
            }
            return new Web(process, line.substring(FIRST.length(), line.indexOf(" (")));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Test
    void theBlockerInAnotherProcessIsSeenAndEnded() throws Exception {
        try (Web web = Web.of(shop.served())) {
            browser.enter(web.url(), "sa", "");
            assertThat(browser.text("#now .calm")).isEqualTo("Nobody waits.");
            shop.update(shop.ada, 1).expectUpdated(1);
            Step waits = shop.update(shop.ben, 1).expectBlockedBy("Ada");
            browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");

            choose(shop.ada.id());
            assertThat(browser.text("#details")).contains("UPDATE ACCOUNTS", "session Ada");
            end("roll-back");
            confirm();
            waits.expectUpdated(1);
            browser.awaits("document.querySelectorAll('#now .card').length === 0");
            assertThat(browser.complaints()).isEmpty();

            // The application lets nobody in any more: what was seen last stays, until one may log in again.
            shop.cleo.step("SET PARAMETER SERVE = ''").expectFinished();
            browser.awaits("!document.getElementById('gone').hidden");
            assertThat(browser.text("#gone")).contains("What you see is from");
            browser.awaits("!document.getElementById('login').hidden");
            assertThat(browser.text("#login-error")).contains("What you see is from");
        }
    }

    @Test
    void withAKeyStoreItIsEncrypted(@TempDir Path folder) throws Exception {
        String store = folder.resolve("keys.p12").toString();
        Process keytool = new ProcessBuilder(
                        program("keytool"),
                        "-genkeypair",
                        "-alias",
                        "watch",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-keystore",
                        store,
                        "-storepass",
                        SECRET)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        try (Web web = Web.of(shop.served(), "--key-store", store)) {
            assertThat(web.url()).startsWith("https://localhost:");
            browser.enter(web.url(), "sa", "");
            shop.queue();
            browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
