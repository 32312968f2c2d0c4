package io.mortise.driver.history;

import io.mortise.driver.history.Dependency.Kind;
import io.mortise.driver.history.Past.Append;
import io.mortise.driver.history.Past.Read;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All transactions of a run, and the lists in which it ended: the last state of a row's list is the order of its
 * versions. Immutable once built.
 */
final class History {
    /** What a level of isolation rules out. */
    enum Promise {
        /** No circle of what was written and read: G0 and G1c. READ COMMITTED and above. */
        READ_COMMITTED,
        /** Nor one with a single transaction whose read was overwritten: G-single, the lost update among them. */
        SNAPSHOT,
        /** No circle at all, and nobody runs before one that had ended when it began. */
        STRICT_SERIALIZABLE
    }

    private static final Set<Kind> WRITTEN = EnumSet.of(Kind.WRITE_WRITE);
    private static final Set<Kind> INFORMATION = EnumSet.of(Kind.WRITE_WRITE, Kind.WRITE_READ);
    private static final Set<Kind> ALL_BUT_TIME = EnumSet.complementOf(EnumSet.of(Kind.TIME));

    private final List<Past> committed;
    private final Map<Integer, List<Integer>> last;
    private final Map<Integer, Past> writers = new HashMap<>();

    /** @param last the list of each row at the end; those that are not there are left out */
    History(List<Past> all, Map<Integer, List<Integer>> last) {
        this.committed = all.stream().filter(Past::committed).toList();
        this.last = Map.copyOf(last);
        for (Past past : all) {
            appends(past).forEach(append -> writers.put(append.value(), past));
        }
    }

    int size() {
        return committed.size();
    }

    /** What of the promise is broken, for people to read; empty if it was kept. */
    List<String> broken(Promise promise) {
        List<String> broken = new ArrayList<>();
        checkLast(broken);
        committed.forEach(past -> checkReads(past, broken));
        if (!broken.isEmpty()) {
            return broken; // Without an order of the versions there is nothing to look for circles in.
        }
        Dependencies dependencies = new Dependencies(dependencies());
        report("G0", dependencies.circle(WRITTEN), broken);
        report("G1c", dependencies.circle(INFORMATION), broken);
        if (promise != Promise.READ_COMMITTED) {
            report("G-single", dependencies.circleWithOne(Kind.READ_WRITE, INFORMATION), broken);
        }
        if (promise == Promise.STRICT_SERIALIZABLE) {
            report("G2", dependencies.circle(ALL_BUT_TIME), broken);
            report("out of time", dependencies.circle(EnumSet.allOf(Kind.class)), broken);
        }
        return broken;
    }

    private static List<Append> appends(Past past) {
        return past.deeds().stream()
                .filter(Append.class::isInstance)
                .map(Append.class::cast)
                .toList();
    }

    /** Every number that was committed is there once, and no other. */
    private void checkLast(List<String> broken) {
        Map<Integer, Integer> found = new HashMap<>();
        last.values().forEach(list -> list.forEach(value -> found.merge(value, 1, Integer::sum)));
        for (Past past : committed) {
            for (Append append : appends(past)) {
                if (!last.getOrDefault(append.row(), List.of()).contains(append.value())) {
                    broken.add("lost update: T" + past.name() + " " + append + ", and it is gone");
                }
            }
        }
        found.forEach((value, count) -> {
            Past writer = writers.get(value);
            if (count > 1 || writer == null || !writer.committed()) {
                broken.add("at the end " + value + " is there " + count + " times; written by " + writer);
            }
        });
    }

    /** A read shows the beginning of the last list, up to the last number of some transaction. */
    private void checkReads(Past past, List<String> broken) {
        Map<Integer, Integer> own = new HashMap<>();
        for (Past.Deed deed : past.deeds()) {
            if (deed instanceof Append append) {
                own.put(append.row(), append.value());
            } else if (deed instanceof Read read) {
                checkRead(past, read, own, broken);
            }
        }
    }

    private void checkRead(Past past, Read read, Map<Integer, Integer> own, List<String> broken) {
        List<Integer> versions = last.getOrDefault(read.row(), List.of());
        List<Integer> values = read.values();
        for (int value : values) {
            Past writer = writers.get(value);
            if (writer == null || !writer.committed()) {
                broken.add("G1a: T" + past.name() + " " + read + ", and " + value + " was rolled back by " + writer);
                return;
            }
        }
        if (values.size() > versions.size()
                || !versions.subList(0, values.size()).equals(values)) {
            broken.add("no version: T" + past.name() + " " + read + ", which was never a part of " + versions);
            return;
        }
        Integer ownValue = own.get(read.row());
        Integer newest = values.isEmpty() ? null : values.get(values.size() - 1);
        if (ownValue != null && !ownValue.equals(newest)) {
            broken.add("T" + past.name() + " " + read + ", without its own " + ownValue);
        }
        if (newest != null && isIntermediate(past, read.row(), newest)) {
            broken.add("G1b: T" + past.name() + " " + read + ", but " + newest + " was not the last of "
                    + writers.get(newest));
        }
    }

    private boolean isIntermediate(Past reader, int row, int value) {
        Past writer = writers.get(value);
        return writer != null
                && writer != reader
                && appends(writer).stream()
                                .filter(append -> append.row() == row)
                                .reduce((one, next) -> next)
                                .orElseThrow()
                                .value()
                        != value;
    }

    private List<Dependency> dependencies() {
        List<Dependency> all = new ArrayList<>();
        last.forEach((row, versions) -> {
            for (int i = 1; i < versions.size(); i++) {
                all.add(new Dependency(writer(versions, i - 1), writer(versions, i), Kind.WRITE_WRITE, row));
            }
        });
        for (Past past : committed) {
            for (Past.Deed deed : past.deeds()) {
                if (deed instanceof Read read) {
                    addRead(past, read, all);
                }
            }
        }
        addTime(all);
        return all;
    }

    private int writer(List<Integer> versions, int index) {
        Past writer = writers.get(versions.get(index));
        if (writer == null) {
            throw new AssertionError("checked before");
        }
        return writer.name();
    }

    private void addRead(Past past, Read read, List<Dependency> all) {
        List<Integer> versions = last.getOrDefault(read.row(), List.of());
        int seen = read.values().size();
        if (seen > 0) {
            all.add(new Dependency(writer(versions, seen - 1), past.name(), Kind.WRITE_READ, read.row()));
        }
        if (seen < versions.size()) {
            all.add(new Dependency(past.name(), writer(versions, seen), Kind.READ_WRITE, read.row()));
        }
    }

    /**
     * Those only that the others do not imply: who began before the first end among those who began after one had
     * ended.
     */
    private void addTime(List<Dependency> all) {
        List<Past> byBegin =
                committed.stream().sorted(Comparator.comparingLong(Past::began)).toList();
        for (Past past : committed) {
            long firstEnd = Long.MAX_VALUE;
            for (Past later : byBegin) {
                if (later.began() > past.ended() && later.began() <= firstEnd) {
                    all.add(new Dependency(past.name(), later.name(), Kind.TIME, -1));
                    firstEnd = Math.min(firstEnd, later.ended());
                }
            }
        }
    }

    private void report(String name, List<Dependency> circle, List<String> broken) {
        if (!circle.isEmpty() && broken.isEmpty()) {
            Map<Integer, Past> members = new LinkedHashMap<>();
            circle.forEach(step -> committed.stream()
                    .filter(past -> past.name() == step.first())
                    .forEach(past -> members.put(past.name(), past)));
            broken.add(name + ":\n  "
                    + circle.stream().map(Dependency::toString).collect(Collectors.joining("\n  "))
                    + "\n  "
                    + members.values().stream().map(Past::toString).collect(Collectors.joining("\n  ")));
        }
    }
}
