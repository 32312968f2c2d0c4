package io.mortise.spring.metrics;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Shows the databases to Micrometer, to health checks and to the log, as far as the application has those. */
@AutoConfiguration
public class MetricsAutoConfiguration {
    /** Boot binds it to every registry there is. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    static class Micrometer {
        @Bean(destroyMethod = "close")
        @ConditionalOnMissingBean
        MortiseMetrics mortiseMetrics() {
            return new MortiseMetrics();
        }
    }

    /** A detail of {@code /actuator/health}, with Boot 3. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(org.springframework.boot.actuate.health.HealthIndicator.class)
    static class Health3 {
        @Bean
        org.springframework.boot.actuate.health.HealthIndicator mortiseHealthIndicator(Environment environment) {
            Limits limits = Limits.of(environment);
            return () -> (limits.areKept()
                            ? org.springframework.boot.actuate.health.Health.up()
                            : org.springframework.boot.actuate.health.Health.down())
                    .withDetails(limits.details())
                    .build();
        }
    }

    /** The same with Boot 4, which has moved it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(org.springframework.boot.health.contributor.HealthIndicator.class)
    static class Health4 {
        @Bean
        org.springframework.boot.health.contributor.HealthIndicator mortiseHealthIndicator(Environment environment) {
            Limits limits = Limits.of(environment);
            return () -> (limits.areKept()
                            ? org.springframework.boot.health.contributor.Health.up()
                            : org.springframework.boot.health.contributor.Health.down())
                    .withDetails(limits.details())
                    .build();
        }
    }

    /** Who is busy when a pool has no connection left. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HikariDataSource.class)
    static class Hikari {
        @Bean
        static BeanPostProcessor mortisePoolTimeouts(ApplicationContext context) {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    if (bean instanceof HikariDataSource pool
                            && String.valueOf(pool.getJdbcUrl()).startsWith("jdbc:mortise:")
                            && pool.getMetricRegistry() == null
                            && pool.getMetricsTrackerFactory() == null) {
                        pool.setMetricsTrackerFactory(new PoolTimeouts(asBootDoes(context)));
                    }
                    return bean;
                }
            };
        }

        /** Boot leaves a pool alone that has a factory, so here is what it would have given it. */
        private static MetricsTrackerFactory asBootDoes(ApplicationContext context) {
            return (pool, stats) ->
                    ClassUtils.isPresent("io.micrometer.core.instrument.MeterRegistry", context.getClassLoader())
                            ? Measured.by(context).create(pool, stats)
                            : new IMetricsTracker() {};
        }
    }

    /** Loaded only if Micrometer is there. */
    private static final class Measured {
        static MetricsTrackerFactory by(ApplicationContext context) {
            MeterRegistry registry =
                    context.getBeanProvider(MeterRegistry.class).getIfAvailable();
            return registry == null
                    ? (pool, stats) -> new IMetricsTracker() {}
                    : new MicrometerMetricsTrackerFactory(registry);
        }
    }
}
