package io.mortise.engine.setting;

import io.mortise.engine.text.Cut;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody meant who has mistyped a name. */
public final class Nearest {
    /** Nobody mistypes a name into a longer one; comparing takes a step for each pair of letters. */
    private static final int MOST = 100;

    private Nearest() {}

    /** The name that takes the fewest edits, unless it takes so many that it is not alike any more. */
    public static Optional<String> to(String mistyped, Collection<String> names) {
        if (mistyped.length() > MOST) {
            return Optional.empty();
        }
        String wanted = bare(mistyped);
        int limit = Math.max(2, wanted.length() / 3);
        return names.stream()
                .min(Comparator.comparingInt((String name) -> edits(wanted, bare(name)))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(name -> edits(wanted, bare(name)) <= limit);
    }

    /** As a message names it: a long one by its beginning. */
    public static String shown(String mistyped) {
        return Cut.of(mistyped, Cut.NAME);
    }

    private static String bare(String name) {
        return name.replace("_", "").toUpperCase(Locale.ROOT);
    }

    /** Characters to insert, delete or replace, row by row of the usual table. */
    private static int edits(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[to.length()];
    }
}
