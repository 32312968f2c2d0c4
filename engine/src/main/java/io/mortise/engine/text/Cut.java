package io.mortise.engine.text;

/** Text of any length, cut to what may be kept of it. Stateless. */
public final class Cut {
    /** The most characters of a name that a user gives: of a session, a lock, an application. */
    public static final int NAME = 1000;

    private static final String MORE = "…";
    private static final int MORE_BYTES = 3;
    /** Of one {@code char}: what takes four bytes is two of them. */
    private static final int MOST_BYTES = 3;

    private Cut() {}

    /**
     * The text if it takes no more than so many bytes in UTF-8; else its beginning and {@code …}, which do. Looks at no
     * more of it than it keeps.
     */
    public static String of(String text, int most) {
        if (text.length() <= most / MOST_BYTES) {
            return text; // Most texts are short, and nobody counts their bytes.
        }
        int bytes = 0;
        int kept = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > most) {
                return text.substring(0, kept) + MORE;
            }
            at += Character.charCount(c);
            if (bytes <= most - MORE_BYTES) {
                kept = at;
            }
        }
        return text;
    }
}
