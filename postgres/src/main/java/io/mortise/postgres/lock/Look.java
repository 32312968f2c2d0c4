package io.mortise.postgres.lock;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.UserName;
import io.mortise.postgres.server.Backend;
import io.mortise.postgres.server.ServerKind;
import io.mortise.postgres.server.ServerLock;
import io.mortise.postgres.server.ServerMode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a server said at one look: its locks, its clients, and the keys of the rows that are waited for. Immutable.
 *
 * @param nanos when that was, by System.nanoTime
 * @param keys of rows that are waited for; those that are gone, or that the user may not read, are missing
 * @param transactions a number for the transaction that a process is in, by process
 * @param tables the names of the tables in it, by number
 */
public record Look(
        long nanos,
        List<ServerLock> locks,
        Map<Integer, Backend> backends,
        Map<LockTarget, String> keys,
        Map<Integer, Long> transactions,
        Map<Integer, Name> tables)
        implements TargetNames {
    /** Nothing was there. */
    public static final Look EMPTY = of(0, List.of(), Map.of(), Map.of());

    /** The first of the two keys of an advisory lock that stands for a name: {@code Mort}, in ASCII. */
    public static final int NAME_CLASS = 0x4d6f7274;

    /**
     * Looks, as the user of this connection.
     *
     * @param kind how the server is asked
     * @param names of the locks on names that are known, by the name's number
     */
    public static Look by(Connection connection, ServerKind kind, Map<Integer, String> names) throws SQLException {
        long nanos = System.nanoTime();
        Map<Integer, Backend> backends = new HashMap<>();
        List<ServerLock> locks = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery(kind.locks(Monitor.NAME))) {
                while (rows.next()) {
                    locks.add(lock(rows, names));
                }
            }
            try (ResultSet rows = statement.executeQuery(kind.clients(Monitor.NAME))) {
                while (rows.next()) {
                    Backend backend = backend(rows);
                    backends.put(backend.pid(), backend);
                }
            }
        }
        return of(nanos, List.copyOf(locks), Map.copyOf(backends), new RowKeys(connection).of(locks));
    }

    private static ServerLock lock(ResultSet row, Map<Integer, String> names) throws SQLException {
        String type = row.getString(2);
        long relation = row.getLong(3);
        String virtual = text(row, 9);
        String transactionId = text(row, 8);
        String object = text(row, 10) + "." + text(row, 11) + "." + text(row, 12);
        // A key is the same on all nodes, and a number of a transaction is not.
        String tag = String.join(
                " ",
                type,
                Long.toString(relation),
                text(row, 6),
                text(row, 7),
                transactionId,
                virtual,
                object,
                type.equals(ServerLock.ROW) ? text(row, 20) : text(row, 19));
        return new ServerLock(
                row.getInt(1),
                tag,
                type,
                isIndex(text(row, 17)) ? 0 : relation,
                text(row, 4),
                text(row, 5),
                row.getLong(6),
                row.getInt(7),
                ServerMode.of(row.getString(13)),
                row.getBoolean(14),
                Math.max(0, row.getDouble(15)),
                type.equals("advisory") ? advisory(row, object, names) : "",
                number(text(row, 16)),
                text(row, 18),
                text(row, 19),
                text(row, 20),
                numbers(text(row, 21)));
    }

    /** A lock on a name of ours is shown by its name, if this process has locked it too. */
    private static String advisory(ResultSet row, String object, Map<Integer, String> names) throws SQLException {
        String name = row.getLong(10) == NAME_CLASS ? names.get((int) row.getLong(11)) : null;
        return name == null ? "advisory " + object : name;
    }

    private static boolean isIndex(String relkind) {
        return relkind.equals("i") || relkind.equals("I");
    }

    private static Backend backend(ResultSet row) throws SQLException {
        double transaction = row.getDouble(10);
        boolean isInTransaction = !row.wasNull();
        return new Backend(
                row.getInt(1),
                new UserName(text(row, 3), row.getLong(2)),
                text(row, 4),
                text(row, 5),
                row.getTimestamp(6).toInstant(),
                text(row, 7),
                row.getBoolean(8),
                row.getDouble(9),
                isInTransaction ? transaction : Backend.NO_TRANSACTION,
                row.getDouble(11),
                text(row, 12));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? "" : value;
    }

    /** Of a text with commas between them. */
    private static List<Integer> numbers(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",")).map(Integer::valueOf).toList();
    }

    private static long number(String digits) {
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    static Look of(long nanos, List<ServerLock> locks, Map<Integer, Backend> backends, Map<LockTarget, String> keys) {
        Map<Integer, Long> transactions = new HashMap<>();
        Map<Integer, Name> tables = new HashMap<>();
        Map<LockTarget, String> allKeys = new HashMap<>(keys);
        for (ServerLock lock : locks) {
            transactions.putIfAbsent(lock.pid(), lock.transaction());
            if (lock.relation() != 0 && !lock.table().isEmpty()) {
                int table = (int) lock.relation();
                tables.put(table, new Name(lock.schema(), lock.table(), table, "", Name.NO_ROW));
            }
            if (!lock.key().isEmpty()) {
                allKeys.put(Told.row(lock), lock.key());
            }
        }
        return new Look(nanos, locks, backends, allKeys, Map.copyOf(transactions), Map.copyOf(tables));
    }

    /** A number for the transaction that a process of the server is in; 0 where nothing is known. */
    public long transaction(int pid) {
        return transactions.getOrDefault(pid, 0L);
    }

    @Override
    public Name of(LockTarget target) {
        if (target instanceof LockTarget.Name name) {
            return new Name("", "", 0, name.name(), Name.NO_ROW);
        }
        String key = keys.getOrDefault(target, "");
        int table = target.inTable().map(LockTarget.Table::id).orElse(0);
        Name known = tables.getOrDefault(table, new Name("", "", table, "", Name.NO_ROW));
        return new Name(known.schema(), known.table(), table, key, key.isEmpty() ? Name.NO_ROW : key.hashCode());
    }
}
