package io.mortise.engine.view;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who blocks whom, as a tree: the sessions that wait for nobody are the roots, and a session stands under the first one in
 * its way. One thread at a time.
 *
 * <p>Every session that takes part stands in it once, though it may have several in its way (SYS.LOCK_WAITS has them all).
 */
final class BlockingTree {
    private final Moment moment;
    private final Map<Integer, LockRow> waiting = new TreeMap<>();
    private final Map<Integer, List<Integer>> children = new TreeMap<>();
    /** What waits for the statement slot of its own session: leaves under that. */
    private final Map<Integer, List<LockRow>> inLine = new TreeMap<>();

    private final Set<Integer> placed = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();

    /**
     * A session in the tree.
     *
     * @param path the sessions from the root to this one
     * @param blocked how many sessions wait for it, directly or not
     */
    record Node(OwnerId owner, List<Integer> path, int blocked, Optional<LockRow> waitsFor, Moment moment) {
        private Optional<SessionRow> session() {
            return moment.session(owner.session());
        }

        private String user() {
            return moment.user(owner);
        }

        private Optional<String> state() {
            return waitsFor.isPresent()
                    ? Optional.of(SessionRow.State.LOCK_WAIT.text())
                    : session().map(moment::stateText);
        }

        private Optional<String> waitsForText(Reader reader) {
            return waitsFor.map(lock -> new LockViews.Line(lock, moment.name(lock.target()), moment).locked(reader));
        }

        private Optional<String> sql(Reader reader) {
            String sql = waitsFor.map(LockRow::statement)
                    .filter(asking -> asking.id() != 0)
                    .orElseGet(() -> moment.statement(owner))
                    .sql();
            return reader.maySee(user()) && !sql.isEmpty() ? Optional.of(sql) : Optional.empty();
        }

        private String line(Reader reader) {
            String indent = "  ".repeat(path.size() - 1) + (path.size() > 1 ? "└ " : "");
            String doing = waitsForText(reader)
                    .map(what -> "waits " + waited().orElse(0L) + " ms for " + what)
                    .orElse(state().orElse("gone").toLowerCase(java.util.Locale.ROOT));
            return indent + "session " + owner.session() + " " + OneLine.of(user()) + ", " + doing
                    + (blocked == 0 ? "" : ", blocks " + blocked)
                    + sql(reader).map(sql -> ": " + OneLine.ofSql(sql)).orElse("");
        }

        private Optional<Long> waited() {
            return waitsFor.map(moment::waitedMillis);
        }
    }

    private BlockingTree(Moment moment) {
        this.moment = moment;
    }

    /** SYS.BLOCKING_TREE */
    static VirtualTable<Node> view(Moments moments) {
        return new VirtualTable<Node>(
                        "SYS",
                        "BLOCKING_TREE",
                        "The sessions that take part in blocking, as a tree, the worst first",
                        reader -> of(moments.of(reader)).stream())
                .column(
                        "ROOT_SESSION",
                        "INTEGER",
                        "the session that all others of its tree wait for",
                        node -> node.path.get(0))
                .column("DEPTH", "INTEGER", "0 for that session", node -> node.path.size() - 1)
                .column("PATH", "VARCHAR", "the sessions from the root to this one", BlockingTree::path)
                .column("SESSION", "INTEGER", "the session", node -> node.owner.session())
                .column("TNO", "BIGINT", "its transaction", node -> Cells.nonZero(node.owner.transaction()))
                .column("USER_NAME", "VARCHAR", "its user", Node::user)
                .column("STATE", "VARCHAR", "what it does", Node::state)
                .column(
                        "BLOCKED_COUNT",
                        "INTEGER",
                        "how many sessions, and statements of its own, wait for it, directly or not",
                        Node::blocked)
                .columnFor("WAITS_FOR", "VARCHAR", "the lock it waits for", Node::waitsForText)
                .column("EDGE_KIND", "VARCHAR", "why: HOLDS, QUEUED_AHEAD or STATEMENT_SLOT", BlockingTree::edge)
                .column("WAITED_MS", "BIGINT", "how long it has waited", Node::waited)
                .columnFor("SQL_TEXT", "VARCHAR", "what it runs, or ran last", Node::sql)
                .columnFor("TREE", "VARCHAR", "all of it in a line, indented", Node::line);
    }

    static List<Node> of(Moment moment) {
        return new BlockingTree(moment).build();
    }

    private List<Node> build() {
        for (LockRow row : moment.locks()) {
            if (SlotLines.isOfOneSession(row)) {
                inLine.computeIfAbsent(row.owner().session(), unused -> new ArrayList<>())
                        .add(row);
            } else if (!row.granted() && !row.blockers().isEmpty()) {
                waiting.put(row.owner().session(), row);
                int blocker = row.blockers().get(0).owner().session();
                children.computeIfAbsent(blocker, unused -> new ArrayList<>())
                        .add(row.owner().session());
            }
        }
        children.values().forEach(sessions -> sessions.sort(Comparator.naturalOrder()));
        Stream.concat(children.keySet().stream(), inLine.keySet().stream())
                .distinct()
                .filter(session -> !waiting.containsKey(session))
                .sorted(Comparator.comparingInt((Integer session) -> blocked(session, new HashSet<>()))
                        .reversed())
                .forEach(root -> place(root, List.of()));
        // What is left goes in circles: deadlocks that are being broken this instant.
        waiting.keySet().forEach(session -> place(session, List.of()));
        return nodes;
    }

    private void place(int session, List<Integer> above) {
        if (!placed.add(session)) {
            return;
        }
        List<Integer> path = new ArrayList<>(above);
        path.add(session);
        nodes.add(new Node(
                owner(session),
                List.copyOf(path),
                blocked(session, new HashSet<>()),
                Optional.ofNullable(waiting.get(session)),
                moment));
        children.getOrDefault(session, List.of()).forEach(child -> place(child, path));
        List<Integer> longer = new ArrayList<>(path);
        longer.add(session);
        for (LockRow row : inLine.getOrDefault(session, List.of())) {
            nodes.add(new Node(row.owner(), List.copyOf(longer), 0, Optional.of(row), moment));
        }
    }

    private int blocked(int session, Set<Integer> seen) {
        int count = inLine.getOrDefault(session, List.of()).size();
        for (int child : children.getOrDefault(session, List.of())) {
            if (seen.add(child)) {
                count += 1 + blocked(child, seen);
            }
        }
        return count;
    }

    private OwnerId owner(int session) {
        return moment.locks().stream()
                .flatMap(row -> Stream.concat(
                        Stream.of(row.owner()), row.blockers().stream().map(Blocker::owner)))
                .filter(owner -> owner.session() == session)
                .max(Comparator.comparingLong(OwnerId::transaction))
                .orElseThrow(() -> new AssertionError("it waits, or somebody waits for it"));
    }

    private static String path(Node node) {
        return node.path.stream().map(Object::toString).collect(Collectors.joining(" > "));
    }

    private static Optional<String> edge(Node node) {
        return node.waitsFor.map(row -> row.blockers().get(0).kind().name());
    }
}
