package io.mortise.spring;

import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.util.ClassUtils;

/** Lets Boot's JdbcTemplate know what our errors mean, unless the application has a translator of its own. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
        })
@ConditionalOnSingleCandidate(DataSource.class)
public class MortiseAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    SQLExceptionTranslator mortiseExceptionTranslator(DataSource dataSource) {
        return new MortiseExceptionTranslator(standard(dataSource));
    }

    /** What JdbcTemplate would take by itself: an application's own table of error codes goes first. */
    private static SQLExceptionTranslator standard(DataSource dataSource) {
        ClassLoader application = ClassUtils.getDefaultClassLoader();
        boolean hasCodes = application != null && application.getResource("sql-error-codes.xml") != null;
        return hasCodes ? new SQLErrorCodeSQLExceptionTranslator(dataSource) : new SQLExceptionSubclassTranslator();
    }
}
