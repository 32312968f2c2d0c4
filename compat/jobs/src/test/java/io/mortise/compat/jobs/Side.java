package io.mortise.compat.jobs;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The same database by two drivers, each at the level that its clients choose and at SERIALIZABLE. Immutable. */
enum Side {
    H2("jdbc:h2:mem:", null),
    MORTISE("jdbc:mortise:mem:", null),
    H2_SERIALIZABLE("jdbc:h2:mem:", "TRANSACTION_SERIALIZABLE"),
    MORTISE_SERIALIZABLE("jdbc:mortise:mem:", "TRANSACTION_SERIALIZABLE");

    private final String prefix;
    private final @Nullable String level;

    Side(String prefix, @Nullable String level) {
        this.prefix = prefix;
        this.level = level;
    }

    boolean isMortise() {
        return prefix.startsWith("jdbc:mortise:");
    }

    /** A pool over a new database, which lives as long as the pool. */
    HikariDataSource pool(String settings) {
        HikariConfig config = new HikariConfig();
        // Longer than the usual 2 s: on a busy machine a turn may take so long, on either side.
        config.setJdbcUrl(prefix + UUID.randomUUID() + ";LOCK_TIMEOUT=60000" + (isMortise() ? settings : ""));
        config.setUsername("sa");
        config.setMaximumPoolSize(20);
        config.setMinimumIdle(1);
        config.setTransactionIsolation(level);
        return new HikariDataSource(config);
    }

    /** Runs a script of the library's own, statement by statement. */
    static void script(HikariDataSource pool, Class<?> from, String resource) throws SQLException, IOException {
        try (InputStream file = from.getResourceAsStream(resource)) {
            if (file == null) {
                throw new IllegalStateException(resource + " is not in the jar of " + from);
            }
            run(pool, new String(file.readAllBytes(), StandardCharsets.UTF_8).split(";\\s*\\R"));
        }
    }

    static void run(HikariDataSource pool, String... statements) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }
}
