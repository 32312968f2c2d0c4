package io.mortise.driver.order;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A statement of an {@link Acts}' vocabulary. Immutable.
 *
 * @param words what its parameters are: a letter each, as in {@link #value}
 */
record Pattern(String sql, String words, boolean isEdited) {
    static final int KEYS = 8;
    static final int VALUES = 4;
    private static final List<String> TEXTS = List.of("xa", "xb", "ya", "XA", "z");

    /** Takes words that begin with a colon for parameters, or for values of their own. */
    static Pattern of(String text, Random random, boolean hasParameters) {
        StringBuilder sql = new StringBuilder();
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean isWord = text.charAt(i) == ':' && "kvs".indexOf(text.charAt(i + 1)) >= 0;
            if (!isWord) {
                sql.append(text.charAt(i));
                continue;
            }
            char word = text.charAt(++i);
            if (hasParameters) {
                words.append(word);
                sql.append('?');
            } else {
                Object value = value(word, random);
                sql.append(value instanceof String ? "'" + value + "'" : value);
            }
        }
        return new Pattern(sql.toString(), words.toString(), false);
    }

    Act with(Random random) {
        List<Object> values = new ArrayList<>(words.length());
        for (int i = 0; i < words.length(); i++) {
            values.add(value(words.charAt(i), random));
        }
        return new Act(sql, values, isEdited);
    }

    static Object value(char word, Random random) {
        return switch (word) {
            case 'k' -> random.nextInt(KEYS);
            case 'v' -> random.nextInt(VALUES);
            default -> TEXTS.get(random.nextInt(TEXTS.size()));
        };
    }
}
