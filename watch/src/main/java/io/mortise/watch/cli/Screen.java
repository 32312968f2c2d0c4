package io.mortise.watch.cli;

import io.mortise.watch.read.Rows;
import io.mortise.watch.read.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code top} shows: the tree, then the open transactions, as many lines as there is room for. Immutable. */
record Screen(Rows sessions, Rows tree, int chosen) {
    private static final Screen EMPTY = new Screen(Rows.NONE, Rows.NONE, 0);

    static Screen empty() {
        return EMPTY;
    }

    /** The sessions of the lines that can be chosen, in order. */
    List<Integer> choices() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < tree.size(); i++) {
            all.add((int) tree.number(i, "SESSION"));
        }
        for (int i = 0; i < sessions.size(); i++) {
            int session = (int) sessions.number(i, "SESSION");
            if (!all.contains(session)) {
                all.add(session);
            }
        }
        return all;
    }

    /** Lines no longer than the width, at most so many. */
    List<String> lines(int width, int height, String note) {
        List<String> lines = new ArrayList<>();
        long waiting = count("BLOCKED_BY");
        lines.add("mortise watch   " + (waiting == 0 ? "nobody waits" : waiting + (waiting == 1 ? " waits" : " wait"))
                + " · " + count("TNO") + " in a transaction · " + sessions.size() + " sessions");
        lines.add("");
        for (String line : Lines.tree(tree)) {
            lines.add(mark(lines.size() - 2, tree) + line);
        }
        lines.add("");
        lines.add("  SESSION  USER        STATE                 ROWS  RUNS, OR RAN LAST");
        for (int i = 0; i < sessions.size(); i++) {
            lines.add(session(i));
        }
        int room = Math.max(1, height - 2);
        scroll(lines, room);
        List<String> shown = new ArrayList<>(lines.subList(0, Math.min(lines.size(), room)));
        while (shown.size() < room) {
            shown.add("");
        }
        shown.add(note.isEmpty() ? "↑↓ choose  c cancel  a roll back  d disconnect  q quit" : note);
        return shown.stream().map(line -> TextTable.cut(line, width)).toList();
    }

    /** Takes lines away below the first, until the one that is chosen can be seen. */
    private static void scroll(List<String> lines, int room) {
        int chosen = 0;
        for (int i = 1; i < lines.size() && chosen == 0; i++) {
            chosen = lines.get(i).startsWith("> ") ? i : 0;
        }
        if (chosen >= room) {
            lines.subList(1, Math.min(lines.size(), chosen - room + 2)).clear();
        }
    }

    private String mark(int row, Rows rows) {
        boolean isChosen = row >= 0 && row < rows.size() && rows.number(row, "SESSION") == chosen;
        return isChosen ? "> " : "  ";
    }

    private String session(int i) {
        String state = sessions.text(i, "STATE").toLowerCase(Locale.ROOT);
        return mark(i, sessions)
                + TextTable.oneLine("%-7d  %-10s  %-20s  %4d  %s"
                        .formatted(
                                sessions.number(i, "SESSION"),
                                TextTable.cut(sessions.text(i, "USER_NAME"), 10),
                                TextTable.cut(state, 20),
                                sessions.number(i, "ROWS_CHANGED"),
                                sessions.text(i, "LAST_SQL")));
    }

    private long count(String column) {
        long count = 0;
        for (int i = 0; i < sessions.size(); i++) {
            count += sessions.get(i, column).isPresent() ? 1 : 0;
        }
        return count;
    }
}
