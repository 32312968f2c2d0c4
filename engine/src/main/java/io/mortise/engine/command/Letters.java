package io.mortise.engine.command;

/** Letters of keywords: the plain ones, whatever the locale. */
final class Letters {
    private Letters() {}

    static char upper(char c) {
        return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
    }

    /** Is this part of the text that word, letters of either case? */
    static boolean spell(String text, int start, int end, String upperWord) {
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
}
