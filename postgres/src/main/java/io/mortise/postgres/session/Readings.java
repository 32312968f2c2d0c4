package io.mortise.postgres.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.command.Script;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.postgres.session.Arrival.Server;
import io.mortise.postgres.session.Commands.Kill;
import io.mortise.postgres.table.JsonRows;
import io.mortise.postgres.table.OurTables;
import io.mortise.postgres.table.Reading;
import io.mortise.postgres.table.References;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a session's texts say of our tables: they are read once, and the rows are put where the server finds them each time before
 * a statement runs, so one that is prepared shows the moment in which it is executed. Thread-safe.
 */
final class Readings {
    private static final int KEPT = 64;

    private final PostgresSession session;
    private final Server server;

    @GuardedBy("this")
    private final Map<String, Optional<Reading>> byText = bounded();

    @GuardedBy("this")
    private final Map<Long, Reading> expected = bounded();

    Readings(PostgresSession session, Server server) {
        this.session = session;
        this.server = server;
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > KEPT;
            }
        };
    }

    Script read(String sql) throws SQLException {
        Optional<Kill> kill = mayBeCommand(sql) ? Commands.in(sql) : Optional.empty();
        if (kill.isPresent()) {
            return Script.of(kill.get().sql(session), List.of());
        }
        return reading(sql).map(read -> Script.of(read.text(), List.of())).orElse(Script.STORAGES_OWN);
    }

    /** Quick: nearly none is. */
    private static boolean mayBeCommand(String sql) {
        int start = 0;
        while (start < sql.length() && sql.charAt(start) <= ' ') {
            start++;
        }
        return start < sql.length()
                && "KLECDS".indexOf(Character.toUpperCase(sql.charAt(start))) >= 0
                && !sql.regionMatches(true, start, "SELECT", 0, 6);
    }

    private Optional<Reading> reading(String sql) throws SQLException {
        if (!Shown.TABLES.mayBeIn(sql)) {
            return Optional.empty();
        }
        synchronized (this) {
            Optional<Reading> known = byText.get(sql);
            if (known != null) {
                return known;
            }
        }
        PostgresDatabase database = session.database();
        Optional<Reading> read =
                References.in(sql, Shown.TABLES, (schema, name) -> database.owns(session.user(), schema, name));
        synchronized (this) {
            byText.put(sql, read);
        }
        return read;
    }

    /** The statement of this number has this text: it has been read before. */
    void expect(long statement, String sql) {
        if (Shown.TABLES.mayBeIn(sql)) {
            synchronized (this) {
                byText.getOrDefault(sql, Optional.empty()).ifPresent(reading -> expected.put(statement, reading));
            }
        }
    }

    /** It is about to run. The calling thread has the connection. */
    void supply(StatementRecord statement) throws SQLException {
        if (mayBeCommand(statement.sql())) {
            Commands.in(statement.sql()).ifPresent(kill -> kill.carryOut(session));
        }
        Reading reading;
        synchronized (this) {
            reading = expected.remove(statement.id());
        }
        if (reading == null) {
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
