package io.mortise.engine.journal.failure;

import io.mortise.engine.journal.report.Sight;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/**
 * What JDK Flight Recorder is told of transactions that could not be serialized. Stateless; nothing if there is no
 * module {@code jdk.jfr}.
 */
public final class FailureEvents {
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private FailureEvents() {}

    /** A transaction that gave way, on the thread that was told. */
    @Name("mortise.SerializationFailure")
    @Label("Serialization Failure")
    @Category("Mortise")
    @Description("A transaction was rolled back because no order explains what it has read")
    static final class SerializationFailure extends Event {
        @Label("Failure Number")
        long id;

        @Label("Kind")
        @Nullable
        String kind;

        @Label("Session")
        int session;

        @Label("Transaction")
        long transaction;

        @Label("Report")
        @Nullable
        String report;
    }

    /** @param sight what may be told outside the database */
    public static void told(SerialFailure failure, Sight sight) {
        SerializationFailure event = PRESENT ? new SerializationFailure() : null;
        if (event != null && event.shouldCommit()) {
            event.id = failure.id();
            event.kind = failure.found().kind().name();
            event.session = failure.found().victim().session();
            event.transaction = failure.found().victim().transaction();
            event.report = new FailureText(failure, sight).text();
            event.commit();
        }
    }
}
