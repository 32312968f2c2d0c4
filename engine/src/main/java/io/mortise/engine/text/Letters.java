package io.mortise.engine.text;

/** Letters of keywords: the plain ones, whatever the locale. */
public final class Letters {
    private Letters() {}

    public static char upper(char c) {
        return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
    }

    /** Is this part of the text that word, letters of either case? */
    public static boolean spell(String text, int start, int end, String upperWord) {
        if (end - start != upperWord.length()) {
            return false;
        }
        for (int i = 0; i < upperWord.length(); i++) {
            if (upper(text.charAt(start + i)) != upperWord.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Does that word stand in the text, letters of either case, be it a part of another word? */
    public static boolean contain(String text, String upperWord) {
        int length = upperWord.length();
        char last = upperWord.charAt(length - 1);
        // A character that is not in the word at all cannot be a part of it wherever it stands.
        for (int end = length; end <= text.length(); ) {
            char c = upper(text.charAt(end - 1));
            if (c == last && spell(text, end - length, end, upperWord)) {
                return true;
            }
            end += upperWord.indexOf(c) < 0 ? length : 1;
        }
        return false;
    }

    /**
     * Where a comment in slashes and stars ends that begins here: they nest. One without an end reaches to that of the
     * text.
     */
    public static int afterComment(String text, int from) {
        int depth = 1;
        int at = from + 2;
        while (depth > 0 && at < text.length()) {
            if (text.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else if (text.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else {
                at++;
            }
        }
        return at;
    }
}
