package io.mortise.engine.provider;

import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Settings;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Connects to a database that is not H2's, behind the same driver. Found by {@link java.util.ServiceLoader}, and chosen
 * by what its URLs begin with. Thread-safe.
 */
public interface Provider {
    /** What follows {@code jdbc:mortise:} in its URLs: {@code postgresql:}. */
    String prefix();

    /**
     * Reads a URL.
     *
     * @param rest what follows {@code jdbc:mortise:}
     * @throws SQLException 08001 for one that cannot be used
     */
    Address read(String rest) throws SQLException;

    /** A setting of the database's own as it is spelled there; empty if the database has none of this name. */
    Optional<String> settingNamed(String key);

    /** The names of the database's own settings, for a message that guesses which one was meant. */
    Set<String> settings();

    Attachment connect(Login login) throws SQLException;

    /**
     * Who wants to connect, and how. Immutable.
     *
     * @param database an {@link Address#database()}
     * @param properties the database's own settings, spelled as there
     * @param settings ours, each checked already against what values it takes
     */
    record Login(String database, String user, String password, Map<String, String> properties, Settings settings) {
        @Override
        public String toString() {
            return "Login[" + database + ", " + user + "]"; // A record would print the password.
        }
    }

    /**
     * A URL, taken apart. Immutable.
     *
     * @param database with the prefix, without settings: what {@code getURL} reports behind {@code jdbc:mortise:}
     * @param settings in the order of the URL, as they were given; ours and the database's own
     */
    record Address(String database, Map<String, String> settings) {}
}
