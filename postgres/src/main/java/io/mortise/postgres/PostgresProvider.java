package io.mortise.postgres;

import io.mortise.engine.provider.Provider;
import io.mortise.engine.session.Attachment;
import io.mortise.postgres.session.Arrival;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;

/** Connects {@code jdbc:mortise:postgresql:} URLs by pgjdbc. Thread-safe. */
public final class PostgresProvider implements Provider {
    static final String PREFIX = "postgresql:";

    @Override
    public String prefix() {
        return PREFIX;
    }

    @Override
    public Address read(String rest) throws SQLException {
        return PostgresUrl.read(rest);
    }

    @Override
    public Optional<String> settingNamed(String key) {
        return settings().stream().filter(key::equalsIgnoreCase).findFirst();
    }

    @Override
    public Set<String> settings() {
        return Arrays.stream(PGProperty.values())
                .map(PGProperty::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public Attachment connect(Login login) throws SQLException {
        return Arrival.by(login);
    }
}
