package io.mortise.postgres.session;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.journal.Journal;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.Party;
import io.mortise.engine.session.Session;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.view.Sources;
import io.mortise.engine.view.Views;
import io.mortise.engine.view.Views.LockColumn;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import io.mortise.postgres.lock.Look;
import io.mortise.postgres.lock.Told;
import io.mortise.postgres.server.Backend;
import io.mortise.postgres.server.ServerLock;
import io.mortise.postgres.session.Arrival.Server;
import io.mortise.postgres.table.OurTables;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Our tables at one look at the server: its locks and clients, with what this process knows of its own. One thread at a
 * time.
 */
final class Shown {
    /** Their names and columns, which are the same at every moment. */
    static final OurTables TABLES = tables();

    private final PostgresDatabase database;
    private final PostgresSession session;
    private final Others others;
    private final Look look;
    private final Map<String, VirtualTable<?>> byName = new HashMap<>();
    /** What the server said of a lock that is shown. */
    private final IdentityHashMap<LockRow, ServerLock> told = new IdentityHashMap<>();

    private Shown(PostgresSession session, Look look) {
        this.database = session.database();
        this.session = session;
        this.look = look;
        this.others = new Others(database, look);
        Views views = new Views(sources(), new NoAbort(), serverColumns(told::get));
        views.tables().forEach(table -> byName.put(table.schema() + "." + table.name(), table));
        functions(views).forEach(table -> byName.put(table.schema() + "." + table.name(), table));
    }

    static Shown by(PostgresSession session) throws SQLException {
        return new Shown(session, session.database().look(session.user()));
    }

    private static OurTables tables() {
        Look nothing = Look.EMPTY;
        Sources sources = new Sources(
                () -> new LockSnapshot(0, List.of(), Map.of()),
                Stream::empty,
                Stream::empty,
                List::of,
                new Journal(1, nothing),
                nothing,
                EngineClock.system(),
                () -> new Sources.Server("", "", 0, PolicyName.MVCC),
                (reader, setting) -> "",
                row -> Optional.empty(),
                row -> Optional.empty());
        Views views = new Views(sources, new NoAbort(), serverColumns(row -> null));
        return new OurTables(views.tables(), functions(views));
    }

    private static List<LockColumn> serverColumns(Function<LockRow, @Nullable ServerLock> told) {
        return List.of(
                new LockColumn(
                        "SERVER_MODE",
                        "the mode as the server calls it; null for a row that is known to be locked because somebody waits",
                        row -> Optional.ofNullable(told.apply(row)).map(ServerLock::serverMode)),
                new LockColumn(
                        "NODE",
                        "the node of a cluster; null on one server",
                        row -> Optional.ofNullable(told.apply(row))
                                .map(ServerLock::node)
                                .filter(node -> !node.isEmpty())));
    }

    private static List<VirtualTable<?>> functions(Views views) {
        return views.tableFunctions().stream()
                .<VirtualTable<?>>map(VirtualTableFunction::table)
                .toList();
    }

    /** The table as it is now, of which this has name and columns. */
    VirtualTable<?> now(VirtualTable<?> named) {
        return byName.getOrDefault(named.schema() + "." + named.name(), named);
    }

    /** Keys were read with the rights of the user who asks: those that came may be seen. */
    Reader reader(long statement, Server server) {
        long since = look.nanos() - (1L << 60);
        return new Reader(session.id(), session.user(), server.seesAll(), statement, table -> OptionalLong.of(since));
    }

    private Sources sources() {
        return new Sources(
                this::snapshot,
                Stream::empty,
                Stream::empty, // The server's own notes of reads lock nothing, and are not shown.
                this::rows,
                database.journal(),
                look,
                database.clock(),
                () -> new Sources.Server(database.name(), database.address(), 0, PolicyName.MVCC),
                (reader, setting) -> value(setting, reader.statement()),
                row -> database.sessions().session(row.id()).flatMap(Session::borrowSite),
                row -> database.sessions().session(row.id()).flatMap(Session::closesAt));
    }

    private String value(Setting<?> setting, long statement) {
        return database.sessions().setting(session.id(), setting, statement).orElse(setting.defaultText());
    }

    LockSnapshot.Seen seen() {
        return new LockSnapshot.Seen(snapshot(), look);
    }

    private LockSnapshot snapshot() {
        Map<Integer, Party> parties = new HashMap<>();
        for (Backend backend : look.backends().values()) {
            parties.put(backend.pid(), others.party(backend));
        }
        Told now = new Told(look, others::owner, others::statement);
        List<LockRow> rows = List.copyOf(now.rows());
        rows.forEach(row -> now.told(row).ifPresent(lock -> told.put(row, lock)));
        return new LockSnapshot(look.nanos(), rows, parties);
    }

    private List<SessionRow> rows() {
        List<SessionRow> rows = new ArrayList<>(database.sessions().snapshot());
        look.backends().values().stream()
                .filter(backend -> others.ours(backend.pid()) == null)
                .map(others::row)
                .forEach(rows::add);
        return rows;
    }

    /** ABORT is a command here: an UPDATE of the server's cannot do it. */
    private static final class NoAbort implements VirtualTable.Update<SessionRow> {
        @Override
        public void update(Reader by, SessionRow row, @Nullable Object value) throws SQLException {
            throw EngineError.NOT_SUPPORTED.exception("SYS.SESSIONS cannot be changed here.");
        }
    }
}
