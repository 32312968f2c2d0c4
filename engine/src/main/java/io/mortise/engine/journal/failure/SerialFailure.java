package io.mortise.engine.journal.failure;

import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A past transaction that could not be brought into an order with those beside it. Keeps what would be gone by now: the
 * names of the tables, and what each party had run. Immutable.
 *
 * @param id what {@code SYS.SERIALIZATION_FAILURES} calls it
 * @param named the tables, as they were called then
 * @param steps what the parties had run, and which of them had committed, in the order in which it began
 */
public record SerialFailure(long id, Found found, Map<LockTarget, TargetNames.Name> named, List<Step> steps) {
    private static final TargetNames.Name GONE = new TargetNames.Name("", "", 0, "", TargetNames.Name.NO_ROW);

    /** What kept the transaction from being serialized. */
    public enum Kind {
        /** In no order could the transactions have read what they have. */
        READ_WRITE,
        /** A row that it was about to change, or to lock, is not what its snapshot shows. */
        ROW_CHANGED,
        /** A table was altered, emptied or made since its snapshot. */
        TABLE_CHANGED,
        /** A branch that a crash has left has changed the table, and nobody knows what that has read. */
        BRANCH_IN_DOUBT
    }

    /**
     * What one party has read, or written. Immutable.
     *
     * @param owner {@code transaction} is 0 if nobody knows who it was
     * @param by the statement; {@link StatementRecord#NONE} if it is not known
     * @param key of the row, or the range; empty for the whole table
     */
    public record Access(OwnerId owner, StatementRecord by, String key) {
        public UserName user() {
            return by.user();
        }
    }

    /**
     * The one has read what the other wrote, and has not seen that: in every order that explains it, the reader comes
     * first.
     */
    public record Edge(LockTarget.Table table, Access read, Access wrote) {}

    /**
     * What was known when it was found. Immutable.
     *
     * @param atNanos on the engine's clock
     * @param victim the transaction that gave way
     * @param running the statement in which it was told; {@link StatementRecord#NONE} if that was its commit
     * @param edges the first runs to the party between, the second from it; empty if that is not kept one by one any
     *     more
     * @param why why this one gave way
     * @param branch the name of the branch in doubt; else empty
     */
    public record Found(
            Kind kind,
            long atNanos,
            OwnerId victim,
            UserName user,
            StatementRecord running,
            List<Edge> edges,
            String why,
            String branch) {
        /** Everybody who takes part, the victim last. */
        public List<OwnerId> parties() {
            Set<OwnerId> all = new LinkedHashSet<>();
            for (Edge edge : edges) {
                all.add(edge.read().owner());
                all.add(edge.wrote().owner());
            }
            all.removeIf(owner -> owner.transaction() == 0);
            all.remove(victim);
            List<OwnerId> parties = new ArrayList<>(all);
            parties.add(victim);
            return List.copyOf(parties);
        }

        /** What this one has written, if it must have committed, or that could not have been found. */
        public Optional<Access> committed(OwnerId party) {
            return edges.stream()
                    .filter(edge -> kind == Kind.ROW_CHANGED)
                    .map(Edge::wrote)
                    .filter(access -> access.owner().equals(party))
                    .findFirst();
        }

        /** The statements that are known to have read or written what collided. */
        public Stream<Access> accesses() {
            return edges.stream()
                    .flatMap(edge -> Stream.of(edge.read(), edge.wrote()))
                    .filter(access -> access.by() != StatementRecord.NONE);
        }
    }

    /**
     * What a party had run.
     *
     * @param atNanos when it began; when it was done, for a commit
     * @param rows how often, for a prepared batch; else 1
     */
    public record Step(OwnerId owner, UserName user, long atNanos, String sql, long rows) {
        /** What stands for the end of a transaction that has committed. */
        public static final String COMMIT = "COMMIT";

        boolean isCommit() {
            return sql.equals(COMMIT);
        }
    }

    public int characters() {
        return steps.stream().mapToInt(step -> step.sql().length()).sum()
                + found.accesses()
                        .mapToInt(access ->
                                access.by().sql().length() + access.key().length())
                        .sum();
    }

    /** The names as they were. */
    public TargetNames names() {
        return target -> named.getOrDefault(target, GONE);
    }

    /** What this reader may be shown of it. */
    public Sight sight(Reader reader) {
        return Sight.of(reader, names(), found.atNanos());
    }

    /**
     * The statement with which a party that has written was last seen to run, if the one that wrote is not known
     * itself.
     */
    Optional<Step> lastOf(OwnerId owner) {
        return steps.stream()
                .filter(step -> step.owner().equals(owner) && !step.isCommit())
                .reduce((earlier, later) -> later);
    }

    /** What was read or written there: {@code PUBLIC.T(ID=1)}, {@code PUBLIC.T (the whole table)}. */
    public static String place(Edge edge, Access access, Sight sight) {
        String name = sight.place(edge.table());
        if (access.key().isEmpty()) {
            return name + " (the whole table)";
        }
        return name + "(" + (sight.ofKey(edge.table(), access.user()) ? OneLine.of(access.key()) : "hidden") + ")";
    }
}
