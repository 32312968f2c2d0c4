package io.mortise.spring;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.support.JdbcAccessor;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

/**
 * Adds SESSION_IS_LOCKED to what Spring's translators know, and changes nothing else. Each keeps its own way of
 * translating, so an application goes on catching what it caught with plain H2. An application with a translator of its
 * own keeps it.
 */
@AutoConfiguration
@ConditionalOnMissingBean(SQLExceptionTranslator.class)
public class MortiseAutoConfiguration {
    /** Puts ours before the one that a {@link JdbcAccessor}, such as JdbcTemplate, would take by itself. */
    @Bean
    static BeanPostProcessor mortiseJdbcErrors() {
        return new AfterInitialization() {
            @Override
            void initialized(Object bean) {
                if (bean instanceof JdbcAccessor accessor) {
                    accessor.setExceptionTranslator(new MortiseExceptionTranslator(accessor.getExceptionTranslator()));
                }
            }
        };
    }

    /** The same for JPA over Hibernate. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HibernateJpaVendorAdapter.class)
    static class Jpa {
        /** Hibernate's own translation comes after it, for whatever this one does not know. */
        @Bean
        static BeanPostProcessor mortiseJpaErrors() {
            return new AfterInitialization() {
                @Override
                void initialized(Object bean) {
                    if (bean instanceof HibernateJpaVendorAdapter adapter) {
                        adapter.getJpaDialect()
                                .setJdbcExceptionTranslator(new MortiseExceptionTranslator((task, sql, e) -> null));
                    }
                }
            };
        }
    }

    private abstract static class AfterInitialization implements BeanPostProcessor {
        abstract void initialized(Object bean);

        @Override
        public final Object postProcessAfterInitialization(Object bean, String name) {
            initialized(bean);
            return bean;
        }
    }
}
