package io.mortise.postgres;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.provider.Provider;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.postgresql.Driver;

/**
 * Takes a URL apart, as pgjdbc writes them: {@code postgresql://host[:port][,host…]/database?key=value&…}. Stateless.
 */
final class PostgresUrl {
    private static final String FORM =
            " Write jdbc:mortise:postgresql://HOST[:PORT]/DATABASE, with [?KEY=VALUE[&KEY=VALUE...]].";

    private PostgresUrl() {}

    static Provider.Address read(String rest) throws SQLException {
        int question = rest.indexOf('?');
        String given = question < 0 ? rest : rest.substring(0, question);
        String database = given.substring(0, PostgresProvider.PREFIX.length()).toLowerCase(Locale.ROOT)
                + given.substring(PostgresProvider.PREFIX.length());
        if (given.indexOf(';') >= 0) {
            throw invalid("jdbc:mortise:" + given.substring(0, given.indexOf(';'))
                    + " is followed by a semicolon. Settings of a PostgreSQL URL follow a question mark.");
        }
        if (Driver.parseURL("jdbc:" + database, null) == null) {
            throw invalid("jdbc:mortise:" + database + " is not a URL that pgjdbc can read.");
        }
        Map<String, String> settings = new LinkedHashMap<>();
        if (question >= 0) {
            for (String part : rest.substring(question + 1).split("&", -1)) {
                add(settings, part);
            }
        }
        return new Provider.Address(database, settings);
    }

    private static void add(Map<String, String> settings, String part) throws SQLException {
        if (part.isEmpty()) {
            return;
        }
        int equals = part.indexOf('=');
        if (equals < 0) {
            throw invalid("Setting " + part + " has no value.");
        }
        String key = part.substring(0, equals);
        String value = decoded(key, part.substring(equals + 1));
        String before = settings.put(key, value);
        if (before != null && !before.equals(value)) {
            throw invalid(key + " is given twice, with different values.");
        }
    }

    /** Says no value: it may be a password. */
    private static String decoded(String key, String value) throws SQLException {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid("The value of " + key + " has a percent sign that no two hexadecimal digits follow.");
        }
    }

    private static SQLException invalid(String what) {
        return EngineError.INVALID_URL.exception(what + " No connection was made." + FORM);
    }
}
