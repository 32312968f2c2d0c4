package io.mortise.engine.setting;

import io.mortise.engine.text.Cut;
import io.mortise.engine.text.Decimals;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What values a setting takes, and how each is written. Immutable.
 *
 * @param unit empty where there is none
 * @param choices empty unless the values are listed
 * @param preset the default, as it is written
 * @param complaint what is wrong with a text, as the end of a sentence; empty if nothing is
 * @param reader the value of a text that nothing is wrong with, or of the default
 * @param writer the text of a value
 */
record Values<T>(
        String unit,
        List<String> choices,
        String preset,
        Function<String, Optional<String>> complaint,
        Function<String, T> reader,
        Function<T, String> writer) {

    private static final int MOST_OF_A_PATH = 4096;

    /** The same, and this if nobody says another. */
    Values<T> or(String value) {
        return new Values<>(unit, choices, value, complaint, reader, writer);
    }

    static Values<String> name() {
        return text(Cut.NAME);
    }

    static Values<String> path() {
        return text(MOST_OF_A_PATH);
    }

    /** Refused if it is longer: it is kept, shown, and compared. */
    private static Values<String> text(int most) {
        return new Values<>(
                "",
                List.of(),
                "",
                text -> text.length() <= most
                        ? Optional.empty()
                        : Optional.of("has " + text.length() + " characters, " + most + " at most."),
                text -> text,
                text -> text);
    }

    /** What is only shown, and so of a longer one the beginning: nobody is kept from connecting by it. */
    static Values<String> label() {
        return new Values<>(
                "",
                List.of(),
                "",
                text -> Optional.empty(),
                text -> text.length() <= Cut.NAME ? text : text.substring(0, Cut.NAME),
                text -> text);
    }

    static Values<Optional<ServeAddress>> address(String scheme) {
        return new Values<>(
                "",
                List.of(),
                "",
                text -> text.isEmpty() || ServeAddress.parse(scheme, text).isPresent()
                        ? Optional.empty()
                        : Optional.of("is neither " + scheme + ":PORT nor " + scheme + ":ADDRESS:PORT."),
                text -> ServeAddress.parse(scheme, text),
                address -> address.map(given -> given.text(scheme)).orElse(""));
    }

    static Values<Integer> number(String unit, int least, int most) {
        return new Values<>(unit, List.of(), "", range(unit, least, most), Integer::valueOf, String::valueOf);
    }

    /** A number that has no default of its own. */
    static Values<OptionalInt> numberIfGiven(String unit, int least, int most) {
        return new Values<>(
                unit,
                List.of(),
                "",
                range(unit, least, most),
                text -> text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text)),
                number -> number.isPresent() ? Integer.toString(number.getAsInt()) : "");
    }

    static Values<Boolean> flag() {
        return choice(Stream.of(false, true), String::valueOf);
    }

    /** A flag that is spelled in its own way. */
    static Values<Boolean> flag(String no, String yes) {
        return choice(Stream.of(false, true), value -> value ? yes : no);
    }

    static <E extends Enum<E>> Values<E> oneOf(Class<E> family, Function<E, String> spelling) {
        return choice(Arrays.stream(family.getEnumConstants()), spelling);
    }

    private static <T> Values<T> choice(Stream<T> values, Function<T, String> spelling) {
        List<T> all = values.toList();
        List<String> choices = all.stream().map(spelling).toList();
        return new Values<>(
                "",
                choices,
                "",
                text -> choices.stream().anyMatch(text::equalsIgnoreCase)
                        ? Optional.empty()
                        : Optional.of("is not one of " + String.join(", ", choices) + "."),
                text -> all.stream()
                        .filter(value -> spelling.apply(value).equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(text + " has not been checked")),
                spelling);
    }

    private static Function<String, Optional<String>> range(String unit, int least, int most) {
        String of = unit.isEmpty() ? "" : " " + unit;
        return text -> {
            if (!text.matches("[+-]?[0-9]+")) {
                return Optional.of("is not a whole number" + (unit.isEmpty() ? "." : " of " + unit + "."));
            }
            BigInteger number = new BigInteger(Decimals.shortened(text));
            if (number.compareTo(BigInteger.valueOf(most)) > 0) {
                return Optional.of("is larger than " + most + of + ", the most it can be.");
            }
            if (number.compareTo(BigInteger.valueOf(least)) < 0) {
                return Optional.of("is smaller than " + least + of + ", the least it can be.");
            }
            return Optional.empty();
        };
    }
}
