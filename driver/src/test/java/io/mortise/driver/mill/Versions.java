package io.mortise.driver.mill;

import io.mortise.driver.mill.Deed.Clear;
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
     * @param writer the number of the transaction; {@link #BEFORE} for what was there before, {@link #UNKNOWN} where
     *     one of some made the row go
     * @param isGone is the row not there?
     */
    record Version(int number, int writer, boolean isGone) {}

    private record Written(Write write, int writer) {}

    private record Cleared(Clear clear, int writer) {}

    static final int BEFORE = -1;
    static final int UNKNOWN = -2;

    private final int row;
    private final int before;
    private final Map<Integer, Written> followers = new HashMap<>();
    private final List<Written> inserts = new ArrayList<>();
    private final List<Cleared> clears = new ArrayList<>();
    private final List<Version> order = new ArrayList<>();
    private final Map<Integer, Integer> places = new HashMap<>();
    private int written;
    /** After the statement that wrote the last version in order. */
    private long lastAt = Long.MIN_VALUE;

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

    void add(Clear clear, int writer) {
        clears.add(new Cleared(clear, writer));
    }

    /**
     * Puts them in order: what was overwritten is before what overwrote it, and a row that came into being again did so
     * after it had gone, as the clock says after each INSERT.
     *
     * @param now the version that is there, or 0
     * @return what is wrong; empty if nothing is
     */
    String order(int now) {
        put(new Version(before, BEFORE, before == 0), lastAt);
        follow(before);
        inserts.sort(Comparator.comparingLong(insert -> insert.write.at()));
        for (Written insert : inserts) {
            if (!last().isGone && isCleared(insert.write.at())) {
                written++;
            }
            if (!last().isGone) {
                return "two of row " + row + ": T" + insert.writer + " " + insert.write + " while there was " + last();
            }
            put(new Version(insert.write.version(), insert.writer, false), insert.write.at());
            follow(insert.write.version());
        }
        if (now == 0 && !last().isGone && isCleared(Long.MAX_VALUE)) {
            written++;
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
            put(new Version(next.write.version(), next.writer, next.write.isLast()), next.write.at());
            number = next.write.isLast() ? 0 : next.write.version();
        }
    }

    /**
     * The last version has gone before this time, and nobody says that he removed it: it went with one of those who
     * clear the row. Which one is certain only if no other can have done so.
     */
    private boolean isCleared(long until) {
        List<Cleared> can = clears.stream()
                .filter(each -> each.clear.at() >= lastAt && each.clear.from() <= until)
                .toList();
        if (!can.isEmpty()) {
            Cleared first = can.get(0);
            put(new Version(first.clear.version(), can.size() == 1 ? first.writer : UNKNOWN, true), lastAt);
        }
        return !can.isEmpty();
    }

    /** Who made the version at this place; the one before it if that is not known. */
    int by(int at) {
        int writer = order.get(at).writer;
        return writer == UNKNOWN ? order.get(at - 1).writer : writer;
    }

    /** The same, but the one behind it. It is {@link #BEFORE} if there is none. */
    int then(int at) {
        int place = at < order.size() && order.get(at).writer == UNKNOWN ? at + 1 : at;
        return place < order.size() ? order.get(place).writer : BEFORE;
    }

    private void put(Version version, long at) {
        lastAt = at;
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
