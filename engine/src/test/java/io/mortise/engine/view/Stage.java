package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.CLOCK;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.NOON;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.seconds;

import io.mortise.engine.journal.Journal;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTable.Column;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A database whose locks and sessions are put up by hand, and what its tables show of them. One thread. */
final class Stage {
    /** Sees everything. */
    static final Reader ADMIN = new Reader(1, new UserName("SA"), true, 1, table -> OptionalLong.empty());

    final Journal journal = new Journal(100, NAMES);
    final List<String> aborts = new ArrayList<>();
    private final Map<Integer, Party> parties = new HashMap<>();
    private List<LockRow> locks = List.of();
    private List<LockRow> rowLocks = List.of();
    private List<Sources.ReadNote> notes = List.of();
    private final List<SessionRow> sessions = new ArrayList<>();
    private PolicyName policy = PolicyName.MVCC;
    int snapshots;

    Stage locks(LockRow... rows) {
        locks = List.of(rows);
        return this;
    }

    Stage rowLocks(LockRow... rows) {
        rowLocks = List.of(rows);
        return this;
    }

    Stage notes(Sources.ReadNote... made) {
        notes = List.of(made);
        return this;
    }

    Stage party(Party party) {
        parties.put(party.owner().session(), party);
        return this;
    }

    Stage policy(PolicyName name) {
        policy = name;
        return this;
    }

    /** A session of the user of its statement, in that state for two seconds; it logged in at noon. */
    Stage session(OwnerId owner, State state, StatementRecord statement) {
        sessions.add(new SessionRow(
                owner.session(),
                owner.session() == 5 ? "reports" : "",
                statement.user(),
                NOON,
                "app",
                owner.transaction() == 0,
                "READ COMMITTED",
                owner.transaction(),
                state,
                NOW - seconds(2),
                statement.outermost(),
                List.of(),
                1,
                2,
                false,
                statement));
        return this;
    }

    Sources sources() {
        return new Sources(
                () -> {
                    snapshots++;
                    return new LockSnapshot(NOW, locks, parties);
                },
                () -> rowLocks.stream(),
                () -> notes.stream(),
                () -> sessions,
                journal,
                NAMES,
                CLOCK,
                () -> new Sources.Server("BANK", "localhost", 0, policy),
                (reader, setting) -> setting == Setting.JOURNAL_SIZE ? "200" : setting.defaultText(),
                session -> Optional.of("com.acme.Pool.take(Pool.java:1)"),
                session -> Optional.of(NOON.plusSeconds(60)));
    }

    List<String> rows(String table, Reader reader) throws SQLException {
        return rows(table, reader, "*");
    }

    /** Rows as text, {@code 5|209|SA}; NULL is {@code -}. Columns in this order, or all of them. */
    List<String> rows(String table, Reader reader, String columns) throws SQLException {
        VirtualTable<?> found = views().flatMap(views -> Stream.concat(
                        views.tables().stream(), views.tableFunctions().stream().map(function -> function.table())))
                .filter(candidate -> (candidate.schema() + "." + candidate.name()).equals(table))
                .findFirst()
                .orElseThrow();
        return text(found, reader, columns);
    }

    private Stream<Views> views() {
        return Stream.of(new Views(
                sources(),
                (by, session, value) -> aborts.add(by.session() + " aborts " + session.id() + ": " + value)));
    }

    static <R> List<String> text(VirtualTable<R> table, Reader reader, String columns) throws SQLException {
        List<Column<R>> shown = columns.equals("*")
                ? table.columns()
                : Arrays.stream(columns.split(", ?"))
                        .map(name -> column(table, name))
                        .toList();
        try (Stream<R> rows = table.rows(reader)) {
            return rows.map(row -> shown.stream()
                            .map(column -> cell(column, column.value().apply(row, reader)))
                            .collect(Collectors.joining("|")))
                    .toList();
        }
    }

    static <R> Column<R> column(VirtualTable<R> table, String name) {
        return table.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no column " + name + " in " + table.name()));
    }

    private static String cell(Column<?> column, @Nullable Object value) {
        Object bare = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        if (bare == null) {
            return "-";
        }
        Class<?> type = Objects.requireNonNull(TYPES.get(column.type()), column.type());
        if (!type.isInstance(bare)) {
            throw new AssertionError(column.name() + " is " + column.type() + ", not " + bare.getClass());
        }
        return bare instanceof OffsetDateTime time
                ? time.withOffsetSameInstant(ZoneOffset.UTC).toLocalTime().toString()
                : bare.toString();
    }

    private static final Map<String, Class<?>> TYPES = Map.of(
            "INTEGER", Integer.class,
            "BIGINT", Long.class,
            "VARCHAR", String.class,
            "BOOLEAN", Boolean.class,
            "DOUBLE PRECISION", Double.class,
            "TIMESTAMP WITH TIME ZONE", OffsetDateTime.class);
}
