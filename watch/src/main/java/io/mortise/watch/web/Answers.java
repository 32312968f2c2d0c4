package io.mortise.watch.web;

import com.sun.net.httpserver.HttpExchange;
import io.mortise.watch.read.Actions.Kind;
import io.mortise.watch.read.Report;
import io.mortise.watch.web.Logins.Login;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the page asks for, but for the stream of events. Thread-safe. */
final class Answers {
    private static final System.Logger LOG = System.getLogger("mortise.watch");
    private static final int MOST_BYTES = 8192;
    /** A user's name may contain what would look like another line of the log. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final Pattern COOKIES = Pattern.compile("; *");
    private static final Pattern PAIRS = Pattern.compile("&");

    private final Logins logins;
    private final Door door;
    private final String cookieName;
    private final boolean isSecure;

    Answers(Logins logins, Door door, Place place, int port) {
        this.logins = logins;
        this.door = door;
        // Cookies are a host's, whatever the port: two servers must not log each other's viewers out.
        this.cookieName = "mortise-watch-" + port;
        this.isSecure = place.tls().isPresent();
    }

    /** Who asks, by the cookie. */
    Optional<Login> login(HttpExchange exchange) {
        for (String line : exchange.getRequestHeaders().getOrDefault("Cookie", java.util.List.of())) {
            for (String pair : COOKIES.splitAsStream(line).toList()) {
                if (pair.startsWith(cookieName + "=")) {
                    return logins.of(pair.substring(cookieName.length() + 1));
                }
            }
        }
        return Optional.empty();
    }

    Reply get(String path, Login login, Map<String, String> query) throws SQLException {
        return switch (path) {
            case "/api/me" -> Reply.json(200, me(login));
            case "/api/session" ->
                Reply.json(200, login.account().reading().session(Integer.parseInt(query.getOrDefault("id", "0"))));
            case "/api/report" ->
                new Reply(
                        200,
                        "text/html; charset=utf-8",
                        Report.of(login.account().reading()).getBytes(StandardCharsets.UTF_8));
            default -> Reply.error(404, "There is nothing here.");
        };
    }

    private static Map<String, Object> me(Login login) {
        Map<String, Object> me = new LinkedHashMap<>();
        me.put("user", login.account().user());
        me.put("admin", login.account().database().isAdmin());
        me.put("token", login.token());
        return me;
    }

    Reply logIn(HttpExchange exchange, Map<String, String> form) throws IOException {
        String address = exchange.getRemoteAddress().getAddress().getHostAddress();
        try {
            Login login = door.enter(address, form.getOrDefault("user", ""), form.getOrDefault("password", ""));
            exchange.getResponseHeaders()
                    .add(
                            "Set-Cookie",
                            cookieName + "=" + login.cookie() + "; HttpOnly; SameSite=Strict; Path=/"
                                    + (isSecure || isBehindProxy(exchange) ? "; Secure" : ""));
            return Reply.json(200, me(login));
        } catch (Door.NotNow e) {
            return Reply.error(429, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("while others were logging in");
        } catch (SQLException e) {
            return Door.isWrongPassword(e)
                    ? Reply.error(401, "Wrong user name or password.")
                    : Reply.error(502, String.valueOf(e.getMessage()));
        }
    }

    /** The browser speaks HTTPS, whatever we do: a proxy stands between. */
    private static boolean isBehindProxy(HttpExchange exchange) {
        return Guard.first(exchange.getRequestHeaders(), "Origin")
                .filter(origin -> origin.startsWith("https:"))
                .isPresent();
    }

    /** Does the page itself ask, and not the browser at the word of another page? */
    static boolean hasToken(HttpExchange exchange, Login login) {
        return Guard.first(exchange.getRequestHeaders(), "X-Mortise-Token")
                .filter(token -> MessageDigest.isEqual(
                        token.getBytes(StandardCharsets.UTF_8), login.token().getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    Reply logOut(Login login) {
        logins.close(login);
        return Reply.json(200, Map.of());
    }

    Reply act(Map<String, String> form, Login login) {
        try {
            Kind kind = Kind.of(form.getOrDefault("kind", ""));
            int session = Integer.parseInt(form.getOrDefault("session", ""));
            String done = login.account().actions().end(kind, session, Long.parseLong(form.getOrDefault("seen", "0")));
            LOG.log(
                    System.Logger.Level.INFO,
                    "User {0} on the page: {1}",
                    UNPRINTABLE.matcher(login.account().user()).replaceAll("?"),
                    done);
            return Reply.json(200, Map.of("done", done));
        } catch (SQLException e) {
            return Reply.error(409, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return Reply.error(
                    400, "That is not an action: cancel, roll-back or disconnect, and the number of a session.");
        }
    }

    static Map<String, String> form(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
        return pairs(new String(body, StandardCharsets.UTF_8));
    }

    static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new HashMap<>();
        for (String pair : PAIRS.splitAsStream(text).toList()) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                pairs.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return pairs;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException half) {
            return text;
        }
    }
}
