package io.mortise.engine.view;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Who blocks whom, as a tree: the sessions that wait for nobody are the roots, and a session stands under the first one
 * in its way. One thread at a time.
 *
 * <p>Every session that takes part stands in it once, though it may have several in its way (SYS.LOCK_WAITS has them
 * all). So it is made in as many steps as there are locks, and a chain of ten thousand is as good as any other.
 */
final class BlockingTree {
    /** Of a longer chain the two ends are shown. */
    private static final int HALF_A_PATH = 50;

    private final Moment moment;
    /** The transaction that takes part, the youngest if there are several. */
    private final Map<Integer, OwnerId> owners = new HashMap<>();

    private final Map<Integer, LockRow> waiting = new TreeMap<>();
    private final Map<Integer, List<Integer>> children = new TreeMap<>();
    /** What waits for the statement slot of its own session: leaves under that. */
    private final Map<Integer, List<LockRow>> inLine = new TreeMap<>();

    private final Map<Integer, Integer> blocked = new HashMap<>();
    private final Set<Integer> placed = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();

    /**
     * Where something stands in the tree.
     *
     * @param above what it stands under; empty for a root
     * @param depth how many it stands under
     * @param head where the far end of its path ends; empty if the path is short
     */
    record Place(Optional<Node> above, int root, int depth, Optional<Node> head) {
        static Place under(Node above) {
            Place place = above.place;
            boolean isHead = place.depth == HALF_A_PATH - 1;
            return new Place(Optional.of(above), place.root, place.depth + 1, isHead ? Optional.of(above) : place.head);
        }
    }

    /**
     * A session in the tree.
     *
     * @param blocked how many sessions wait for it, directly or not
     */
    record Node(OwnerId owner, Place place, int blocked, Optional<LockRow> waitsFor, Moment moment) {
        /** The sessions from the root to this one. */
        private String path() {
            Deque<String> near = new ArrayDeque<>();
            Optional<Node> far = Optional.of(this);
            for (int i = 0; i < HALF_A_PATH && far.isPresent(); i++) {
                near.addFirst(Integer.toString(far.get().owner.session()));
                far = far.get().place.above;
            }
            far.ifPresent(node -> near.addFirst(node.place.depth < HALF_A_PATH ? node.path() : node.farPath()));
            return String.join(" > ", near);
        }

        private String farPath() {
            int hidden = place.depth - HALF_A_PATH + 1;
            return place.head.map(Node::path).orElse("") + " > (" + hidden + " more)";
        }

        private Optional<SessionRow> session() {
            return moment.session(owner.session());
        }

        private UserName user() {
            return moment.user(owner);
        }

        private Optional<String> state() {
            return waitsFor.isPresent()
                    ? Optional.of(SessionRow.State.LOCK_WAIT.text())
                    : session()
                            .map(moment::stateText)
                            .or(() -> inDoubt().map(party -> party.doing().text()));
        }

        private Optional<Party> inDoubt() {
            return moment.branchInDoubt(owner);
        }

        private Optional<String> waitsForText(Reader reader) {
            return waitsFor.map(lock -> new LockLine(lock, moment.name(lock.target()), moment).locked(reader));
        }

        private Optional<String> sql(Reader reader) {
            return Optional.of(statement().sql()).filter(sql -> reader.maySee(user()) && !sql.isEmpty());
        }

        private StatementRecord statement() {
            return waitsFor.map(LockRow::statement)
                    .filter(asking -> asking.id() != 0)
                    .orElseGet(() -> moment.statement(owner));
        }

        private String text(String sql) {
            String outer =
                    statement().outer().isEmpty() ? "" : statement().outermost().sql();
            return ": " + OneLine.ofSql(sql) + (outer.isEmpty() ? "" : ", inside " + OneLine.ofSql(outer));
        }

        private String line(Reader reader) {
            String indent = "  ".repeat(Math.min(place.depth, 2 * HALF_A_PATH)) + (place.depth > 0 ? "└ " : "");
            String doing = waitsForText(reader)
                    .map(what -> "waits " + waited().orElse(0L) + " ms for " + what)
                    .orElse(state().orElse("gone").toLowerCase(java.util.Locale.ROOT));
            String who = inDoubt()
                    .map(party -> "branch " + OneLine.of(party.standing().branch()))
                    .orElse("session " + owner.session() + " " + OneLine.of(user().text()));
            return indent + who + ", " + doing
                    + (blocked == 0 ? "" : ", blocks " + blocked)
                    + sql(reader).map(this::text).orElse("");
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
                        node -> node.place.root)
                .column("DEPTH", "INTEGER", "0 for that session", node -> node.place.depth)
                .column(
                        "PATH",
                        "VARCHAR",
                        "the sessions from the root to this one; of a long path the two ends",
                        Node::path)
                .column("SESSION", "INTEGER", "the session", node -> node.owner.session())
                .column("TNO", "BIGINT", "its transaction", node -> Cells.nonZero(node.owner.transaction()))
                .column("USER_NAME", "VARCHAR", "its user", node -> node.user().text())
                .column("STATE", "VARCHAR", "what it does", Node::state)
                .column(
                        "BLOCKED_COUNT",
                        "INTEGER",
                        "how many sessions, and statements of its own, wait for it, directly or not",
                        Node::blocked)
                .columnFor("WAITS_FOR", "VARCHAR", "the lock it waits for", Node::waitsForText)
                .column(
                        "EDGE_KIND",
                        "VARCHAR",
                        "why: HOLDS, QUEUED_AHEAD, STATEMENT_SLOT or SAFE_SNAPSHOT",
                        BlockingTree::edge)
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
                takesPart(row.owner());
                inLine.computeIfAbsent(row.owner().session(), unused -> new ArrayList<>())
                        .add(row);
            } else if (!row.granted() && !row.blockers().isEmpty()) {
                OwnerId blocker = row.blockers().get(0).owner();
                takesPart(row.owner());
                takesPart(blocker);
                waiting.put(row.owner().session(), row);
                children.computeIfAbsent(blocker.session(), unused -> new ArrayList<>())
                        .add(row.owner().session());
            }
        }
        moment.locks().stream()
                .map(LockRow::owner)
                .filter(owner -> owners.containsKey(owner.session()))
                .forEach(this::takesPart);
        children.values().forEach(sessions -> sessions.sort(Comparator.naturalOrder()));
        countBlocked();
        Stream.concat(children.keySet().stream(), inLine.keySet().stream())
                .distinct()
                .filter(session -> !waiting.containsKey(session))
                .sorted(Comparator.comparing(blocked::get, Comparator.reverseOrder()))
                .forEach(this::place);
        // What is left goes in circles: deadlocks that are being broken this instant.
        waiting.keySet().forEach(this::place);
        return nodes;
    }

    private void takesPart(OwnerId owner) {
        owners.merge(
                owner.session(), owner, (known, other) -> other.transaction() > known.transaction() ? other : known);
    }

    /** From the leaves up. In a circle it is what hangs on it that is counted. */
    private void countBlocked() {
        Map<Integer, Integer> open = new HashMap<>();
        owners.keySet().forEach(session -> {
            blocked.put(session, inLine.getOrDefault(session, List.of()).size());
            open.put(session, children.getOrDefault(session, List.of()).size());
        });
        Deque<Integer> done = new ArrayDeque<>();
        open.forEach((session, left) -> {
            if (left == 0) {
                done.add(session);
            }
        });
        while (!done.isEmpty()) {
            int session = done.remove();
            open.remove(session);
            LockRow request = waiting.get(session);
            if (request != null) {
                int above = request.blockers().get(0).owner().session();
                blocked.merge(above, 1 + Objects.requireNonNull(blocked.get(session)), Integer::sum);
                if (open.merge(above, -1, Integer::sum) == 0) {
                    done.add(above);
                }
            }
        }
    }

    /** Something that is to stand in the tree next. */
    private record Step(OwnerId owner, Optional<LockRow> waitsFor, Optional<Node> above) {
        boolean isInLine() {
            return waitsFor.filter(SlotLines::isOfOneSession).isPresent();
        }
    }

    private Step step(int session, Optional<Node> above) {
        return new Step(Objects.requireNonNull(owners.get(session)), Optional.ofNullable(waiting.get(session)), above);
    }

    private void place(int root) {
        Deque<Step> next = new ArrayDeque<>(List.of(step(root, Optional.empty())));
        while (!next.isEmpty()) {
            Step step = next.pop();
            int session = step.owner.session();
            if (step.isInLine() || placed.add(session)) {
                Place place = step.above
                        .map(Place::under)
                        .orElseGet(() -> new Place(Optional.empty(), session, 0, Optional.empty()));
                int count = step.isInLine() ? 0 : blocked.getOrDefault(session, 0);
                Node node = new Node(step.owner, place, count, step.waitsFor, moment);
                nodes.add(node);
                below(step, Optional.of(node)).forEach(next::push);
            }
        }
    }

    /** The last first: what is put on top is taken first. */
    private List<Step> below(Step step, Optional<Node> node) {
        List<Step> below = new ArrayList<>();
        if (!step.isInLine()) {
            int session = step.owner.session();
            children.getOrDefault(session, List.of()).forEach(child -> below.add(step(child, node)));
            inLine.getOrDefault(session, List.of())
                    .forEach(row -> below.add(new Step(row.owner(), Optional.of(row), node)));
        }
        Collections.reverse(below);
        return below;
    }

    private static Optional<String> edge(Node node) {
        return node.waitsFor.map(row -> row.blockers().get(0).kind().name());
    }
}
