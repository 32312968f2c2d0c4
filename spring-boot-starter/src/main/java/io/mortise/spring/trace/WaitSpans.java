package io.mortise.spring.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.meter.EndedWait;
import io.mortise.engine.meter.MeterListener;
import io.mortise.engine.meter.Meters;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;

/**
 * Adds each wait for a lock to the current span of the thread that has waited, as an event. That is the statement's
 * span where the agent or OpenTelemetry's JDBC instrumentation makes one, else the request's. From {@link #listen}
 * until it is closed, for every database of this process. Of several in a process, one adds the events. Thread-safe.
 */
public final class WaitSpans implements AutoCloseable {
    /** The event's name. */
    public static final String EVENT = "mortise.lock.wait";

    static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("db.system.name");
    static final AttributeKey<String> NAMESPACE = AttributeKey.stringKey("db.namespace");
    static final AttributeKey<String> TABLE = AttributeKey.stringKey("mortise.wait.table");
    static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("mortise.wait.outcome");
    static final AttributeKey<Long> BLOCKER = AttributeKey.longKey("mortise.wait.blocker");
    static final AttributeKey<Double> SECONDS = AttributeKey.doubleKey("mortise.wait.duration");

    private static final double NANOS = 1e9;

    private static final MeterListener ADDING = new MeterListener() {
        @Override
        public void waited(EndedWait wait) {
            Span span = Span.current();
            if (span.isRecording()) {
                span.addEvent(EVENT, attributes(wait));
            }
        }
    };

    @GuardedBy("ADDING")
    private static int listening;

    private boolean isListening;

    /** Begins to add events. */
    public void listen() {
        synchronized (ADDING) {
            if (!isListening && listening++ == 0) {
                Meters.listen(ADDING);
            }
            isListening = true;
        }
    }

    private static Attributes attributes(EndedWait wait) {
        AttributesBuilder attributes = Attributes.builder()
                .put(SYSTEM, "h2")
                .put(NAMESPACE, wait.database())
                .put(OUTCOME, wait.outcome())
                .put(SECONDS, wait.duration().toNanos() / NANOS);
        if (!wait.table().isEmpty()) {
            attributes.put(TABLE, wait.table());
        }
        wait.blocker().ifPresent(session -> attributes.put(BLOCKER, (long) session));
        return attributes.build();
    }

    @Override
    public void close() {
        synchronized (ADDING) {
            if (isListening && --listening == 0) {
                Meters.ignore(ADDING);
            }
            isListening = false;
        }
    }
}
