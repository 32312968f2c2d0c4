package io.mortise.engine.command;

import io.mortise.engine.text.Letters;
import java.util.Arrays;

/**
 * A word to be found in long texts, letters of either case: Horspool's search, which looks at one character in five or
 * ten of a text that does not contain the word. Immutable.
 */
final class Needle {
    private static final int MASK = 0xFF;

    private final String upper;
    /**
     * How far the word may move on, by the character that stands under its last one; 0 where the two may be the same.
     * By the lower byte only: another character that shares it makes the step shorter.
     */
    private final byte[] step = new byte[MASK + 1];

    /** How far the word may be moved on if the two are the same and the rest is not. */
    private final int stepFromLast;

    Needle(String upper) {
        this.upper = upper;
        char lastLetter = upper.charAt(upper.length() - 1);
        this.stepFromLast = upper.length() - 1 - upper.lastIndexOf(lastLetter, upper.length() - 2);
        Arrays.fill(step, (byte) upper.length());
        for (int i = 0; i < upper.length(); i++) {
            byte distance = (byte) (upper.length() - 1 - i);
            step[upper.charAt(i)] = distance;
            step[Character.toLowerCase(upper.charAt(i))] = distance;
        }
    }

    /** Does it stand in the text at or after {@code from}? */
    boolean isIn(String text, int from) {
        byte[] steps = step;
        int length = text.length();
        int last = from + upper.length() - 1;
        while (last < length) {
            int forward = steps[text.charAt(last) & MASK];
            if (forward == 0) {
                if (Letters.spell(text, last - upper.length() + 1, last + 1, upper)) {
                    return true;
                }
                forward = stepFromLast;
            }
            last += forward;
        }
        return false;
    }
}
