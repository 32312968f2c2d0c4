package io.mortise.engine.setting;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database lets other processes attach: {@code tcp:PORT} on loopback, {@code tcp:ADDRESS:PORT} elsewhere. Immutable.
 *
 * @param host empty for loopback
 * @param port 0 for any that is free
 */
public record ServeAddress(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?i)tcp:(?:(\\[[0-9a-f:.]+]|[^:\\[\\]/\\s]+):)?([0-9]{1,5})");
    private static final int HIGHEST_PORT = 65_535;

    /** Empty if the text is no such address. */
    public static Optional<ServeAddress> parse(String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group(1);
        int port = Integer.parseInt(matcher.group(2));
        return port > HIGHEST_PORT ? Optional.empty() : Optional.of(new ServeAddress(host == null ? "" : host, port));
    }

    /** As it is written in a setting. */
    public String text() {
        return "tcp:" + (host.isEmpty() ? "" : host + ":") + port;
    }
}
