package io.mortise.flyway;

import java.sql.Connection;
import org.flywaydb.core.internal.database.h2.H2DatabaseType;

/**
 * Flyway's H2, reached by our URLs. Flyway finds it through {@code META-INF/services}. A connection that it is handed,
 * from a {@code DataSource}, it takes for H2 by its product name and needs nothing of this. Immutable.
 */
public final class MortiseDatabaseType extends H2DatabaseType {
    private static final String URLS = "jdbc:mortise:";
    private static final String URLS_BEHIND_P6SPY = "jdbc:p6spy:mortise:";

    @Override
    public boolean handlesJDBCUrl(String url) {
        return url.startsWith(URLS) || url.startsWith(URLS_BEHIND_P6SPY);
    }

    @Override
    public String getDriverClass(String url, ClassLoader classLoader) {
        return url.startsWith(URLS) ? "io.mortise.driver.MortiseDriver" : "com.p6spy.engine.spy.P6SpyDriver";
    }

    /** With a connection Flyway finds H2's own type, and that is right. */
    @Override
    public boolean handlesDatabaseProductNameAndVersion(String product, String version, Connection connection) {
        return false;
    }
}
