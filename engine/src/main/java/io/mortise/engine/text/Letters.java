package io.mortise.engine.text;

import java.util.List;

/** Letters of keywords: the plain ones, whatever the locale. */
public final class Letters {
    /** The first character behind all plain letters. */
    private static final char LETTERS_END = 128;

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

    /** Does one of these words stand in the text, letters of either case, be it a part of another word? */
    public static boolean contain(String text, List<String> upperWords) {
        int beginnings = 0;
        for (String word : upperWords) {
            beginnings |= bit(word.charAt(0));
        }
        for (int start = 0; start < text.length(); start++) {
            char c = text.charAt(start);
            if (c < LETTERS_END && (bit(c) & beginnings) != 0 && isOneAt(text, start, upperWords)) {
                return true;
            }
        }
        return false;
    }

    /** The same for letters of either case; others are mistaken for them. */
    private static int bit(char c) {
        return 1 << (c & 31);
    }

    private static boolean isOneAt(String text, int start, List<String> upperWords) {
        for (String word : upperWords) {
            int end = start + word.length();
            if (end <= text.length() && spell(text, start, end, word)) {
                return true;
            }
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
