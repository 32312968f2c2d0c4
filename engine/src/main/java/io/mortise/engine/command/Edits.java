package io.mortise.engine.command;

/** Copies a text, putting other words in some places. One thread at a time; places come in ascending order. */
final class Edits {
    private final String source;
    private final StringBuilder copy = new StringBuilder();
    private int copied;
    private boolean changed;

    /** Copies begin at {@code from}. */
    Edits(String source, int from) {
        this.source = source;
        this.copied = from;
    }

    void replace(int start, int end, String words) {
        copy.append(source, copied, start).append(words);
        copied = end;
        changed = true;
    }

    void insert(int at, String words) {
        replace(at, at, words);
    }

    /** Has anything been put differently? */
    boolean changed() {
        return changed;
    }

    /** The copy as far as {@code end}, or as the last replacement reached. Ends the copying. */
    String text(int end) {
        return copy.append(source, copied, Math.max(copied, end)).toString();
    }
}
