package io.mortise.driver.mill;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Who must have come before whom, by numbers. One thread. */
final class Graph {
    private final int size;
    private int[] from = new int[1024];
    private int[] to = new int[1024];
    private int edges;

    Graph(int size) {
        this.size = size;
    }

    void add(int first, int then) {
        if (first == then) {
            return;
        }
        if (edges == from.length) {
            from = Arrays.copyOf(from, 2 * edges);
            to = Arrays.copyOf(to, 2 * edges);
        }
        from[edges] = first;
        to[edges++] = then;
    }

    /** A circle, in order; empty if there is none. Takes away whom nobody is left before, again and again. */
    List<Integer> circle() {
        int[][] next = next();
        int[] arriving = new int[size];
        for (int i = 0; i < edges; i++) {
            arriving[to[i]]++;
        }
        Deque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < size; i++) {
            if (arriving[i] == 0) {
                free.add(i);
            }
        }
        int left = size;
        while (!free.isEmpty()) {
            left--;
            for (int then : next[free.remove()]) {
                if (--arriving[then] == 0) {
                    free.add(then);
                }
            }
        }
        return left == 0 ? List.of() : shortest(next, arriving);
    }

    private int[][] next() {
        int[] leaving = new int[size];
        for (int i = 0; i < edges; i++) {
            leaving[from[i]]++;
        }
        int[][] next = new int[size][];
        for (int i = 0; i < size; i++) {
            next[i] = new int[leaving[i]];
        }
        for (int i = 0; i < edges; i++) {
            next[from[i]][--leaving[from[i]]] = to[i];
        }
        return next;
    }

    private static List<Integer> shortest(int[][] next, int[] arriving) {
        List<Integer> best = List.of();
        for (int i = 0; i < next.length; i++) {
            List<Integer> found = arriving[i] > 0 ? back(i, next) : List.of();
            if (best.isEmpty() || !found.isEmpty() && found.size() < best.size()) {
                best = found;
            }
        }
        return best;
    }

    /** The shortest way from here to here. */
    private static List<Integer> back(int here, int[][] next) {
        int[] by = new int[next.length];
        Arrays.fill(by, -1);
        Deque<Integer> due = new ArrayDeque<>(List.of(here));
        while (!due.isEmpty() && by[here] < 0) {
            int one = due.remove();
            for (int then : next[one]) {
                if (by[then] < 0) {
                    by[then] = one;
                    due.add(then);
                }
            }
        }
        List<Integer> way = new ArrayList<>();
        for (int one = by[here]; one >= 0; one = one == here ? -1 : by[one]) {
            way.add(0, one);
        }
        return way;
    }
}
