package io.mortise.engine.lock;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * A queue as people are shown it. Called under the mutex; what it returns needs no mutex.
 *
 * <p>Ten thousand waiters in one queue are fifty million edges. So a message names the first few. A snapshot of the
 * whole shares one list of requests for each mode, and each waiter sees the part that is ahead of it.
 */
final class QueueRows {
    /** So many blockers, and so many requests ahead, are told to one who did not get its lock. */
    static final int FEW = 16;

    private final LockQueue queue;

    QueueRows(LockQueue queue) {
        this.queue = queue;
    }

    /** Every lock of the queue, granted ones before pending ones. In time linear in their number. */
    List<LockRow> all() {
        List<LockRow> rows = new ArrayList<>();
        queue.grants().forEach(grant -> rows.add(row(grant)));
        Map<LockMode, Edges> edges = new EnumMap<>(LockMode.class);
        queue.pending().forEach(request -> edges.computeIfAbsent(request.mode, Edges::new));
        for (Pending request : queue.pending()) {
            rows.add(
                    row(request, Objects.requireNonNull(edges.get(request.mode)).of(request)));
            edges.forEach((mode, those) -> those.passes(request));
        }
        return rows;
    }

    /** Whom requests of one mode wait for. */
    private final class Edges {
        private final LockMode mode;
        private final List<LockRow.Blocker> holders = new ArrayList<>();
        /** Grows while the queue is gone through; who has taken a part of it sees no more than that. */
        private final List<LockRow.Blocker> ahead = new ArrayList<>();

        Edges(LockMode mode) {
            this.mode = mode;
            for (Grant grant : queue.grants()) {
                if (!mode.compatibleWith(grant.mode)) {
                    holders.add(edge(grant));
                }
            }
        }

        void passes(Pending request) {
            if (!mode.compatibleWith(request.mode)) {
                ahead.add(edge(request));
            }
        }

        List<LockRow.Blocker> of(Pending request) {
            int own = -1;
            if (queue.grantOf(request.owner).isPresent()) {
                for (int i = 0; i < holders.size(); i++) {
                    own = holders.get(i).owner().equals(request.owner) ? i : own;
                }
            }
            return new Blockers(holders, own, ahead, ahead.size());
        }
    }

    /**
     * The holders but one, and the first of those ahead. Immutable: what is behind those of {@code ahead} is not looked
     * at.
     */
    private static final class Blockers extends AbstractList<LockRow.Blocker> implements RandomAccess {
        private final List<LockRow.Blocker> holders;
        private final int own;
        private final int held;
        private final List<LockRow.Blocker> ahead;
        private final int places;

        Blockers(List<LockRow.Blocker> holders, int own, List<LockRow.Blocker> ahead, int places) {
            this.holders = holders;
            this.own = own;
            this.held = holders.size() - (own < 0 ? 0 : 1);
            this.ahead = ahead;
            this.places = places;
        }

        @Override
        public LockRow.Blocker get(int index) {
            if (index >= held) {
                return ahead.get(index - held);
            }
            return holders.get(own >= 0 && index >= own ? index + 1 : index);
        }

        @Override
        public int size() {
            return held + places;
        }
    }

    private LockRow.Blocker edge(Grant grant) {
        return new LockRow.Blocker(grant.owner, queue.target.edge(), grant.mode, grant.statement);
    }

    private static LockRow.Blocker edge(Pending ahead) {
        return new LockRow.Blocker(ahead.owner, EdgeKind.QUEUED_AHEAD, ahead.mode, ahead.statement);
    }

    /** A request, with the first few holders in its way and the nearest of those ahead. */
    LockRow sketch(Pending request) {
        List<LockRow.Blocker> few = fewHolders(request);
        Pending ahead = request.previous;
        while (ahead != null && request.mode.compatibleWith(ahead.mode)) {
            ahead = ahead.previous;
        }
        if (ahead != null) {
            few.add(edge(ahead));
        }
        return row(request, few);
    }

    /** A request, with the first few in its way: holders, then those ahead. */
    LockRow brief(Pending request) {
        List<LockRow.Blocker> few = fewHolders(request);
        for (Pending ahead : queue.pending()) {
            if (ahead == request || few.size() >= FEW) {
                break;
            }
            if (!request.mode.compatibleWith(ahead.mode)) {
                few.add(edge(ahead));
            }
        }
        return row(request, few);
    }

    private List<LockRow.Blocker> fewHolders(Pending request) {
        List<LockRow.Blocker> few = new ArrayList<>(2);
        for (Grant grant : queue.grants()) {
            if (few.size() >= FEW) {
                break;
            }
            if (!grant.owner.equals(request.owner) && !request.mode.compatibleWith(grant.mode)) {
                few.add(edge(grant));
            }
        }
        return few;
    }

    /** The first few requests ahead of one. */
    List<LockRow> ahead(Pending request) {
        List<LockRow> few = new ArrayList<>();
        for (Pending ahead : queue.pending()) {
            if (ahead == request || few.size() >= FEW) {
                break;
            }
            few.add(brief(ahead));
        }
        return few;
    }

    /** A member of a cycle: its request, the edge to the next member before all others. */
    Decision.Link link(Pending request, OwnerId next) {
        List<LockRow.Blocker> few = fewHolders(request);
        for (LockRow.Blocker blocker : few) {
            if (blocker.owner().session() == next.session()) {
                return new Decision.Link(row(request, few), blocker.kind());
            }
        }
        LockRow.Blocker edge = edgeTo(request, next);
        few.add(edge);
        return new Decision.Link(row(request, few), edge.kind());
    }

    private LockRow.Blocker edgeTo(Pending request, OwnerId next) {
        for (Grant grant : queue.grants()) {
            if (grant.owner.session() == next.session()
                    && !grant.owner.equals(request.owner)
                    && !request.mode.compatibleWith(grant.mode)) {
                return edge(grant);
            }
        }
        for (Pending ahead : queue.pending()) {
            if (ahead.owner.session() == next.session() && !request.mode.compatibleWith(ahead.mode)) {
                return edge(ahead);
            }
        }
        throw new AssertionError("a member of a cycle is blocked by the next");
    }

    private LockRow row(Grant grant) {
        return new LockRow(
                grant.owner,
                queue.target,
                grant.mode,
                true,
                grant.requestedNanos,
                grant.grantedNanos,
                grant.statement,
                grant.kind == Grant.Kind.IMPLICIT,
                List.of(),
                0);
    }

    private LockRow row(Pending request, List<LockRow.Blocker> blockers) {
        return new LockRow(
                request.owner,
                queue.target,
                request.mode,
                false,
                request.requestedNanos,
                0,
                request.statement,
                false,
                blockers,
                request.passedOver);
    }
}
