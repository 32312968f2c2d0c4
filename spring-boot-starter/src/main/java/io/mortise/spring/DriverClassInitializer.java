package io.mortise.spring;

import io.mortise.driver.MortiseDriver;
import java.util.Map;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Gives {@code spring.datasource.driver-class-name} the value that Boot can not guess from our URL, unless the
 * application sets it. An initializer and not an environment post-processor, because Boot 4 moved the latter to another
 * package. Immutable.
 */
public final class DriverClassInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final String URL = "spring.datasource.url";
    private static final String DRIVER_CLASS = "spring.datasource.driver-class-name";

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (environment.getProperty(URL, "").startsWith("jdbc:mortise:")) {
            environment
                    .getPropertySources()
                    .addLast(new MapPropertySource("mortise", Map.of(DRIVER_CLASS, MortiseDriver.class.getName())));
        }
    }
}
