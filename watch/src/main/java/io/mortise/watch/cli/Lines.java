package io.mortise.watch.cli;

import io.mortise.watch.read.Rows;
import io.mortise.watch.read.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a terminal is shown, as lines. Stateless. */
final class Lines {
    private Lines() {}

    /** Who waits for whom, indented. */
    static List<String> tree(Rows tree) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < tree.size(); i++) {
            int depth = (int) tree.number(i, "DEPTH");
            String indent = "  ".repeat(Math.min(depth, 40)) + (depth == 0 ? "" : "└ ");
            String waits = tree.text(i, "WAITS_FOR");
            String doing = waits.isEmpty()
                    ? tree.text(i, "STATE").toLowerCase(Locale.ROOT)
                    : "waits " + tree.number(i, "WAITED_MS") + " ms for " + waits;
            long blocked = tree.number(i, "BLOCKED_COUNT");
            String sql = tree.text(i, "SQL_TEXT");
            lines.add(indent
                    + TextTable.oneLine("session " + tree.number(i, "SESSION") + " " + tree.text(i, "USER_NAME") + ", "
                            + doing + (blocked == 0 ? "" : ", blocks " + blocked) + (sql.isEmpty() ? "" : ": " + sql)));
        }
        return lines.isEmpty() ? List.of("Nobody waits.") : lines;
    }

    /** One of those in the circle of a deadlock. */
    static String member(Rows members, int i) {
        String sql = members.text(i, "SQL_TEXT");
        boolean isVictim = members.get(i, "VICTIM").equals(java.util.Optional.of(true));
        return "  "
                + TextTable.oneLine("session " + members.number(i, "SESSION") + " " + members.text(i, "USER_NAME")
                        + " waits for " + members.text(i, "WAITS_FOR") + " of session "
                        + members.number(i, "WAITS_FOR_SESSION")
                        + (isVictim ? ", and gave way" : "") + (sql.isEmpty() ? "" : ": " + sql));
    }
}
