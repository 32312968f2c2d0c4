package io.mortise.spring.actuate;

import io.mortise.driver.MortiseDriver;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.env.Environment;

/**
 * A connection that is no pool's: when all of a pool wait for each other is when somebody asks. If the application
 * makes its data source itself, there is no URL to be read, and the pool has to do. Thread-safe.
 */
@FunctionalInterface
interface OwnConnections {
    /** What an application does once for each connection, and the session that all its connections share. */
    Pattern THE_APPLICATIONS = Pattern.compile("(?i);(?:INIT|SESSION_ID)=(?:\\\\.|[^;\\\\])*");

    Connection open() throws SQLException;

    static OwnConnections of(Environment environment, ObjectProvider<DataSource> pools) {
        String url = environment.getProperty("spring.datasource.url", "");
        if (!url.startsWith("jdbc:mortise:")) {
            return () -> pools.getObject().getConnection();
        }
        String own = THE_APPLICATIONS.matcher(url).replaceAll("");
        Properties login = new Properties();
        login.setProperty("user", environment.getProperty("spring.datasource.username", ""));
        login.setProperty("password", environment.getProperty("spring.datasource.password", ""));
        login.setProperty("APPLICATION_NAME", "mortise-endpoint");
        return () -> Optional.ofNullable(new MortiseDriver().connect(own, login))
                .orElseThrow(() -> new IllegalStateException("The driver does not know its own URL."));
    }
}
