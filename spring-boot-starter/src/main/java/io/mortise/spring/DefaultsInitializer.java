package io.mortise.spring;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Sets what Boot cannot guess from a {@code spring.datasource.url} of ours, unless the application sets it. That is the
 * driver's class, jOOQ's dialect, and the user {@code sa} for a database in memory, as Boot does for H2. And tests keep
 * this data source: Boot would put another embedded database in its place.
 *
 * <p>An initializer and not an environment post-processor, because Boot 4 moved the latter to another package.
 * Immutable.
 */
public final class DefaultsInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final String URL = "spring.datasource.url";

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        String url = environment.getProperty(URL, "");
        if (!url.startsWith("jdbc:mortise:")) {
            return;
        }
        Map<String, Object> defaults = new LinkedHashMap<>();
        defaults.put("spring.datasource.driver-class-name", "io.mortise.driver.MortiseDriver");
        defaults.put("spring.test.database.replace", "none");
        // jOOQ goes by the URL too, and Boot chooses by jOOQ's dialect how its exceptions are translated.
        defaults.put("spring.jooq.sql-dialect", "H2");
        if (url.contains(":mem:")) {
            defaults.put("spring.datasource.username", "sa");
            defaults.put("spring.datasource.password", "");
        }
        environment.getPropertySources().addLast(new MapPropertySource("mortise", defaults));
    }
}
