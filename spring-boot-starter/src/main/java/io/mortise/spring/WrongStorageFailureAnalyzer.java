package io.mortise.spring;

import io.mortise.engine.error.EngineError;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells an application that starts with another H2 than the thin {@code mortise} artifact needs what to change. It does
 * not happen with this starter alone, whose driver has its H2 inside. Stateless.
 */
final class WrongStorageFailureAnalyzer extends AbstractFailureAnalyzer<SQLException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, SQLException cause) {
        if (cause.getErrorCode() != EngineError.WRONG_STORAGE_VERSION.vendorCode()) {
            return null;
        }
        return new FailureAnalysis(
                cause.getMessage(),
                "Remove io.mortise:mortise from the dependencies, and keep io.mortise:mortise-spring-boot-starter, which brings"
                        + " mortise-all. Or, if you unwrap connections to H2's classes, set the property h2.version to the"
                        + " version that the message names.",
                cause);
    }
}
