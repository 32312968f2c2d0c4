package io.mortise.watch.read;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON: maps, lists, {@link Rows}, texts, numbers, booleans, nulls. Stateless. Writes only, and what it writes
 * is safe inside a script element of a page: no {@code <}, no {@code >}, no line separators of Unicode. So there is no
 * library here that an application could have in another version.
 */
public final class Json {
    /** A tick of a small database; a large one grows it a few times. */
    private static final int FIRST_CHARS = 16_384;

    private Json() {}

    public static String of(@Nullable Object value) {
        StringBuilder out = new StringBuilder(FIRST_CHARS);
        write(value, out);
        return out.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            String comma = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(comma);
                text(String.valueOf(entry.getKey()), out);
                out.append(':');
                write(entry.getValue(), out);
                comma = ",";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Iterable<?> list) {
            out.append('[');
            String comma = "";
            for (Object element : list) {
                out.append(comma);
                write(element, out);
                comma = ",";
            }
            out.append(']');
        } else if (value instanceof Rows rows) {
            out.append("{\"columns\":");
            write(rows.columns(), out);
            out.append(",\"rows\":");
            write(rows.rows(), out);
            out.append('}');
        } else if (value instanceof Number number) {
            number(number, out);
        } else if (value == null || value instanceof Boolean) {
            out.append(value);
        } else {
            text(value.toString(), out);
        }
    }

    private static void number(Number number, StringBuilder out) {
        if (number instanceof Integer || number instanceof Long) {
            out.append(number.longValue());
        } else {
            out.append(Double.isFinite(number.doubleValue()) ? number : null);
        }
    }

    /** What needs no care is copied in one go: nearly all of it. */
    private static void text(String text, StringBuilder out) {
        out.append('"');
        int copied = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isPlain(c)) {
                out.append(text, copied, i);
                escaped(c, out);
                copied = i + 1;
            }
        }
        out.append(text, copied, text.length()).append('"');
    }

    private static boolean isPlain(char c) {
        boolean isAscii = c < 0x7f;
        return isAscii
                ? c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
                : c >= 0xa0 && c != 0x2028 && c != 0x2029 && !Character.isSurrogate(c);
    }

    private static void escaped(char c, StringBuilder out) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\t' -> out.append("\\t");
            default -> {
                String hex = Integer.toHexString(c);
                out.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
            }
        }
    }
}
