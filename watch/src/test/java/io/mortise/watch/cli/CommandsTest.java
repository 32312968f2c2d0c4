package io.mortise.watch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.watch.Shop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the commands print. */
@Timeout(120)
final class CommandsTest {
    /** For examples in books: no machine has it. */
    private static final String ELSEWHERE = "192.0.2.1";

    private final Shop shop = new Shop();
    private String errors = "";

    @AfterEach
    void close() {
        shop.close();
    }

    private String run(int code, String... arguments) {
        StringWriter out = new StringWriter();
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(Commands.run(arguments, new PrintWriter(out))).isEqualTo(code);
        } finally {
            System.setErr(before);
            errors = said.toString(StandardCharsets.UTF_8);
        }
        return out.toString();
    }

    @Test
    void theTreeIsPrinted() {
        assertThat(run(0, "tree", shop.url)).isEqualToNormalizingNewlines("Nobody waits.\n");
        shop.queue();

        assertThat(run(0, "tree", shop.url).lines())
                .hasSize(3)
                .anyMatch(line ->
                        line.startsWith("session " + shop.ada.id() + " SA, idle in transaction, blocks 2: UPDATE"))
                .anyMatch(line -> line.startsWith("  └ session " + shop.ben.id() + " SA, waits "));
    }

    @Test
    void theLocksArePrintedInColumns() {
        assertThat(run(0, "locks", shop.url)).isEqualToNormalizingNewlines("There are no locks.\n");
        shop.queue();

        assertThat(run(0, "locks", shop.url).lines())
                .anyMatch(line -> line.matches(shop.ben.id() + " +SA +PENDING +X +ROW +PUBLIC +ACCOUNTS +ID=1 .*"));
    }

    @Test
    void deadlocksArePrinted() {
        shop.deadlock();

        assertThat(run(0, "deadlocks", shop.url))
                .contains("deadlock 1, ", "session " + shop.ben.id() + " SA waits for EX ROW PUBLIC.ACCOUNTS(ID=1)")
                .contains("and gave way: UPDATE ACCOUNTS");
    }

    @Test
    void jsonIsForScripts() {
        shop.queue();

        assertThat(run(0, "tree", shop.url, "--json")).startsWith("{\"at\":").contains("\"waiting\":2");
    }

    @Test
    void whatIsRedactedHasNoStatementsAndNoKeys(@TempDir Path folder) throws IOException {
        shop.deadlock();
        shop.queue();
        Path file = folder.resolve("hang.html");
        run(0, "report", shop.url, "--redact", "-o", file.toString());
        String data = Files.readString(file);
        data = data.substring(data.indexOf("id=\"report\""), data.indexOf("</script>"));

        assertThat(data).contains("ACCOUNTS").doesNotContain("UPDATE ACCOUNTS", "ID=1", "BALANCE");
        assertThat(run(0, "tree", shop.url, "--redact")).doesNotContain("UPDATE", "ID=1");
        assertThat(run(0, "locks", shop.url, "--redact")).doesNotContain("UPDATE", "ID=1");
        run(0, "report", shop.url, "-o", file.toString());
        assertThat(Files.readString(file)).contains("UPDATE ACCOUNTS", "ID=1");
    }

    @Test
    void whereThereIsNoTerminalTopPrintsLines() {
        shop.queue();

        assertThat(run(0, "top", shop.url))
                .startsWith("mortise watch   2 wait · 3 in a transaction")
                .contains("└ session " + shop.ben.id());
    }

    private void watch(String where) throws SQLException {
        try (Connection connection = shop.open("sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SET PARAMETER WATCH = '" + where + "'");
        }
    }

    @Test
    void aPortThatIsTakenAndAnAddressOfAnotherMachineAreSaid() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            run(1, "web", shop.url, "--port", port);
            assertThat(errors).contains("Port " + port + " of ", "cannot be had", "--port takes another");
            assertThatThrownBy(() -> watch("http:" + port))
                    .hasMessageContaining("No page is shown. Give a port that is free");
        }
        run(1, "web", shop.url, "--port", "0", "--address", ELSEWHERE);
        assertThat(errors).contains(ELSEWHERE + " cannot be had", "This machine has no such address");
        assertThatThrownBy(() -> watch("http:" + ELSEWHERE + ":0"))
                .hasMessageContaining("an address must be this machine's");
    }

    @Test
    void aWrongPasswordAUrlOfNobodyAndPlainH2AreSaid() {
        run(1, "tree", shop.url, "--user", "nobody");
        assertThat(errors).contains("Wrong user name or password");
        run(1, "tree", "jdbc:nobody:shop");
        assertThat(errors).contains("no JDBC driver here", "jdbc:mortise:");
        run(1, "tree", "jdbc:h2:mem:plain");
        assertThat(errors).contains("no lock tables", "jdbc:mortise:");
        run(2, "tree");
        assertThat(errors).contains("Missing required parameter", "URL");
    }
}
