package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** What a trace shows of a wait. */
@SpringBootTest(properties = "spring.datasource.url=jdbc:mortise:mem:traced")
class TracesTest {
    @Autowired
    private DataSource pool;

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void aWaitIsAnEventOfTheSpanInWhichItHappens() throws Exception {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        try (SdkTracerProvider traces = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                        .build();
                Connection holder = pool.getConnection();
                Connection waiter = pool.getConnection()) {
            run(holder, "CREATE TABLE TRACED(ID INT PRIMARY KEY, V INT)");
            run(holder, "INSERT INTO TRACED VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE TRACED SET V = 1");
            run(waiter, "SET LOCK_TIMEOUT 20");
            Span span = traces.get("test").spanBuilder("transfer").startSpan();
            try (Scope inside = span.makeCurrent()) {
                assertThat(inside).isNotNull();
                assertThatThrownBy(() -> run(waiter, "UPDATE TRACED SET V = 2")).isInstanceOf(SQLException.class);
            } finally {
                span.end();
            }
            holder.rollback();

            List<EventData> events = exporter.getFinishedSpanItems().get(0).getEvents();
            assertThat(events).hasSize(1);
            EventData wait = events.get(0);
            assertThat(wait.getName()).isEqualTo("mortise.lock.wait");
            assertThat(wait.getAttributes().asMap())
                    .containsEntry(AttributeKey.stringKey("db.system.name"), "h2")
                    .containsEntry(AttributeKey.stringKey("mortise.wait.table"), "PUBLIC.TRACED")
                    .containsEntry(AttributeKey.stringKey("mortise.wait.outcome"), "timeout")
                    .containsKey(AttributeKey.longKey("mortise.wait.blocker"));
            assertThat(wait.getAttributes().get(AttributeKey.doubleKey("mortise.wait.duration")))
                    .isGreaterThan(0.019);
        }
    }
}
