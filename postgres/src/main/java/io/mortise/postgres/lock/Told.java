package io.mortise.postgres.lock;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.postgres.server.ServerLock;
import io.mortise.postgres.server.ServerMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * The locks of a look in the engine's words. On the server, the first waiter for a row holds its {@code tuple} lock and
 * waits for the transaction that has changed the row. The others wait for the {@code tuple} lock, behind the first.
 * Here all of them wait for the row, which that transaction holds. One thread at a time.
 */
public final class Told {
    /** Edges to those ahead in a queue, the nearest: a thousand who wait for one row would have half a million. */
    private static final int MOST_AHEAD = 32;

    private final Look look;
    private final IntFunction<OwnerId> owners;
    private final IntFunction<StatementRecord> statements;
    private final Map<String, List<ServerLock>> byTag;
    private final Map<Integer, List<ServerLock>> byPid;
    private final IdentityHashMap<LockRow, ServerLock> byRow = new IdentityHashMap<>();

    /**
     * @param owners the session of a process of the server, and its transaction
     * @param statements what it runs, or ran last
     */
    public Told(Look look, IntFunction<OwnerId> owners, IntFunction<StatementRecord> statements) {
        this.look = look;
        this.owners = owners;
        this.statements = statements;
        this.byTag = look.locks().stream().collect(Collectors.groupingBy(ServerLock::tag));
        this.byPid = look.locks().stream().collect(Collectors.groupingBy(ServerLock::pid));
        byTag.values()
                .forEach(queue -> queue.sort(
                        Comparator.comparingDouble(ServerLock::waitedSeconds).reversed()));
    }

    static LockTarget.Table table(ServerLock lock) {
        return new LockTarget.Table(lock.schema().hashCode(), (int) lock.relation());
    }

    static LockTarget row(ServerLock lock) {
        return new LockTarget.Row(table(lock), lock.place());
    }

    /** What the server said of a lock of these rows; empty for those that were concluded. */
    public Optional<ServerLock> told(LockRow row) {
        return Optional.ofNullable(byRow.get(row));
    }

    private LockRow from(ServerLock lock, LockRow row) {
        byRow.put(row, lock);
        return row;
    }

    /** Every lock that means something to a client, granted or asked for. */
    public List<LockRow> rows() {
        List<LockRow> rows = new ArrayList<>();
        Map<LockTarget, Set<Integer>> holders = new HashMap<>();
        for (ServerLock lock : look.locks()) {
            if (!lock.granted()) {
                LockRow pending = from(lock, pending(lock));
                rows.add(pending);
                pending.blockers().stream()
                        .filter(blocker -> blocker.kind() == EdgeKind.HOLDS
                                && pending.target().isInStorage()
                                && !lock.isOf(ServerLock.ROW))
                        .forEach(blocker -> holders.computeIfAbsent(pending.target(), none -> new TreeSet<>())
                                .add(blocker.owner().session()));
            } else if (lock.isOf("relation") && lock.relation() != 0) {
                rows.add(from(lock, held(lock, table(lock))));
            } else if (lock.isOf("advisory")) {
                rows.add(from(lock, held(lock, new LockTarget.Name(lock.advisory()))));
            } else if (lock.isOf(ServerLock.ROW)) {
                rows.add(from(lock, held(lock, row(lock))));
            }
        }
        holders.forEach((target, pids) -> pids.forEach(pid -> rows.add(heldRow(pid, target))));
        return rows;
    }

    private LockRow held(ServerLock lock, LockTarget target) {
        StatementRecord statement = statements.apply(lock.pid());
        long since = statement.startNanos();
        OwnerId owner = owners.apply(lock.pid());
        LockMode mode =
                lock.isOf(ServerLock.ROW) ? lock.mode().ofRow() : lock.mode().ours();
        return new LockRow(owner, target, mode, true, since, since, statement, false, List.of(), 0);
    }

    /** It stands in the row itself, and is known because somebody waits for it. */
    private LockRow heldRow(int pid, LockTarget target) {
        StatementRecord statement = statements.apply(pid);
        long since = statement.startNanos();
        return new LockRow(owners.apply(pid), target, LockMode.X, true, since, since, statement, true, List.of(), 0);
    }

    private LockRow pending(ServerLock lock) {
        Optional<ServerLock> row = waitedRow(lock);
        LockTarget target = row.map(Told::row).orElseGet(() -> target(lock));
        LockMode mode = row.map(tuple -> tuple.mode().ofRow())
                .orElse(target.isInStorage() ? LockMode.X : lock.mode().ours());
        long asked = look.nanos() - (long) (lock.waitedSeconds() * 1e9);
        return new LockRow(
                owners.apply(lock.pid()),
                target,
                mode,
                false,
                asked,
                asked,
                statements.apply(lock.pid()),
                false,
                blockers(lock),
                0);
    }

    /** The row that is waited for: in line for it, or as the first, for the transaction that has it. */
    private Optional<ServerLock> waitedRow(ServerLock lock) {
        if (lock.isOf("tuple") || lock.isOf(ServerLock.ROW)) {
            return Optional.of(lock);
        }
        return lock.isOf("transactionid")
                ? byPid.getOrDefault(lock.pid(), List.of()).stream()
                        .filter(own -> own.granted() && own.isOf("tuple"))
                        .findFirst()
                : Optional.empty();
    }

    private LockTarget target(ServerLock lock) {
        return switch (lock.type()) {
            case "relation" -> lock.relation() == 0 ? new LockTarget.Name("index " + lock.table()) : table(lock);
            case "advisory" -> new LockTarget.Name(lock.advisory());
            // A key that another has inserted: the server does not say which, only in which table both write.
            case "transactionid" ->
                commonTable(lock)
                        .<LockTarget>map(common -> new LockTarget.UniqueKey(table(common), 0, ""))
                        .orElseGet(() -> new LockTarget.Name(lock.tag().strip().replaceAll(" .*", "") + " of another"));
            default -> new LockTarget.Name(lock.type());
        };
    }

    private Optional<ServerLock> commonTable(ServerLock waiter) {
        Set<Long> others = holdersOf(waiter).stream()
                .flatMap(holder -> byPid.getOrDefault(holder.pid(), List.of()).stream())
                .filter(Told::isWritten)
                .map(ServerLock::relation)
                .collect(Collectors.toSet());
        List<ServerLock> common = byPid.getOrDefault(waiter.pid(), List.of()).stream()
                .filter(own -> isWritten(own) && others.contains(own.relation()))
                .toList();
        return common.size() == 1 ? Optional.of(common.get(0)) : Optional.empty();
    }

    private static boolean isWritten(ServerLock lock) {
        return lock.granted()
                && lock.isOf("relation")
                && lock.relation() != 0
                && lock.mode() == ServerMode.ROW_EXCLUSIVE;
    }

    private List<ServerLock> holdersOf(ServerLock waiter) {
        if (!waiter.blockers().isEmpty()) {
            return waiter.blockers().stream()
                    .filter(pid -> pid != waiter.pid())
                    .flatMap(pid -> inTheWay(pid, waiter).stream())
                    .toList();
        }
        return byTag.getOrDefault(waiter.tag(), List.of()).stream()
                .filter(other -> other.granted() && other.pid() != waiter.pid())
                .filter(other -> other.mode().conflictsWith(waiter.mode()))
                .toList();
    }

    /** What this one holds there, or holds at all: the server says only that it is in the way. */
    private Optional<ServerLock> inTheWay(int pid, ServerLock waiter) {
        return byPid.getOrDefault(pid, List.of()).stream()
                .filter(ServerLock::granted)
                .max(Comparator.comparing((ServerLock own) -> own.key().equals(waiter.key()))
                        .thenComparing(own -> own.relation() == waiter.relation()));
    }

    private List<Blocker> blockers(ServerLock waiter) {
        List<Blocker> blockers = new ArrayList<>();
        List<Blocker> ahead = new ArrayList<>();
        for (ServerLock holder : holdersOf(waiter)) {
            if (waiter.isOf("tuple")) {
                ahead.add(blocker(holder, EdgeKind.QUEUED_AHEAD));
                firstWaitsFor(holder).forEach(real -> blockers.add(blocker(real, EdgeKind.HOLDS)));
            } else {
                blockers.add(blocker(holder, EdgeKind.HOLDS));
            }
        }
        List<ServerLock> queue = byTag.getOrDefault(waiter.tag(), List.of()).stream()
                .filter(other -> !other.granted() && other.waitedSeconds() > waiter.waitedSeconds())
                .filter(other -> other.mode().conflictsWith(waiter.mode()))
                .toList();
        queue.subList(Math.max(0, queue.size() - MOST_AHEAD), queue.size())
                .forEach(other -> ahead.add(blocker(other, EdgeKind.QUEUED_AHEAD)));
        blockers.addAll(ahead);
        return List.copyOf(blockers);
    }

    private List<ServerLock> firstWaitsFor(ServerLock first) {
        return byPid.getOrDefault(first.pid(), List.of()).stream()
                .filter(own -> !own.granted() && own.isOf("transactionid"))
                .flatMap(own -> holdersOf(own).stream())
                .toList();
    }

    private Blocker blocker(ServerLock lock, EdgeKind kind) {
        LockMode mode = lock.isOf("transactionid") || lock.isOf("tuple") || lock.isOf(ServerLock.ROW)
                ? LockMode.X
                : lock.mode().ours();
        return new Blocker(owners.apply(lock.pid()), kind, mode, statements.apply(lock.pid()));
    }
}
