package io.mortise.spring.actuate;

import java.sql.SQLException;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Adds {@link MortiseEndpoint} where Actuator is there, and opens the page where {@code mortise.watch} asks for it. */
@AutoConfiguration
public class MortiseEndpointAutoConfiguration {
    private static final String ENDPOINT = "management.endpoint.mortise.";

    /** Only where there is Actuator. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
    static class Actuator {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnAvailableEndpoint(endpoint = MortiseEndpoint.class)
        static MortiseEndpoint mortiseEndpoint(Environment environment, ObjectProvider<DataSource> pools) {
            Binder binder = Binder.get(environment);
            return new MortiseEndpoint(
                    OwnConnections.of(environment, pools),
                    binder.bind(ENDPOINT + "show-values", Show.class).orElse(Show.NEVER),
                    binder.bind(ENDPOINT + "roles", Bindable.setOf(String.class))
                            .orElse(Set.of()));
        }
    }

    /** {@code mortise.watch=http:8085}: the same as {@code ;WATCH=http:8085} in the URL. */
    @Bean
    @ConditionalOnProperty("mortise.watch")
    static SmartInitializingSingleton mortiseWatch(Environment environment, ObjectProvider<DataSource> pools) {
        return () -> {
            String address = environment.getRequiredProperty("mortise.watch");
            DataSource pool = pools.getIfAvailable(() -> {
                throw new IllegalStateException("mortise.watch is set, but there is no DataSource to watch.");
            });
            try (var connection = pool.getConnection();
                    var watch = connection.createStatement()) {
                watch.execute("SET PARAMETER WATCH = '" + address.replace("'", "''") + "'");
            } catch (SQLException e) {
                throw new IllegalStateException("mortise.watch=" + address + ": " + e.getMessage(), e);
            }
        };
    }
}
