package io.mortise.engine.text;

import java.util.stream.Collectors;

/** Text in quotes, as JSON and as Graphviz both read it. Stateless. */
public final class Quoted {
    private Quoted() {}

    public static String of(String text) {
        return '"' + text.chars().mapToObj(c -> escaped((char) c)).collect(Collectors.joining()) + '"';
    }

    private static String escaped(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> c < ' ' ? "\\u%04x".formatted((int) c) : Character.toString(c);
        };
    }
}
