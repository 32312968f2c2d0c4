package io.mortise.postgres.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.command.Script;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.postgres.command.ServerCommands;
import io.mortise.postgres.session.Arrival.Server;
import io.mortise.postgres.table.JsonRows;
import io.mortise.postgres.table.OurTables;
import io.mortise.postgres.table.Reading;
import io.mortise.postgres.table.References;
import io.mortise.postgres.table.References.Owned;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What a session's texts say of our tables. They are read once. Each time before a statement runs the rows are put
 * where the server finds them, so a prepared one shows the moment in which it is executed. Thread-safe.
 */
final class Readings {
    private static final int KEPT = 64;
    /** A power of two. */
    private static final int PLAIN_TEXTS = 64;

    /** Statements that have been described, and may be run: those of all threads that wait for the session. */
    private static final int MOST_EXPECTED = 10_000;

    private final PostgresSession session;
    private final Server server;

    /** Texts that name nothing of ours, each at a place that follows from its hash. */
    private final AtomicReferenceArray<@Nullable String> plain = new AtomicReferenceArray<>(PLAIN_TEXTS);

    @GuardedBy("this")
    private final Map<String, Optional<Reading>> byText = bounded(KEPT);

    @GuardedBy("this")
    private final Map<Long, String> expected = bounded(MOST_EXPECTED);

    /** Is anything? Written together with it, and read without: a thread expects its own statement before it runs. */
    private volatile boolean isAnyExpected;

    Readings(PostgresSession session, Server server) {
        this.session = session;
        this.server = server;
    }

    private static <K, V> Map<K, V> bounded(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }

    Script read(String sql) throws SQLException {
        return reading(sql).map(read -> Script.of(read.text(), List.of())).orElse(Script.STORAGES_OWN);
    }

    /** Looks at a text once: an application runs the same few all the time. */
    private boolean isOurs(String sql) {
        int place = sql.hashCode() & PLAIN_TEXTS - 1;
        if (sql.equals(plain.get(place))) {
            return false;
        }
        boolean isOurs = Shown.TABLES.mayBeIn(sql) || ServerCommands.mayBe(sql);
        if (!isOurs) {
            plain.set(place, sql);
        }
        return isOurs;
    }

    private Optional<Reading> reading(String sql) throws SQLException {
        if (!isOurs(sql)) {
            return Optional.empty();
        }
        synchronized (this) {
            Optional<Reading> known = byText.get(sql);
            if (known != null) {
                return known;
            }
        }
        Optional<String> refusal = server.kind().refusal(sql);
        if (refusal.isPresent()) {
            throw EngineError.NOT_SUPPORTED.exception(refusal.get());
        }
        Owned owned = session.database().owned(session.user());
        Optional<String> command = ServerCommands.in(sql, Shown.TABLES, owned);
        String text = command.orElse(sql);
        Optional<Reading> read =
                References.in(text, Shown.TABLES, owned).or(() -> command.map(alone -> new Reading(alone, Set.of())));
        if (read.isPresent() || Shown.TABLES.mayBeIn(sql)) {
            synchronized (this) {
                byText.put(sql, read);
            }
        }
        return read;
    }

    /** The statement of this number has this text. */
    void expect(long statement, String sql) {
        if (isOurs(sql)) {
            synchronized (this) {
                expected.put(statement, sql);
                isAnyExpected = true;
            }
        }
    }

    /** It is about to run. The calling thread has the connection. */
    void supply(StatementRecord statement) throws SQLException {
        if (!isAnyExpected) {
            return;
        }
        String sql;
        synchronized (this) {
            sql = expected.remove(statement.id());
            isAnyExpected = !expected.isEmpty();
        }
        Reading reading = sql == null ? null : reading(sql).orElse(null);
        if (reading == null || reading.tables().isEmpty()) {
            return;
        }
        Shown shown = Shown.by(session);
        Reader reader = shown.reader(statement.id(), server);
        try (PreparedStatement puts = session.below().prepareStatement("SELECT pg_catalog.set_config(?, ?, false)")) {
            for (VirtualTable<?> table : reading.tables()) {
                puts.setString(1, OurTables.place(table));
                puts.setString(2, JsonRows.of(shown.now(table), reader));
                puts.execute();
            }
        }
    }
}
