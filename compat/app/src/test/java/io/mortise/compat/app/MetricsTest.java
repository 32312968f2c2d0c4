package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mortise.spring.metrics.MortiseMeter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What dashboards and logs show of the application's database. */
@ExtendWith(OutputCaptureExtension.class)
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.datasource.url=jdbc:mortise:mem:measured",
            "spring.datasource.hikari.maximum-pool-size=3",
            "spring.datasource.hikari.connection-timeout=500",
            "management.endpoints.web.exposure.include=health,metrics",
            "management.endpoint.health.show-details=always"
        })
class MetricsTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "operations.md");

    @Value("${local.server.port}")
    private int port;

    @Autowired
    private DataSource pool;

    @Autowired
    private MeterRegistry registry;

    private String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void waitsAreMeasuredAndShown() throws Exception {
        try (Connection holder = pool.getConnection();
                Connection waiter = pool.getConnection()) {
            run(holder, "CREATE TABLE MEASURED(ID INT PRIMARY KEY, V INT)");
            run(holder, "INSERT INTO MEASURED VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE MEASURED SET V = 1");
            run(waiter, "SET LOCK_TIMEOUT 50"); // In all longer than figures that were read before count as fresh.
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> run(waiter, "UPDATE MEASURED SET V = 2"))
                        .isInstanceOf(SQLException.class);
            }

            Timer waits = registry.get("mortise.lock.waits")
                    .tag("table", "PUBLIC.MEASURED")
                    .tag("outcome", "timeout")
                    .timer();
            assertThat(waits.count()).isEqualTo(3);
            assertThat(registry.get("mortise.timeouts")
                            .tag("database", "MEASURED")
                            .functionCounter()
                            .count())
                    .isEqualTo(3);
            assertThat(registry.get("mortise.deadlocks")
                            .tag("database", "MEASURED")
                            .functionCounter()
                            .count())
                    .isZero();
            assertThat(get("/actuator/metrics/mortise.lock.waits")).contains("\"value\":3.0", "PUBLIC.MEASURED");
            assertThat(get("/actuator/health")).contains("longestWaitMillis", "oldestTransactionMillis");
            holder.rollback();
            holder.setAutoCommit(true);
        }
        assertThat(registry.find("hikaricp.connections").meters())
                .as("Boot's own are there too")
                .isNotEmpty();
    }

    @Test
    void aPoolWithoutAConnectionLeftSaysWhoIsBusy(CapturedOutput output) throws Exception {
        try (Connection first = pool.getConnection();
                Connection second = pool.getConnection();
                Connection third = pool.getConnection()) {
            first.setAutoCommit(false);
            run(first, "CREATE TABLE IF NOT EXISTS BUSY(ID INT)");
            run(first, "INSERT INTO BUSY VALUES (1)");

            assertThatThrownBy(pool::getConnection).isInstanceOf(SQLTransientConnectionException.class);

            first.rollback();
            assertThat(List.of(second, third)).isNotEmpty();
        }
        assertThat(output.getAll())
                .contains("had no connection to lend in time: 3 of 3 are lent")
                .containsPattern(
                        "MEASURED session \\d+ idle in transaction for \\d+ ms, thread .* ran last INSERT INTO BUSY");
    }

    @Test
    void thePageHasEveryMeterThatIsRegistered() throws IOException {
        String rows =
                Arrays.stream(MortiseMeter.values()).map(MortiseMeter::row).collect(Collectors.joining());
        assertThat(Files.readString(PAGE))
                .as("paste the rows into docs/operations.md")
                .contains("| meter | kind | tags | what it measures |\n| --- | --- | --- | --- |\n" + rows + "\n");

        TreeSet<String> registered = registry.getMeters().stream()
                .map(Meter::getId)
                .map(Meter.Id::getName)
                .filter(name -> name.startsWith("mortise."))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(Arrays.stream(MortiseMeter.values()).map(MortiseMeter::meter))
                .containsAll(registered)
                .filteredOn(name -> !name.equals("mortise.lock.waits")) // Only once somebody has waited.
                .allMatch(registered::contains);
    }
}
