package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.serial.SerialTransaction.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A slow, obvious store of rows with versions, and the history of what was read and written in it. Asks a
 * {@link Serializer} who may commit, and knows afterwards whether there is an order in which the committed could have
 * run one after another. One thread.
 */
final class World {
    static final int ROWS = 6;
    private static final int[] NONE = {};

    /** Rows of one table from one number to another. */
    record Rows(int from, int to) implements Extent {
        @Override
        public boolean covers(Image row) {
            int key = ((Version) row).key;
            return key >= from && key <= to;
        }

        @Override
        public long bits() {
            long bits = 0;
            for (int key = from; key <= to; key++) {
                bits |= 1L << key;
            }
            return bits;
        }

        @Override
        public String text() {
            return from + ".." + to;
        }
    }

    record Version(int key) implements Image {
        @Override
        public long bits() {
            return 1L << key;
        }

        @Override
        public String text() {
            return "" + key;
        }
    }

    /**
     * A transaction. Which version of a row it has read is its writer's number; -1 is the row as it was in the
     * beginning.
     */
    static final class Client {
        final int number;
        final SerialTransaction serial;
        final Map<Integer, Integer> read = new HashMap<>();
        final Set<Integer> written = new HashSet<>();
        /** How many versions of each row there were when it took its snapshot; empty before that. */
        int[] snapshot = NONE;

        boolean isCommitting;
        boolean isVisible;

        Client(int number, SerialTransaction serial) {
            this.number = number;
            this.serial = serial;
        }

        boolean isRefused() {
            return serial.refusal().isPresent();
        }
    }

    final Serializer table;
    /** The writers of each row, as they became visible. Rows of both tables are numbered through. */
    private final List<List<Integer>> versions = new ArrayList<>();

    private final List<Client> open = new ArrayList<>();
    private final List<Client> committed = new ArrayList<>();
    private int last = -1;

    World(Bounds bounds) {
        table = new Serializer(bounds);
        for (int row = 0; row < 2 * ROWS; row++) {
            versions.add(new ArrayList<>());
        }
    }

    List<Client> open() {
        return open;
    }

    List<Client> committed() {
        return committed;
    }

    Client begin(Kind kind) {
        Client client = new Client(++last, table.begin(new OwnerId(last + 1, last + 1), kind));
        open.add(client);
        return client;
    }

    void takeSnapshot(Client client) {
        if (client.snapshot.length == 0) {
            client.snapshot = versions.stream().mapToInt(List::size).toArray();
            if (client.serial.isReadOnly()) {
                table.seen(client.serial);
            }
        }
    }

    /** It looks at these rows of a table, or at all of it. */
    void read(Client client, int of, Optional<Rows> rows) {
        takeSnapshot(client);
        table.look(client.serial, new Look(new LockTarget.Table(1, of), rows.map(each -> each), StatementRecord.NONE));
        for (int row = rows.map(Rows::from).orElse(0); row <= rows.map(Rows::to).orElse(ROWS - 1); row++) {
            int at = of * ROWS + row;
            if (!client.written.contains(at)) {
                int count = client.snapshot[at];
                client.read.put(at, count == 0 ? -1 : versions.get(at).get(count - 1));
            }
        }
    }

    /**
     * It writes a row, as storage lets it: only if what it sees of the row is the newest, and nobody else is writing
     * it.
     */
    boolean write(Client client, int of, int row) {
        takeSnapshot(client);
        int at = of * ROWS + row;
        boolean isFree = open.stream().noneMatch(other -> other != client && other.written.contains(at));
        if (!isFree || versions.get(at).size() != client.snapshot[at]) {
            return false;
        }
        table.write(
                client.serial,
                new Write(new LockTarget.Table(1, of), Optional.of(new Version(row)), StatementRecord.NONE));
        // Whether it has looked or not: it takes the place of the version that is there.
        client.written.add(at);
        return true;
    }

    boolean commits(Client client) {
        client.isCommitting = table.commits(client.serial).isEmpty();
        return client.isCommitting;
    }

    void becomesVisible(Client client) {
        client.isVisible = true;
        client.written.forEach(at -> versions.get(at).add(client.number));
        client.written.clear();
    }

    void committed(Client client) {
        if (!client.isVisible) {
            becomesVisible(client);
        }
        table.committed(client.serial);
        open.remove(client);
        committed.add(client);
    }

    void rolledBack(Client client) {
        table.rolledBack(client.serial);
        open.remove(client);
    }

    /** Does it all at once. */
    boolean tryCommit(Client client) {
        if (!commits(client)) {
            rolledBack(client);
            return false;
        }
        committed(client);
        return true;
    }

    /** A circle of committed transactions, each of which must come before the next; empty if there is an order. */
    List<Integer> circle() {
        Map<Integer, Set<Integer>> after = new HashMap<>();
        for (List<Integer> writers : versions) {
            for (int i = 1; i < writers.size(); i++) {
                edge(after, writers.get(i - 1), writers.get(i));
            }
        }
        for (Client reader : committed) {
            reader.read.forEach((at, writer) -> {
                List<Integer> writers = versions.get(at);
                edge(after, writer, reader.number);
                int next = writers.indexOf(writer) + 1; // the beginning stands before the first
                if (next < writers.size()) {
                    edge(after, reader.number, writers.get(next));
                }
            });
        }
        Set<Integer> done = new HashSet<>();
        for (Client each : committed) {
            List<Integer> path = new ArrayList<>();
            if (leadsBack(each.number, after, path, done)) {
                return path;
            }
        }
        return List.of();
    }

    private static void edge(Map<Integer, Set<Integer>> after, int from, int to) {
        if (from >= 0 && from != to) {
            after.computeIfAbsent(from, any -> new HashSet<>()).add(to);
        }
    }

    private static boolean leadsBack(
            int from, Map<Integer, Set<Integer>> after, List<Integer> path, Set<Integer> done) {
        if (path.contains(from)) {
            path.add(from);
            return true;
        }
        if (!done.contains(from)) {
            path.add(from);
            for (int next : after.getOrDefault(from, Set.of())) {
                if (leadsBack(next, after, path, done)) {
                    return true;
                }
            }
            path.remove(path.size() - 1);
            done.add(from);
        }
        return false;
    }
}
