package io.mortise.engine.lock;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The rules of granting, said as plainly as possible and recomputed from nothing at each step: what the lock table is
 * held against. Who gives way in a deadlock, and which of several reorderings is chosen, the model takes from the
 * table, after checking that it was a proper answer.
 */
final class SlowModel {
    /** A request, granted or not. */
    record Entry(OwnerId owner, LockMode mode) {}

    final Map<LockTarget, Map<OwnerId, LockMode>> granted = new HashMap<>();
    final Map<LockTarget, List<Entry>> waiting = new HashMap<>();
    /**
     * How many had come that others waited for, when this one came, and was it one of them; by owner, for it waits
     * once.
     */
    private record Coming(long number, boolean isUrgent) {}

    private final Map<OwnerId, Coming> comings = new HashMap<>();
    private final Map<LockTarget, Long> urgent = new HashMap<>();

    Optional<LockTarget> waitsFor(OwnerId owner) {
        return waiting.entrySet().stream()
                .filter(queue -> queue.getValue().stream()
                        .anyMatch(entry -> entry.owner().equals(owner)))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** @return was it granted? */
    boolean request(OwnerId owner, LockTarget target, LockMode asked) {
        Map<OwnerId, LockMode> holders = granted.computeIfAbsent(target, any -> new LinkedHashMap<>());
        List<Entry> queue = waiting.computeIfAbsent(target, any -> new ArrayList<>());
        LockMode own = holders.get(owner);
        LockMode mode = own == null ? asked : own.join(asked);
        if (mode == own) {
            return true;
        }
        boolean free = fits(owner, mode, holders);
        if (free && (own != null || passesNobody(mode, queue))) {
            holders.put(owner, mode);
            return true;
        }
        int place = place(owner, target);
        if (free && own == null && passesNobody(mode, queue.subList(0, place))) {
            holders.put(owner, mode);
            return true;
        }
        queue.add(place, new Entry(owner, mode));
        return false;
    }

    private static boolean passesNobody(LockMode mode, List<Entry> ahead) {
        return ahead.stream().allMatch(other -> mode.compatibleWith(other.mode()));
    }

    /** Behind those of its kind: conversions, then those for whose owners others wait, then newcomers. */
    private int place(OwnerId owner, LockTarget target) {
        Map<OwnerId, LockMode> holders = holders(target);
        List<Entry> queue = queue(target);
        int free = firstOf(queue, other -> !holders.containsKey(other));
        int plain = firstOf(
                queue, other -> !holders.containsKey(other) && !comingOf(other).isUrgent());
        long before = urgent.getOrDefault(target, 0L);
        boolean isUrgent = !holders.containsKey(owner)
                && target.isInStorage()
                && holdsUpOthers(owner)
                && (plain == queue.size()
                        || before - comingOf(queue.get(plain).owner()).number() < LockQueue.MOST_PASSED);
        long after = before + (isUrgent ? 1 : 0);
        urgent.put(target, after);
        comings.put(owner, new Coming(after, isUrgent));
        return holders.containsKey(owner) ? free : isUrgent ? plain : queue.size();
    }

    private static int firstOf(List<Entry> queue, Predicate<OwnerId> wanted) {
        int place = 0;
        while (place < queue.size() && !wanted.test(queue.get(place).owner())) {
            place++;
        }
        return place;
    }

    private boolean holdsUpOthers(OwnerId owner) {
        return granted.entrySet().stream()
                .anyMatch(held -> held.getValue().containsKey(owner)
                        && !queue(held.getKey()).isEmpty());
    }

    private static boolean fits(OwnerId owner, LockMode mode, Map<OwnerId, LockMode> holders) {
        return holders.entrySet().stream()
                .allMatch(holder -> holder.getKey().equals(owner) || mode.compatibleWith(holder.getValue()));
    }

    void withdraw(OwnerId owner) {
        for (LockTarget target : waiting.keySet()) {
            queue(target).removeIf(entry -> entry.owner().equals(owner));
            serve(target);
        }
    }

    void releaseAll(OwnerId owner) {
        for (LockTarget target : granted.keySet()) {
            holders(target).remove(owner);
            serve(target);
        }
    }

    /** Grants, from the head, whatever goes together with all holders and with all who still wait ahead. */
    void serve(LockTarget target) {
        List<Entry> stillWaiting = new ArrayList<>();
        for (Entry entry : queue(target)) {
            boolean passes =
                    stillWaiting.stream().allMatch(ahead -> entry.mode().compatibleWith(ahead.mode()));
            if (passes && fits(entry.owner(), entry.mode(), holders(target))) {
                holders(target).put(entry.owner(), entry.mode());
            } else {
                stillWaiting.add(entry);
            }
        }
        waiting.put(target, stillWaiting);
    }

    List<Entry> queue(LockTarget target) {
        return waiting.computeIfAbsent(target, any -> new ArrayList<>());
    }

    Map<OwnerId, LockMode> holders(LockTarget target) {
        return granted.computeIfAbsent(target, any -> new LinkedHashMap<>());
    }

    /** Whom an owner waits for, with the places in the queue that make it so. */
    Map<OwnerId, EdgeKind> blockers(OwnerId owner) {
        Map<OwnerId, EdgeKind> blockers = new LinkedHashMap<>();
        LockTarget target = waitsFor(owner).orElse(null);
        if (target == null) {
            return blockers;
        }
        List<Entry> queue = queue(target);
        int place = 0;
        while (!queue.get(place).owner().equals(owner)) {
            place++;
        }
        LockMode mode = queue.get(place).mode();
        for (Entry ahead : queue.subList(0, place)) {
            if (!mode.compatibleWith(ahead.mode())) {
                blockers.put(ahead.owner(), EdgeKind.QUEUED_AHEAD);
            }
        }
        holders(target).forEach((holder, held) -> {
            if (!holder.equals(owner) && !mode.compatibleWith(held)) {
                blockers.put(holder, EdgeKind.HOLDS);
            }
        });
        return blockers;
    }

    /** Can an owner reach itself along the edges? */
    boolean isInCycle(OwnerId owner) {
        Set<OwnerId> reached = new HashSet<>();
        List<OwnerId> open = new ArrayList<>(blockers(owner).keySet());
        while (!open.isEmpty()) {
            OwnerId next = open.remove(open.size() - 1);
            if (next.equals(owner)) {
                return true;
            }
            if (reached.add(next)) {
                open.addAll(blockers(next).keySet());
            }
        }
        return false;
    }

    boolean isCycle(List<OwnerId> members) {
        for (int i = 0; i < members.size(); i++) {
            OwnerId next = members.get((i + 1) % members.size());
            if (!blockers(members.get(i)).containsKey(next)) {
                return false;
            }
        }
        return true;
    }

    boolean allHold(List<OwnerId> members) {
        for (int i = 0; i < members.size(); i++) {
            OwnerId next = members.get((i + 1) % members.size());
            if (!Objects.equals(blockers(members.get(i)).get(next), EdgeKind.HOLDS)) {
                return false;
            }
        }
        return true;
    }

    private Coming comingOf(OwnerId owner) {
        return Objects.requireNonNull(comings.get(owner), "who waits has come");
    }
}
