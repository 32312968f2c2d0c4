package io.mortise.testkit.marks;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The parameters of a statement as text: where its question marks stand, what they are compared with, their values. */
public final class QuestionMarks {
    /** Behind the statement, as H2 writes values down: {@code {1: 5, 2: 'x'}}. */
    private static final String FIRST_VALUE = " {1: ";

    private static final Pattern NAME_BEFORE = Pattern.compile("([\\w\"]+)\\s*(?:[=<>!]+|LIKE|IN\\s*\\()\\s*$");
    private static final Pattern INSERT = Pattern.compile(
            "(?is)\\s*(?:INSERT|MERGE)\\s+INTO\\s+[^(]+\\(([^)]*)\\)\\s*(?:KEY\\s*\\([^)]*\\)\\s*)?VALUES.*");

    private QuestionMarks() {}

    /** The positions of the question marks that are parameters: none in literals, quoted names or comments. */
    public static List<Integer> in(String sql) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < sql.length(); i = Math.max(endOfQuoted(sql, i), i + 1)) {
            if (sql.charAt(i) == '?') {
                found.add(i);
            }
        }
        return found;
    }

    /** Where the literal, quoted name or comment that begins here ends; here if none does. */
    private static int endOfQuoted(String sql, int at) {
        char first = sql.charAt(at);
        if (first == '\'' || first == '"') {
            return after(sql, String.valueOf(first), at + 1);
        }
        if (sql.startsWith("/*", at)) {
            return after(sql, "*/", at + 2);
        }
        if (sql.startsWith("--", at)) {
            return after(sql, "\n", at + 2);
        }
        return sql.startsWith("$$", at) ? after(sql, "$$", at + 2) : at;
    }

    private static int after(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }

    /** Where the text has this first outside of literals, quoted names and comments; -1 if nowhere. */
    private static int indexOf(String wanted, String text) {
        for (int i = 0; i < text.length(); i = Math.max(endOfQuoted(text, i), i + 1)) {
            if (text.startsWith(wanted, i)) {
                return i;
            }
        }
        return -1;
    }

    /** The statement with the values that stand behind it in place of its question marks; unchanged if none do. */
    public static String filled(String text) {
        int begin = indexOf(FIRST_VALUE, text);
        if (begin < 0 || !text.endsWith("}")) {
            return text;
        }
        String sql = text.substring(0, begin);
        List<Integer> marks = in(sql);
        List<String> literals = literals(text.substring(begin + " {".length(), text.length() - 1));
        if (marks.size() != literals.size()) {
            return text;
        }
        StringBuilder filled = new StringBuilder(sql);
        for (int i = marks.size() - 1; i >= 0; i--) {
            filled.replace(marks.get(i), marks.get(i) + 1, literals.get(i));
        }
        return filled.toString();
    }

    /** {@code 1: 5, 2: 'a, 3: b'} is 5 and 'a, 3: b'. */
    private static List<String> literals(String values) {
        List<String> found = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < values.length(); i = Math.max(endOfQuoted(values, i), i + 1)) {
            if (values.startsWith(", " + (found.size() + 2) + ": ", i)) {
                found.add(literal(values, begin, i));
                begin = i + ", ".length();
            }
        }
        found.add(literal(values, begin, values.length()));
        return found;
    }

    private static String literal(String values, int begin, int end) {
        return values.substring(values.indexOf(": ", begin) + 2, end);
    }

    /** What each parameter is compared with or inserted into, {@code ?2} where that cannot be told. */
    public static List<String> names(String sql) {
        List<Integer> marks = in(sql);
        Matcher insert = INSERT.matcher(sql);
        List<String> columns = insert.matches() ? List.of(insert.group(1).split("\\s*,\\s*")) : List.of();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            Matcher before = NAME_BEFORE.matcher(sql.substring(Math.max(0, marks.get(i) - 80), marks.get(i)));
            if (columns.size() == marks.size()) {
                names.add(columns.get(i).strip());
            } else {
                names.add(before.find() ? before.group(1) : "?" + (i + 1));
            }
        }
        return names;
    }
}
