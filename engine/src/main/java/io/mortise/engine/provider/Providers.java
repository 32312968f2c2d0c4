package io.mortise.engine.provider;

import io.mortise.engine.error.EngineError;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds what connects to databases that are not H2's. Stateless: a class loader that is gone is not held. */
public final class Providers {
    /** Where a provider comes from that is not there. */
    private static final Map<String, String> ARTIFACTS = Map.of("postgresql:", "io.mortise:mortise-postgresql");

    private Providers() {}

    /**
     * The provider of URLs that go on like this behind {@code jdbc:mortise:} (or {@code jdbc:}); empty if they are
     * H2's.
     *
     * @throws SQLException 08001 if the artifact is not there that they need
     */
    public static Optional<Provider> of(String rest) throws SQLException {
        for (String prefix : ARTIFACTS.keySet()) { // At each connection, so no stream.
            if (rest.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return Optional.of(provided(prefix));
            }
        }
        return Optional.empty();
    }

    private static Provider provided(String prefix) throws SQLException {
        return load(prefix, Providers.class.getClassLoader())
                .or(() -> load(prefix, Thread.currentThread().getContextClassLoader()))
                .orElseThrow(
                        () -> EngineError.INVALID_URL.exception("URLs that begin with jdbc:mortise:" + prefix + " need "
                                + ARTIFACTS.get(prefix) + ", which is not on the class path. No connection was made."
                                + " Add that artifact, in the version of the driver."));
    }

    private static Optional<Provider> load(String prefix, ClassLoader loader) {
        try {
            for (Provider provider : ServiceLoader.load(Provider.class, loader)) {
                if (provider.prefix().equals(prefix)) {
                    return Optional.of(provider);
                }
            }
        } catch (ServiceConfigurationError e) {
            System.getLogger(Providers.class.getName())
                    .log(System.Logger.Level.WARNING, "a provider of " + prefix + " cannot be loaded", e);
        }
        return Optional.empty();
    }
}
