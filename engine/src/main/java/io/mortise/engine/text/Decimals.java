package io.mortise.engine.text;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * Numbers that others have written, of any length. The JDK's time to read one grows with the square of its digits: a
 * megabyte of them takes half a minute. Stateless.
 */
public final class Decimals {
    /** More than any number has that means something here. */
    private static final int MOST = 100;

    private Decimals() {}

    /** The number; empty if it is none, or has more digits than any that is meant. */
    public static Optional<BigDecimal> read(String text) {
        if (text.length() > MOST) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BigDecimal(text));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    /** Of a whole number with a sign or none: itself, or its first digits, which are beyond every limit as well. */
    public static String shortened(String digits) {
        int zeros = 0;
        int first = !digits.isEmpty() && (digits.charAt(0) == '-' || digits.charAt(0) == '+') ? 1 : 0;
        while (first + zeros < digits.length() - 1 && digits.charAt(first + zeros) == '0') {
            zeros++;
        }
        String rest = digits.substring(first + zeros);
        return digits.substring(0, first) + (rest.length() > MOST ? rest.substring(0, MOST) : rest);
    }
}
