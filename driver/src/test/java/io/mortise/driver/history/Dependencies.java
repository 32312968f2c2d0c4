package io.mortise.driver.history;

import io.mortise.driver.history.Dependency.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who must have run before whom. Immutable once built. */
final class Dependencies {
    private final Map<Integer, Set<Dependency>> leaving = new HashMap<>();

    Dependencies(Collection<Dependency> all) {
        for (Dependency dependency : all) {
            if (dependency.first() != dependency.then()) {
                leaving.computeIfAbsent(dependency.first(), name -> new LinkedHashSet<>())
                        .add(dependency);
            }
        }
    }

    /** A shortest circle of dependencies of these kinds; empty if there is none. */
    List<Dependency> circle(Set<Kind> kinds) {
        List<Dependency> shortest = List.of();
        for (int name : onCircles(kinds)) {
            List<Dependency> found = path(name, name, kinds);
            if (shortest.isEmpty() || !found.isEmpty() && found.size() < shortest.size()) {
                shortest = found;
            }
        }
        return shortest;
    }

    /** A circle with one dependency of this kind, all others being of those kinds; empty if there is none. */
    List<Dependency> circleWithOne(Kind one, Set<Kind> others) {
        for (Set<Dependency> dependencies : leaving.values()) {
            for (Dependency dependency : dependencies) {
                List<Dependency> back =
                        dependency.kind() == one ? path(dependency.then(), dependency.first(), others) : List.of();
                if (!back.isEmpty()) {
                    List<Dependency> circle = new ArrayList<>(List.of(dependency));
                    circle.addAll(back);
                    return circle;
                }
            }
        }
        return List.of();
    }

    /** Takes away whoever depends on nobody left, again and again: the rest are on a circle, or behind one. */
    private Set<Integer> onCircles(Set<Kind> kinds) {
        Map<Integer, Integer> arriving = new HashMap<>();
        leaving.keySet().forEach(name -> arriving.putIfAbsent(name, 0));
        leaving.keySet()
                .forEach(name -> next(name, kinds).forEach(then -> arriving.merge(then.then(), 1, Integer::sum)));
        Deque<Integer> free = new ArrayDeque<>();
        arriving.forEach((name, count) -> {
            if (count == 0) {
                free.add(name);
            }
        });
        Set<Integer> rest = new HashSet<>(arriving.keySet());
        while (!free.isEmpty()) {
            int name = free.remove();
            rest.remove(name);
            for (Dependency then : next(name, kinds)) {
                if (arriving.merge(then.then(), -1, Integer::sum) == 0) {
                    free.add(then.then());
                }
            }
        }
        return rest;
    }

    private List<Dependency> next(int name, Set<Kind> kinds) {
        return leaving.getOrDefault(name, Set.of()).stream()
                .filter(dependency -> kinds.contains(dependency.kind()))
                .toList();
    }

    /** A shortest way of at least one step, breadth first. */
    private List<Dependency> path(int from, int to, Set<Kind> kinds) {
        Map<Integer, Dependency> reachedBy = new HashMap<>();
        Deque<Integer> due = new ArrayDeque<>(List.of(from));
        while (!due.isEmpty() && !reachedBy.containsKey(to)) {
            for (Dependency step : next(due.remove(), kinds)) {
                if (reachedBy.putIfAbsent(step.then(), step) == null) {
                    due.add(step.then());
                }
            }
        }
        List<Dependency> path = new ArrayList<>();
        Dependency step = reachedBy.get(to);
        while (step != null) {
            path.add(step);
            step = step.first() == from ? null : reachedBy.get(step.first());
        }
        Collections.reverse(path);
        return path;
    }
}
