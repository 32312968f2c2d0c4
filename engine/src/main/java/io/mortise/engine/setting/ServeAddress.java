package io.mortise.engine.setting;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database lets other processes attach, or people look: {@code tcp:PORT} on loopback, {@code tcp:ADDRESS:PORT}
 * elsewhere; {@code http:PORT} for a page. Immutable.
 *
 * @param host empty for loopback
 * @param port 0 for any that is free
 */
public record ServeAddress(String host, int port) {
    private static final Pattern FORM =
            Pattern.compile("(?i)([a-z]+):(?:(\\[[0-9a-f:.]+]|[^:\\[\\]/\\s]+):)?([0-9]{1,5})");
    private static final int HIGHEST_PORT = 65_535;

    /** Empty if the text is no such address. */
    static Optional<ServeAddress> parse(String scheme, String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches() || !matcher.group(1).equalsIgnoreCase(scheme)) {
            return Optional.empty();
        }
        String host = matcher.group(2);
        int port = Integer.parseInt(matcher.group(3));
        return port > HIGHEST_PORT ? Optional.empty() : Optional.of(new ServeAddress(host == null ? "" : host, port));
    }

    /** As it is written in the setting SERVE. */
    public String text() {
        return text("tcp");
    }

    /** As it is written in a setting. */
    public String text(String scheme) {
        return scheme + ":" + (host.isEmpty() ? "" : host + ":") + port;
    }
}
