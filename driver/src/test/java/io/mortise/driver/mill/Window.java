package io.mortise.driver.mill;

import io.mortise.driver.mill.Deed.Clear;
import io.mortise.driver.mill.Deed.Exists;
import io.mortise.driver.mill.Deed.Outside;
import io.mortise.driver.mill.Deed.Read;
import io.mortise.driver.mill.Deed.Write;
import io.mortise.driver.mill.Versions.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Some transactions that ran beside one another; before the first and after the last nobody was there. There is an
 * order of them that explains what they read, and in which nobody comes before one that had ended when it began, or it
 * says why not. One thread.
 */
final class Window {
    private final List<Past> all;
    private final int[] before;
    private final int[] after;
    private final List<Versions> rows = new ArrayList<>();
    private final Graph graph;
    private String wrong = "";

    /**
     * @param before each row's version when it began, 0 for those that were not there
     * @param after the same when it had ended
     */
    Window(List<Past> all, int[] before, int[] after) {
        this.all = all;
        this.before = before.clone();
        this.after = after.clone();
        this.graph = new Graph(2 * all.size()); // Behind the transactions, the ends of them in the order of time.
    }

    /** What is wrong, for people to read; empty if nothing is. */
    String wrong() {
        orderVersions();
        for (int name = 0; name < all.size() && wrong.isEmpty(); name++) {
            for (Deed deed : all.get(name).deeds()) {
                if (deed instanceof Read read) {
                    addRead(name, read);
                } else if (deed instanceof Exists exists) {
                    addOneOf(name, exists.row(), version -> !version.isGone());
                } else if (deed instanceof Outside outside) {
                    addOneOf(
                            name,
                            outside.row(),
                            version -> version.isGone() || version.number() % 2 != outside.group());
                }
            }
        }
        if (wrong.isEmpty()) {
            addTime();
            tell(graph.circle());
        }
        return wrong;
    }

    private void is(String what) {
        if (wrong.isEmpty()) {
            wrong = what;
        }
    }

    private void orderVersions() {
        for (int row = 0; row < before.length; row++) {
            rows.add(new Versions(row, before[row]));
        }
        for (int name = 0; name < all.size(); name++) {
            for (Deed deed : all.get(name).deeds()) {
                if (deed instanceof Write write) {
                    is(rows.get(write.row()).add(write, name));
                } else if (deed instanceof Clear clear) {
                    rows.get(clear.row()).add(clear, name);
                }
            }
        }
        for (int row = 0; row < before.length; row++) {
            is(rows.get(row).order(after[row]));
            Versions each = rows.get(row);
            for (int i = 1; i < each.inOrder().size(); i++) {
                edge(each.by(i - 1), each.inOrder().get(i).writer());
            }
        }
    }

    private void edge(int first, int then) {
        if (first >= 0 && then >= 0) {
            graph.add(first, then);
        }
    }

    private void addRead(int name, Read read) {
        if (read.version() == 0) {
            addOneOf(name, read.row(), Version::isGone);
            return;
        }
        List<Version> order = rows.get(read.row()).inOrder();
        Integer place = rows.get(read.row()).place(read.version());
        if (place == null) {
            is("G1a: T" + name + " " + read + ", which nobody has committed. " + all.get(name));
            return;
        }
        Version seen = order.get(place);
        Version next = place + 1 < order.size() ? order.get(place + 1) : null;
        if (next != null && next.writer() == seen.writer() && seen.writer() != name) {
            is("G1b: T" + name + " " + read + ", which was not the last of T" + seen.writer());
        }
        edge(seen.writer(), name);
        edge(name, rows.get(read.row()).then(place + 1));
    }

    /**
     * It saw one of the stretches in the row's order in which it was like this: it was not there, say. So it comes
     * before and after others, each as far as that is certain.
     */
    private void addOneOf(int name, int row, Predicate<Version> isSo) {
        List<Version> order = rows.get(row).inOrder();
        int first = -1;
        int behind = -1;
        for (int i = 0; i < order.size(); ) {
            int end = i + 1;
            while (end < order.size() && isSo.test(order.get(end)) == isSo.test(order.get(i))) {
                end++;
            }
            if (isSo.test(order.get(i)) && canHaveSeen(name, order, i, end)) {
                first = first < 0 ? i : first;
                behind = end;
            }
            i = end;
        }
        if (first < 0) {
            is("out of time: T" + name + " " + all.get(name) + " of row " + row + " in " + order);
            return;
        }
        edge(rows.get(row).by(first), name);
        edge(name, rows.get(row).then(behind));
    }

    private boolean canHaveSeen(int name, List<Version> order, int from, int end) {
        Past reader = all.get(name);
        int began = order.get(from).writer();
        int over = end < order.size() ? order.get(end).writer() : -1;
        return (began < 0 || all.get(began).began() <= reader.ended())
                && (over < 0 || over == name || all.get(over).ended() >= reader.began());
    }

    /** A way of ends, in the order of time: each transaction leads to its end, and the last end before it to it. */
    private void addTime() {
        int count = all.size();
        int[] byEnd = byTime(Comparator.comparingLong(name -> all.get(name).ended()));
        int[] byBegin = byTime(Comparator.comparingLong(name -> all.get(name).began()));
        int ended = 0;
        for (int name : byBegin) {
            while (ended < count
                    && all.get(byEnd[ended]).ended() < all.get(name).began()) {
                ended++;
            }
            if (ended > 0) {
                graph.add(count + ended - 1, name);
            }
        }
        for (int i = 0; i < count; i++) {
            graph.add(byEnd[i], count + i);
            if (i > 0) {
                graph.add(count + i - 1, count + i);
            }
        }
    }

    private int[] byTime(Comparator<Integer> order) {
        return IntStream.range(0, all.size())
                .boxed()
                .sorted(order)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private void tell(List<Integer> circle) {
        if (!circle.isEmpty()) {
            is(circle.stream()
                    .map(name -> name < all.size() ? "T" + name + " " + all.get(name) : "time")
                    .collect(Collectors.joining("\n  ", "circle:\n  ", "")));
        }
    }
}
