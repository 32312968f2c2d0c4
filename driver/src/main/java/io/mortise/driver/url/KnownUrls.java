package io.mortise.driver.url;

import io.mortise.engine.ConnectRequest;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The URLs that were parsed before, by their text: an application connects by one or two of them, again and again. No
 * password is kept, so a URL that may hold one is parsed each time, and so is one of a provider. Thread-safe.
 */
public final class KnownUrls {
    /** Some programs make a database for each test, with a name of its own. */
    private static final int MOST = 64;

    private static final int LONGEST = 1_000;

    /** A user and a password, and texts in which one may stand. */
    private static final List<String> SECRETS = List.of(";USER=", ";PASSWORD=", ";AUTHZPWD=", ";INIT=");

    private static final Map<String, ConnectionUrl> KNOWN = new ConcurrentHashMap<>();

    private KnownUrls() {}

    /**
     * What {@link ConnectionUrl#parse} makes of the two.
     *
     * @throws SQLException the same
     */
    public static ConnectionUrl parse(String url, Properties properties) throws SQLException {
        Login login = Login.of(properties);
        if (login == null) {
            return ConnectionUrl.parse(url, properties);
        }
        ConnectionUrl known = KNOWN.get(url);
        if (known != null) {
            return login.at(known);
        }
        if (!mayBeKept(url)) {
            return ConnectionUrl.parse(url, properties);
        }
        ConnectionUrl parsed = ConnectionUrl.parse(url, new Properties());
        if (!parsed.request().isForH2()) {
            return ConnectionUrl.parse(url, properties);
        }
        if (KNOWN.size() >= MOST) {
            KNOWN.clear();
        }
        KNOWN.put(url, parsed);
        return login.at(parsed);
    }

    private static boolean mayBeKept(String url) {
        if (url.length() > LONGEST) {
            return false;
        }
        String upper = url.toUpperCase(Locale.ROOT);
        return SECRETS.stream().noneMatch(upper::contains);
    }

    /** For tests: the texts. */
    static Set<String> kept() {
        return KNOWN.keySet();
    }

    /** All that {@link java.sql.DriverManager} is told besides a URL, most of the time. Immutable. */
    private record Login(String user, String password) {
        /** Null if there is more in the properties than a user and a password, or something else. */
        static @Nullable Login of(Properties properties) {
            Set<String> names = properties.stringPropertyNames();
            if (names.size() != properties.size()) {
                return null; // Some are no text, or are defaults of these properties.
            }
            // A default, in the place of an entry that is no text, is none of the two, and counted among the names.
            Object user = properties.get("user");
            Object password = properties.get("password");
            int known = (user instanceof String ? 1 : 0) + (password instanceof String ? 1 : 0);
            return known == names.size() ? new Login(text(user), text(password)) : null;
        }

        private static String text(@Nullable Object value) {
            return value instanceof String text ? text : "";
        }

        ConnectionUrl at(ConnectionUrl known) {
            ConnectRequest bare = known.request();
            ConnectRequest request =
                    new ConnectRequest(bare.storageUrl(), user, password, bare.properties(), bare.settings());
            return new ConnectionUrl(known.canonical(), request, known.unknownProperties());
        }
    }
}
