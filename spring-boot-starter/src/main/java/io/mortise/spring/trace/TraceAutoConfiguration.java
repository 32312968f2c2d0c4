package io.mortise.spring.trace;

import io.opentelemetry.api.trace.Span;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Adds waits to spans where OpenTelemetry's API is on the class path. */
@AutoConfiguration
@ConditionalOnClass(Span.class)
public class TraceAutoConfiguration {
    @Bean(initMethod = "listen", destroyMethod = "close")
    @ConditionalOnMissingBean
    WaitSpans mortiseWaitSpans() {
        return new WaitSpans();
    }
}
