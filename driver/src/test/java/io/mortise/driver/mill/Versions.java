package io.mortise.driver.mill;

import io.mortise.driver.mill.Deed.Write;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The versions of one row in their order, through a window. One thread. */
final class Versions {
    /**
     * A version.
     *
     * @param number 0 for what was not there at the beginning
     * @param writer the number of the transaction; -1 for what was there before
     * @param isGone is the row not there?
     */
    record Version(int number, int writer, boolean isGone) {}

    private record Written(Write write, int writer) {}

    private final int row;
    private final int before;
    private final Map<Integer, Written> followers = new HashMap<>();
    private final List<Written> inserts = new ArrayList<>();
    private final List<Version> order = new ArrayList<>();
    private final Map<Integer, Integer> places = new HashMap<>();
    private int written;

    /** @param before the version that was there when the window began, or 0 */
    Versions(int row, int before) {
        this.row = row;
        this.before = before;
    }

    /** Returns what is wrong with it; empty if nothing is. */
    String add(Write write, int writer) {
        written++;
        Written all = new Written(write, writer);
        if (write.previous() == 0) {
            inserts.add(all);
            return "";
        }
        Written other = followers.put(write.previous(), all);
        return other == null
                ? ""
                : "lost update: T" + other.writer + " and T" + writer + " overwrote " + write.previous();
    }

    /**
     * Puts them in order: what was overwritten is before what overwrote it, and a row that came into being again did so
     * after it had gone, as the clock says after each INSERT.
     *
     * @param now the version that is there, or 0
     * @return what is wrong; empty if nothing is
     */
    String order(int now) {
        put(new Version(before, -1, before == 0));
        follow(before);
        inserts.sort(Comparator.comparingLong(insert -> insert.write.at()));
        for (Written insert : inserts) {
            if (!last().isGone) {
                return "two of row " + row + ": T" + insert.writer + " " + insert.write + " while there was " + last();
            }
            put(new Version(insert.write.version(), insert.writer, false));
            follow(insert.write.version());
        }
        if (order.size() != written + 1) {
            return "no version: row " + row + " has " + written + " writes, and " + order + " in order";
        }
        return (last().isGone ? 0 : last().number) == now
                ? ""
                : "lost: row " + row + " ends with " + now + " and not with " + last();
    }

    private void follow(int number) {
        for (Written next = followers.get(number); next != null && number != 0; next = followers.get(number)) {
            put(new Version(next.write.version(), next.writer, next.write.isLast()));
            number = next.write.isLast() ? 0 : next.write.version();
        }
    }

    private void put(Version version) {
        places.put(version.number, order.size());
        order.add(version);
    }

    private Version last() {
        return order.get(order.size() - 1);
    }

    List<Version> inOrder() {
        return order;
    }

    /** Where in the order this version is; null if it is none that was committed. */
    @Nullable
    Integer place(int number) {
        return places.get(number);
    }
}
