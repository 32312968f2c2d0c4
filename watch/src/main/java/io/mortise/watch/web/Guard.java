package io.mortise.watch.web;

import com.sun.net.httpserver.Headers;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Whose requests are answered. Immutable.
 *
 * <p>A page elsewhere can make a browser ask us, under a name of its own that it has pointed here (DNS rebinding) or
 * across origins. So the name must be one that cannot be pointed anywhere: localhost, an address, or a name that was
 * given.
 */
record Guard(Place place) {
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");
    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

    /** What is wrong with a request, if anything is. */
    Optional<String> complaint(Headers headers) {
        String host = first(headers, "Host").orElse("").toLowerCase(Locale.ROOT);
        String name = PORT.matcher(host).replaceFirst("");
        if (!name.equals("localhost")
                && !ADDRESS.matcher(name).matches()
                && !place.hosts().contains(name)) {
            return Optional.of("This server is not called that. If it should be, start it with --host.");
        }
        boolean isForeign = first(headers, "Origin")
                        .filter(origin -> !isSelf(origin.toLowerCase(Locale.ROOT), host))
                        .isPresent()
                || first(headers, "Sec-Fetch-Site")
                        .filter(site -> site.equals("cross-site") || site.equals("same-site"))
                        .isPresent();
        return isForeign ? Optional.of("Only the page itself may ask this.") : Optional.empty();
    }

    /** Under the same name and port. By HTTPS too if we speak HTTP: then a proxy stands before us. */
    private boolean isSelf(String origin, String host) {
        return origin.equals(place.scheme() + "://" + host) || origin.equals("https://" + host);
    }

    static Optional<String> first(Headers headers, String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }
}
