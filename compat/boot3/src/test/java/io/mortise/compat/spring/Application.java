package io.mortise.compat.spring;

import io.mortise.spring.DefaultsInitializer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that leaves everything to Spring Boot. */
@EnableAutoConfiguration
class Application {
    /** The starter's automatic configuration, as a setting that leaves it out. */
    private static final String NO_STARTER = "spring.autoconfigure.exclude=io.mortise.spring.MortiseAutoConfiguration";

    /** With the starter. */
    static ConfigurableApplicationContext start(String... settings) {
        return run(application(Application.class), settings);
    }

    /** As if the starter were not on the class path. */
    static ConfigurableApplicationContext startWithoutStarter(String... settings) {
        SpringApplication application = application(Application.class);
        List<ApplicationContextInitializer<?>> others = application.getInitializers().stream()
                .<ApplicationContextInitializer<?>>map(initializer -> initializer)
                .filter(initializer -> !(initializer instanceof DefaultsInitializer))
                .toList();
        application.setInitializers(others);
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = NO_STARTER;
        return run(application, all);
    }

    static SpringApplication application(Class<?>... sources) {
        SpringApplication application = new SpringApplication(sources);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        return application;
    }

    static ConfigurableApplicationContext run(SpringApplication application, String... settings) {
        return application.run(Stream.concat(Stream.of("logging.level.root=OFF"), Arrays.stream(settings))
                .map(setting -> "--" + setting)
                .toArray(String[]::new));
    }
}
