package io.mortise.engine.storage;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL of H2 with no settings but those that many URLs have, each once, and each with a value that H2 reads in one way
 * only. Immutable.
 *
 * @param url all of it
 * @param database the URL without the settings and without {@code jdbc:h2:}
 * @param asked what H2 is asked for: some when it opens the database, some at each login
 */
record PlainSettings(String url, String database, Map<String, String> asked) {
    static final String PREFIX = "jdbc:h2:";
    private static final String INIT = "INIT";
    private static final Pattern FLAG = pattern("TRUE|FALSE");
    private static final Pattern WORD = pattern("[a-z][a-z0-9_]*");
    /** H2 takes a backslash away, and what is behind it as it is. */
    private static final Pattern SCRIPT = pattern("[^\\\\]+");

    private static final Map<String, Pattern> KNOWN = Map.ofEntries(
            Map.entry(LoginSettings.CLOSE_DELAY, pattern("-1|0|[1-9][0-9]{0,8}")),
            Map.entry(LoginSettings.CLOSE_ON_EXIT, FLAG),
            Map.entry("DATABASE_TO_UPPER", FLAG),
            Map.entry("DATABASE_TO_LOWER", FLAG),
            Map.entry("CASE_INSENSITIVE_IDENTIFIERS", FLAG),
            Map.entry("IFEXISTS", FLAG),
            Map.entry(LoginSettings.IGNORE_CASE, FLAG),
            Map.entry(LoginSettings.MODE, WORD),
            Map.entry(LoginSettings.NULL_ORDERING, WORD),
            Map.entry(LoginSettings.SCHEMA, WORD),
            Map.entry(LoginSettings.NON_KEYWORDS, pattern("[a-z_]+(,[a-z_]+)*")),
            Map.entry(LoginSettings.TRACE_LEVEL, pattern("[0-3]")),
            Map.entry(INIT, SCRIPT));

    /** The one that was read last, unless it may hold a password: most applications connect by one. */
    private static volatile @Nullable PlainSettings last;

    private static Pattern pattern(String values) {
        return Pattern.compile(values, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    }

    /** Empty if there is anything else in the URL. */
    static Optional<PlainSettings> of(String url) {
        PlainSettings known = last;
        if (known != null && known.url.equals(url)) {
            return Optional.of(known);
        }
        Optional<PlainSettings> read = read(url);
        read.filter(settings -> !settings.asked.containsKey(INIT)).ifPresent(settings -> last = settings);
        return read;
    }

    private static Optional<PlainSettings> read(String url) {
        int end = url.indexOf(';');
        if (end < 0) {
            return Optional.of(new PlainSettings(url, url.substring(PREFIX.length()), Map.of()));
        }
        Map<String, String> found = new HashMap<>();
        for (String part : url.substring(end + 1).split(";")) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                return Optional.empty();
            }
            String name = part.substring(0, equals).toUpperCase(Locale.ENGLISH); // As H2 does.
            String value = part.substring(equals + 1);
            Pattern values = KNOWN.get(name);
            if (values == null || !values.matcher(value).matches() || found.put(name, value) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(new PlainSettings(url, url.substring(PREFIX.length(), end), Map.copyOf(found)));
    }
}
