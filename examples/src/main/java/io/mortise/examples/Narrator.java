package io.mortise.examples;

import java.io.PrintStream;
import java.sql.SQLException;

/** Tells what happens, so that a person likes to read it. Thread-safe: a line is never torn. */
final class Narrator {
    private final PrintStream out;

    Narrator(PrintStream out) {
        this.out = out;
    }

    void title(String text) {
        out.println("\n" + text + "\n" + "-".repeat(text.length()));
    }

    void say(String text) {
        out.println(text);
    }

    /** What an exception says, set in. */
    void quote(SQLException said) {
        quote(String.valueOf(said.getMessage()));
    }

    /** Somebody else's words, set in. */
    void quote(Object text) {
        out.println("\n" + text.toString().stripTrailing().indent(4));
    }
}
