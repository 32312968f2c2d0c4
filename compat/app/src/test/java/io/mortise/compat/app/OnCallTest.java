package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** Somebody is called: the metric that alerts, the log line that says who, and the three ways to end them. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.datasource.url=jdbc:mortise:mem:oncall;LOG_WAIT=200;LOCK_TIMEOUT=100000;JMX=TRUE",
            "spring.datasource.hikari.maximum-pool-size=3",
            "management.endpoints.web.exposure.include=metrics,mortise",
            "management.endpoint.mortise.access=unrestricted"
        })
@DirtiesContext
@Timeout(300)
class OnCallTest {
    private static final Pattern VALUE = Pattern.compile("\"value\":([0-9.E-]+)");
    private static final Pattern END =
            Pattern.compile("to end session (\\d+) now, type in any SQL client on this database: (.+)");

    @Value("${local.server.port}")
    private int port;

    @Autowired
    private DataSource pool;

    private final BlockingQueue<String> entries = new LinkedBlockingQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            entries.add(event.getFormattedMessage());
        }
    };

    /** What somebody does who has read the log. */
    private interface Ending {
        void end(int session, String statement) throws Exception;
    }

    @BeforeEach
    void readTheLog() {
        appender.start();
        ((Logger) LoggerFactory.getLogger("mortise.wait")).addAppender(appender);
    }

    @AfterEach
    void readItNoMore() {
        ((Logger) LoggerFactory.getLogger("mortise.wait")).detachAppender(appender);
    }

    @Test
    void theStatementOfTheLogIsPasted() throws Exception {
        isCalled((session, statement) -> {
            try (Connection any = pool.getConnection()) {
                run(any, statement);
            }
        });
    }

    @Test
    void actuatorEndsIt() throws Exception {
        isCalled((session, statement) -> {
            HttpResponse<String> answer = ask("DELETE", "/actuator/mortise/" + session);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        });
    }

    @Test
    void jmxEndsIt() throws Exception {
        isCalled((session, statement) -> ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("io.mortise:type=Database,name=\"ONCALL\""),
                        "kill",
                        new Object[] {session, "DISCONNECT"},
                        new String[] {"int", "java.lang.String"}));
    }

    @Test
    void actuatorSaysThatThereIsNoSuchSession() throws Exception {
        HttpResponse<String> answer = ask("DELETE", "/actuator/mortise/99999");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("There is no session 99999");
    }

    private void isCalled(Ending ending) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection holder = pool.getConnection()) {
            run(holder, "CREATE TABLE IF NOT EXISTS STOCK(ID INT PRIMARY KEY, V INT)");
            run(holder, "MERGE INTO STOCK VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE STOCK SET V = 1");
            Future<Integer> waiter = thread.submit(() -> {
                try (Connection connection = pool.getConnection();
                        Statement update = connection.createStatement()) {
                    return update.executeUpdate("UPDATE STOCK SET V = V + 10");
                }
            });

            String entry = Objects.requireNonNull(entries.poll(100, TimeUnit.SECONDS), "no entry in the log");
            assertThat(longestWait()).isGreaterThanOrEqualTo(0.2);
            Matcher end = END.matcher(entry);
            assertThat(end.find()).as(entry).isTrue();
            ending.end(Integer.parseInt(end.group(1)), end.group(2));

            assertThat(waiter.get()).isOne();
            assertThatThrownBy(() -> run(holder, "UPDATE STOCK SET V = 2"))
                    .isInstanceOf(SQLException.class)
                    .message()
                    .containsIgnoringCase("session");
        } finally {
            thread.shutdownNow();
        }
        try (Connection connection = pool.getConnection();
                Statement read = connection.createStatement();
                var value = read.executeQuery("SELECT V FROM STOCK")) {
            assertThat(value.next()).isTrue();
            assertThat(value.getInt(1)).as("what was ended is not there").isEqualTo(10);
        }
    }

    private double longestWait() throws Exception {
        String answer = ask("GET", "/actuator/metrics/mortise.lock.waiting.longest?tag=database:ONCALL")
                .body();
        Matcher value = VALUE.matcher(answer);
        assertThat(value.find()).as(answer).isTrue();
        return Double.parseDouble(value.group(1));
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
