package io.mortise.engine.storage.waiting;

import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SerializationFacts;
import io.mortise.engine.journal.Journal;
import io.mortise.engine.journal.failure.FailureText;
import io.mortise.engine.journal.failure.SerialFailure;
import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Edge;
import io.mortise.engine.journal.failure.SerialFailure.Found;
import io.mortise.engine.journal.failure.SerialFailure.Kind;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.serial.Extent;
import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Refusal;
import io.mortise.engine.serial.Refusal.Conflict;
import io.mortise.engine.serial.Serializer.Written;
import io.mortise.engine.storage.transaction.Writer;
import io.mortise.engine.virtual.Reader;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes of what has kept a session's transaction from being serialized the failure that the journal keeps, and the
 * error of it. Used by the session's thread, outside any mutex.
 */
public final class Unserialized {
    private static final String WHOLE = "";

    private final Writer session;
    private final Supplier<Reader> reader;
    private final Journal journal;
    private final Ground ground;
    /** What it was told last. The reason holds on to what was read, so nobody keeps it alive here. */
    private @Nullable Told told;

    private record Told(WeakReference<Refusal> why, SerialFailure failure) {}

    /**
     * What it asks of the session and its database.
     *
     * @param running the statement that runs; {@link StatementRecord#NONE} if none does
     * @param writers which serializable transaction has changed a row since the session's snapshot, if that is known
     * @param refusal why the session's transaction has to give way, if it has to
     */
    public record Ground(
            Supplier<StatementRecord> running,
            LongSupplier clock,
            TargetNames names,
            Function<LockTarget.Row, Optional<Written>> writers,
            Supplier<Optional<Refusal>> refusal) {}

    /** @param reader the session as a reader, who may be another the next time */
    public Unserialized(Writer session, Supplier<Reader> reader, Journal journal, Ground ground) {
        this.session = session;
        this.reader = reader;
        this.journal = journal;
        this.ground = ground;
    }

    TargetNames names() {
        return ground.names();
    }

    /** The transaction has to give way, for the sake of others; why, is asked. */
    SerialFailure gaveWay() {
        return gaveWay(ground.refusal()
                .get()
                .orElseGet(() -> Refusal.ofUnknown(session.owner().id())));
    }

    /** The transaction has to give way, for the sake of others. One reason is one failure. */
    SerialFailure gaveWay(Refusal why) {
        Told known = told;
        if (known != null && known.why().get() == why) {
            return known.failure();
        }
        SerialFailure failure = failed(why);
        told = new Told(new WeakReference<>(why), failure);
        return failure;
    }

    private SerialFailure failed(Refusal why) {
        List<Edge> edges = new ArrayList<>();
        why.in().ifPresent(conflict -> edges.add(edge(conflict)));
        why.out().ifPresent(conflict -> edges.add(edge(conflict)));
        return failed(Kind.READ_WRITE, List.copyOf(edges), reason(why), "");
    }

    private Edge edge(Conflict conflict) {
        String read = conflict.look().extent().map(Extent::text).orElse(WHOLE);
        String wrote = conflict.write().row().map(Image::text).orElse(WHOLE);
        return new Edge(
                conflict.look().table(),
                new Access(conflict.reader(), conflict.look().by(), journal.kept(read)),
                new Access(conflict.writer(), conflict.write().by(), journal.kept(wrote)));
    }

    private static String reason(Refusal why) {
        if (why.isOfTwo()) {
            return "the other was the first to commit";
        }
        if (why.victim().equals(why.pivot())) {
            return "it stands between the others, and could still be ended";
        }
        boolean isFirst =
                why.in().map(conflict -> conflict.reader().equals(why.victim())).orElse(false);
        return isFirst
                ? "the one between the others could not be ended any more"
                : "neither of the others could be ended";
    }

    /** @param changedBy whom it has waited for, if it has */
    SerialFailure rowChanged(LockTarget.Row row, Optional<OwnerId> changedBy) {
        String key = journal.kept(names().of(row).key());
        Optional<Written> written = ground.writers().apply(row);
        OwnerId writer = changedBy.or(() -> written.map(Written::by)).orElse(OwnerId.of(0));
        StatementRecord by = written.filter(found -> found.by().equals(writer))
                .map(found -> found.write().by())
                .orElse(StatementRecord.NONE);
        Edge edge = new Edge(row.table(), mine(key), new Access(writer, by, key));
        return failed(Kind.ROW_CHANGED, List.of(edge), "who changes a row first keeps it", "");
    }

    SerialFailure tableChanged(LockTarget.Table table) {
        return failed(Kind.TABLE_CHANGED, List.of(unknown(table)), "its snapshot shows the table as it was", "");
    }

    SerialFailure inDoubt(LockTarget.Table table, String branch) {
        return failed(
                Kind.BRANCH_IN_DOUBT, List.of(unknown(table)), "what is prepared stays so until it is ended", branch);
    }

    private Edge unknown(LockTarget.Table table) {
        return new Edge(table, mine(WHOLE), new Access(OwnerId.of(0), StatementRecord.NONE, WHOLE));
    }

    private Access mine(String key) {
        return new Access(session.owner().id(), ground.running().get(), key);
    }

    private SerialFailure failed(Kind kind, List<Edge> edges, String why, String branch) {
        return journal.failed(new Found(
                kind,
                ground.clock().getAsLong(),
                session.owner().id(),
                reader.get().user(),
                ground.running().get(),
                edges,
                why,
                branch));
    }

    /** What the session is told of it. */
    SerializationConflictException error(SerialFailure failure) {
        Sight sight = Sight.of(reader.get(), failure.names());
        FailureText text = new FailureText(failure, sight);
        return new SerializationConflictException(text.text(), facts(failure, text, sight));
    }

    private static SerializationFacts facts(SerialFailure failure, FailureText text, Sight sight) {
        Found found = failure.found();
        List<SerializationFacts.Conflict> conflicts = found.edges().stream()
                .map(edge -> new SerializationFacts.Conflict(
                        access(edge, edge.read(), sight), access(edge, edge.wrote(), sight)))
                .toList();
        return new SerializationFacts(
                failure.id(),
                found.kind().name(),
                text.target(),
                text.other().session(),
                text.other().transaction(),
                conflicts,
                found.why(),
                text.hint());
    }

    private static SerializationFacts.Access access(Edge edge, Access access, Sight sight) {
        StatementRecord by = access.by();
        boolean isKnown = by != StatementRecord.NONE;
        boolean isVisible = isKnown && sight.ofStatements(by.user());
        return new SerializationFacts.Access(
                access.owner().session(),
                access.owner().transaction(),
                by.user().text(),
                SerialFailure.place(edge, access, sight),
                isVisible ? by.sql() : isKnown ? LockMessages.HIDDEN : "",
                isVisible && by.outer().isPresent() ? by.outermost().sql() : "",
                isKnown ? by.threadName() : "");
    }
}
