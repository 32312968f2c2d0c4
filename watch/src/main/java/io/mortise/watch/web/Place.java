package io.mortise.watch.web;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * Where the page is shown. Immutable.
 *
 * @param port 0: any that is free
 * @param hosts names, besides localhost and addresses, that a browser may call it by
 * @param tls for HTTPS; empty for HTTP
 */
public record Place(InetAddress address, int port, Set<String> hosts, Optional<SSLContext> tls, Life life) {
    /** How long it is shown. */
    public enum Life {
        /** Until it is closed. */
        BY_ITSELF,
        /** As long as the application uses the database: those who look must not keep it open. */
        WITH_DATABASE
    }

    /** On this machine only. */
    public static Place loopback(int port) {
        return new Place(InetAddress.getLoopbackAddress(), port, Set.of(), Optional.empty(), Life.BY_ITSELF);
    }

    String scheme() {
        return tls.isPresent() ? "https" : "http";
    }
}
